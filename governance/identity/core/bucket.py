"""The arithmetic of a token bucket. Pure: level and clock come in, level and waiting time go out."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """A bucket holds `capacity` takes and is refilled by `per_second`."""

    capacity: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Taken:
    """What is left, and for how many whole seconds the caller must wait (0: go on)."""

    level: float
    wait: int


def parse_rate(text: str) -> Rate | None:
    """`calls/seconds` as a bucket of `calls` that is full again after `seconds`; None for an empty text.

    Raises ValueError for anything else than two positive numbers.
    """
    if not text:
        return None
    calls, _, seconds = (part.strip() for part in text.partition("/"))
    capacity, period = float(calls), float(seconds or 1)
    if not (1 <= capacity < math.inf and 0 < period < math.inf):
        raise ValueError(text)
    return Rate(capacity=capacity, per_second=capacity / period)


def take(rate: Rate, level: float, elapsed: float, cost: float = 1.0) -> Taken:
    """Take `cost` out of a bucket that held `level` when it was touched `elapsed` seconds ago.

    A refused take leaves the bucket as it is. A clock that runs backwards refills nothing.
    """
    filled = min(rate.capacity, level + max(0.0, elapsed) * rate.per_second)
    if filled >= cost:
        return Taken(filled - cost, 0)
    return Taken(filled, max(1, math.ceil((cost - filled) / rate.per_second)))
