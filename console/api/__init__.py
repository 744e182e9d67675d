"""The JSON door: one class per operation, problems for everything that is refused."""
