"""The log in public form (C2SP tlog-tiles): static resources that anybody's programs read."""
