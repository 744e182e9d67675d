"""PostgreSQL as Django knows it, with a pool that hands out no connection which a crash has ended."""
