"""Time and randomness of one mutation, handed in as an argument, and the ids made from them.

Guarantees that no rule below a door reads a clock or a random source by itself. Ids follow RFC 9562, section
5.7.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ledger.services.ids import RANDOM_BYTES, uuid7

__all__ = ["RANDOM_BYTES", "Moment", "uuid7"]


@dataclass(frozen=True)
class Moment:
    """When a mutation happens (UTC) and where its random bytes come from."""

    now: datetime
    entropy: Callable[[int], bytes]

    def new_id(self) -> uuid.UUID:
        """A fresh public id of this moment."""
        return uuid7(int(self.now.timestamp() * 1000), self.entropy(RANDOM_BYTES))
