"""Writes: one job per file. Doors and tasks call these and nothing below."""
