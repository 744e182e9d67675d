"""One file for each step that a change can take."""
