"""A sample that anybody can draw again, and what it tells: the chance that it would have met damage.

A sample of n out of N without replacement misses all of D damaged ones with probability C(N-D, n) / C(N, n), the
hypergeometric distribution, written as a product of as many factors as the smaller of n and D.
"""

from __future__ import annotations

from hashlib import sha256
from math import ceil, prod


def chance_to_meet(total: int, damaged: int, sample: int) -> float:
    """Probability that `sample` of `total`, drawn without replacement, hold at least one of `damaged`."""
    if not 0 <= damaged <= total or not 0 <= sample <= total:
        raise ValueError("neither damage nor sample is larger than the whole")
    fewer, other = sorted((damaged, sample))
    if fewer + other > total:
        return 1.0
    return 1.0 - prod((total - other - place) / (total - place) for place in range(fewer))


def damaged_at(total: int, share: float) -> int:
    """How many of `total` a `share` of them is, rounded up: any damage is at least one."""
    return max(1, ceil(total * share)) if total else 0


def drawn(seed: str, total: int, count: int) -> list[int]:
    """Return `count` of the numbers below `total`, ascending, by a seed.

    SHA-256(seed 0 counter in decimal) as a number modulo `total`, for counters from 0 on, without repetitions; where
    more than half are asked for, those that are left out are drawn. Raises ValueError for more than there are.
    """
    if not 0 <= count <= total:
        raise ValueError("a sample is not larger than the whole")
    left_out = 2 * count > total
    wanted, chosen, counter = total - count if left_out else count, set[int](), 0
    while len(chosen) < wanted:
        chosen.add(int.from_bytes(sha256(f"{seed}\0{counter}".encode()).digest()) % total)
        counter += 1
    return [index for index in range(total) if index not in chosen] if left_out else sorted(chosen)
