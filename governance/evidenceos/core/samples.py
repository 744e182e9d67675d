"""Sequences of buckets that show how a contract answers: as its null says, as its alternative says, and drifted.

Guarantees the same sequences for the same contract: nothing is drawn. Each step takes the bucket that is furthest
behind its share, which follows given chances as closely as whole steps can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from governance.evidenceos.core.nullspec import Contract, DiscreteBuckets, FixedAlternative

STEPS: Final = 48


@dataclass(frozen=True, slots=True)
class Sample:
    """A sequence and what it stands for, in words."""

    words: str
    buckets: tuple[int, ...]


def samples_of(contract: Contract, steps: int = STEPS) -> tuple[Sample, ...]:
    """Return the sequences that tell most of a contract, `steps` long; none twice."""
    chances = null_of(contract)
    rarest = min(range(len(chances)), key=lambda one: chances[one])
    made = (
        Sample("as the null says", following(chances, steps)),
        Sample(*_other(contract, chances, steps)),
        Sample(f"always bucket {rarest}, the rarest", (rarest,) * steps),
    )
    seen = dict[tuple[int, ...], Sample]()
    for one in made:
        seen.setdefault(one.buckets, one)
    return tuple(seen.values())


def null_of(contract: Contract) -> tuple[float, ...]:
    """Return the chance of each bucket under the null."""
    kind = contract.kind
    return kind.p0 if isinstance(kind, DiscreteBuckets) else (1.0 - kind.p, kind.p)


def following(chances: Sequence[float], steps: int) -> tuple[int, ...]:
    """Return a sequence of `steps` buckets whose frequencies stay as close to `chances` as they can."""
    counts, found = [0] * len(chances), list[int]()
    for step in range(1, steps + 1):
        bucket = max(range(len(chances)), key=lambda one: chances[one] * step - counts[one])
        counts[bucket] += 1
        found.append(bucket)
    return tuple(found)


def _other(contract: Contract, chances: Sequence[float], steps: int) -> tuple[str, tuple[int, ...]]:
    if isinstance(contract.eprocess, FixedAlternative):
        return "as the alternative says", following(contract.eprocess.alt, steps)
    equal = 1 / len(chances)
    return "half the way to equal chances", following([(one + equal) / 2 for one in chances], steps)
