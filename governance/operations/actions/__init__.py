"""One file for each mutation."""
