"""Pages of EvidenceOS."""
