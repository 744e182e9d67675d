"""The offline verifier as it is handed out: one file for a stock Python, the same bytes for everybody."""

from __future__ import annotations

from functools import cache

from ledger.single_file import FILE_NAME, build

__all__ = ["FILE_NAME", "verifier_bytes"]


@cache
def verifier_bytes() -> bytes:
    """The file; built once in each process, since its sources do not change under it."""
    return build()
