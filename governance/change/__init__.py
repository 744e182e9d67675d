"""Governed change: who may change what, decided by policies as data and signatures over the whole effect."""
