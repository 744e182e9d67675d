"""Large streams, made straight from the core: leaves, windows, checkpoints, receipts, objects and tiles.

Guarantees streams that the product takes for its own: real keys and genesis, a chained `prev`, true roots and
signatures, so that what is sealed, proved or exported of them verifies. Two kinds: `bare` leaves commit to
objects that were never stored (P7, P8), `full` events have theirs (P6, P9).
"""
