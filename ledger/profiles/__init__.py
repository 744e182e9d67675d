"""JSON Schemas (draft 2020-12) of the event profiles, one file per type."""
