"""Who may change what, and the proof that they did."""
