"""The offline verifier as it is handed out: one file for a stock Python."""

from __future__ import annotations

FILE_NAME = "countersign-verify.py"


def verifier_bytes() -> bytes:
    """The file's bytes; the same for everybody, so that its SHA-256 can be compared."""
    raise NotImplementedError
