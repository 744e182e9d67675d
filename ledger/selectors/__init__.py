"""Reads: frozen dataclasses, derived from the leaves' bytes where it matters."""
