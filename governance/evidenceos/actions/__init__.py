"""What is done to governed data directories, each with its record."""
