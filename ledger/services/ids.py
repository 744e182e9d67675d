"""Public ids: UUIDv7 (RFC 9562, section 5.7), made from a time and random bytes that are handed in."""

from __future__ import annotations

import os
import time
import uuid

RANDOM_BYTES = 10


def uuid7(now_ms: int, random: bytes) -> uuid.UUID:
    """The UUIDv7 of `now_ms` (Unix milliseconds) and 10 random bytes, of which 74 bits are used."""
    value = (now_ms & (1 << 48) - 1) << 80 | int.from_bytes(random[:RANDOM_BYTES], "big")
    value = value & ~(0xF << 76) | 7 << 76
    return uuid.UUID(int=value & ~(0x3 << 62) | 2 << 62)


def fresh_id() -> uuid.UUID:
    """A UUIDv7 of now, for rows whose caller brings no time or randomness of its own."""
    return uuid7(time.time_ns() // 1_000_000, os.urandom(RANDOM_BYTES))
