"""Makes large streams, step by step, so that progress can be told."""

from __future__ import annotations

import bench.ours.product  # isort: skip  # noqa: F401  sets Django up before the ledger is imported

import os
import time
from collections.abc import Iterator

from bench.ours.making.stream import Building
from ledger.selectors.streams import stream

STEP_SECONDS = 10.0
_growing: dict[str, Iterator[float]] = {}


def begin(name: str, size: int) -> None:
    """Create the stream."""
    _growing[name] = Building(name, size).grow(os.environ["DATABASE_OWNER_URL"])


def advance(name: str) -> float | None:
    """Build on for some seconds; returns the part that is done, None when all is."""
    until = time.monotonic() + STEP_SECONDS
    for part in _growing[name]:
        if time.monotonic() > until:
            return part
    return None


def size(name: str) -> int:
    """Leaves of a stream."""
    return stream("bench", name).signed_size
