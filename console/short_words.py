"""Fingerprints as short words: the verifier's own list."""

from __future__ import annotations

from ledger.core.short_words import WORDS, WORDS_TOLD, spoken

__all__ = ["WORDS", "WORDS_TOLD", "spoken"]
