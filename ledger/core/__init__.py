"""Pure rules of the evidence: no Django, no I/O, no clock, no randomness. The offline verifier imports nothing else."""
