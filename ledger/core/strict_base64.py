"""Base64 with exactly one text for each byte string.

Guarantees that no two different texts decode to the same bytes: RFC 4648 section 4 with full padding and zero
trailing bits, no white space, no foreign characters. DSSE 1.0.2 alone lets the URL-safe alphabet and absent
padding in.
"""

from __future__ import annotations

from base64 import b64decode, b64encode

_URL_SAFE = str.maketrans("-_", "+/")


def encode(data: bytes) -> str:
    """Write `data` in standard base64 with padding."""
    return b64encode(data).decode("ascii")


def decode(text: str) -> bytes:
    """Read standard, padded, canonical base64; raise ValueError for anything else (RFC 4648, 3.3 and 3.5)."""
    data = b64decode(text.encode("ascii"), validate=True)
    if encode(data) != text:
        raise ValueError("not the canonical base64 of its bytes")
    return data


def decode_either(text: str) -> bytes:
    """Read standard or URL-safe base64, padded in full or not at all; raise ValueError (DSSE 1.0.2)."""
    characters = set(text)
    if characters & {"-", "_"} and characters & {"+", "/"}:
        raise ValueError("the standard and the URL-safe alphabet are mixed")
    padding = "" if "=" in characters else "=" * (-len(text) % 4)
    return decode(text.translate(_URL_SAFE) + padding)
