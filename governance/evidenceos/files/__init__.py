"""The disk: data directories read, locked and written; nothing here knows a row."""
