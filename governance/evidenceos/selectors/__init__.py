"""What can be asked about governed data directories; nothing here writes."""
