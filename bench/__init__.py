"""Benchmarks: the product against its peers, as ratios measured in one run (docs/benchmarks.md)."""
