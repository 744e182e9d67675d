"""What the pages of EvidenceOS show: plots, a contract that is forming, a claim, the registry."""
