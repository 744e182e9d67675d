"""EvidenceOS under governance: its files read, verified and written byte for byte as its daemon takes them."""
