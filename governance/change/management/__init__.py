"""Commands of governed change."""
