"""What can be asked about governed change; nothing here writes."""
