"""Time and randomness of one mutation, handed in as an argument, and the ids made from them.

Guarantees that no rule below a door reads a clock or a random source by itself. Ids follow RFC 9562, section 5.7.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

_TIMESTAMP_BITS = 48
RANDOM_BYTES = 10


def uuid7(now_ms: int, random: bytes) -> uuid.UUID:
    """The UUIDv7 of `now_ms` (Unix milliseconds, 48 bits) and 10 random bytes (74 bits of them are used).

    Raises ValueError when either does not fit. RFC 9562, section 5.7.
    """
    if not 0 <= now_ms < 1 << _TIMESTAMP_BITS:
        message = "now_ms must fit into 48 bits"
        raise ValueError(message)
    if len(random) != RANDOM_BYTES:
        message = "uuid7 takes exactly 10 random bytes"
        raise ValueError(message)
    value = now_ms << 80 | int.from_bytes(random, "big")
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0x3 << 62) | 2 << 62
    return uuid.UUID(int=value)


@dataclass(frozen=True)
class Moment:
    """When a mutation happens (UTC) and where its random bytes come from."""

    now: datetime
    entropy: Callable[[int], bytes]

    def new_id(self) -> uuid.UUID:
        """A fresh public id of this moment."""
        return uuid7(int(self.now.timestamp() * 1000), self.entropy(RANDOM_BYTES))
