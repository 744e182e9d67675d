"""Where the benchmarks keep things, and how large they are."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "bench" / "requirements.txt"
PEERS = ROOT / "var" / "bench" / "peers"
"""The peers' virtualenv."""


@dataclass(frozen=True)
class Scale:
    """How many rounds, how long each, and how large the streams are. Sizes in leaves, times in seconds."""

    name: str
    rounds: int
    seconds: float
    few_leaves: int
    many_leaves: int
    few_events: int
    many_events: int


FULL = Scale("full", 5, 4.0, 10_000, 10_000_000, 100_000, 1_000_000)
SMALL = Scale("small", 5, 1.0, 10_000, 200_000, 5_000, 50_000)


def scale() -> Scale:
    """The scale that BENCH_SCALE names; `full` unless it says `small`."""
    return SMALL if os.environ.get("BENCH_SCALE") == "small" else FULL


HOME = (ROOT / "var" / "bench" / scale().name).resolve()
"""Server, databases, state and streams that were built before. Remove it and all is made again."""


def say(sentence: str) -> None:
    """One line of progress."""
    print(sentence, flush=True)
