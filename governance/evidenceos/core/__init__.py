"""The formats of EvidenceOS, pure: readers that refuse, writers that are exact. No clock, no rows, no framework."""
