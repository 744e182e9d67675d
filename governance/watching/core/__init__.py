"""Pure rules of watching: buckets of time, marks of paths, and when an episode begins and ends."""
