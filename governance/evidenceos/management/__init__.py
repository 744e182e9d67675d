"""Commands of EvidenceOS."""
