"""The goals of the performance table, one module each: `run(house)` measures it and returns its outcome."""
