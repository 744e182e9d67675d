"""E-values of a NullSpec contract over a sequence of buckets, in the daemon's order of operations.

Guarantees the same double after every step, and a refusal where the daemon refuses. Rule: reference, section 1.3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from governance.evidenceos.core.buckets import total_of
from governance.evidenceos.core.nullspec import (
    Contract,
    Dirichlet,
    DiscreteBuckets,
    FixedAlternative,
    ParametricBernoulli,
)
from governance.evidenceos.core.nullspec_checks import ALTERNATIVES
from governance.evidenceos.errors import BucketOutOfRange


@dataclass(frozen=True, slots=True)
class Evidence:
    """An e-process after some buckets: its value, and the counts that the Dirichlet mixture learns from."""

    e: float = 1.0
    counts: tuple[int, ...] = ()
    total: int = 0


def after(contract: Contract, before: Evidence, bucket: int) -> Evidence:
    """Return the e-process after one more bucket; raises BucketOutOfRange with the reason."""
    kind, eprocess = contract.kind, contract.eprocess
    if isinstance(kind, DiscreteBuckets) and isinstance(eprocess, Dirichlet):
        return _mixture(kind.p0, eprocess.alpha, before, bucket)
    if isinstance(kind, ParametricBernoulli) and isinstance(eprocess, FixedAlternative):
        return Evidence(_ratio(kind.p, eprocess.alt, before.e, bucket), before.counts, before.total)
    raise _undefined("kind and e-process do not go together")


def sequence(contract: Contract, buckets: Iterable[int]) -> list[float]:
    """Return the e-value after each bucket of a sequence that begins with 1; raises BucketOutOfRange."""
    state, found = Evidence(), []
    for bucket in buckets:
        state = after(contract, state, bucket)
        found.append(state.e)
    return found


def _mixture(p0: tuple[float, ...], alpha: tuple[float, ...], before: Evidence, bucket: int) -> Evidence:
    counts = before.counts or (0,) * len(p0)
    if not len(counts) == len(p0) == len(alpha):
        raise _undefined(f"{len(p0)} probabilities, {len(alpha)} weights and {len(counts)} counts")
    if not 0 <= bucket < len(p0):
        raise _undefined(f"there is no bucket {bucket} among {len(p0)}")
    if p0[bucket] <= 0 or not all(isfinite(one) and one >= 0 for one in p0):
        raise _undefined("a probability is not above 0")
    if not all(isfinite(one) and one > 0 for one in alpha):
        raise _undefined("a weight is not above 0")
    predicted = (float(counts[bucket]) + alpha[bucket]) / (float(before.total) + total_of(alpha))
    learned = tuple(count + (place == bucket) for place, count in enumerate(counts))
    return Evidence(_finite(before.e * (predicted / p0[bucket])), learned, before.total + 1)


def _ratio(p: float, alt: tuple[float, ...], e: float, bucket: int) -> float:
    if len(alt) != ALTERNATIVES or not 0 < p < 1:
        raise _undefined("p is not between 0 and 1, or there are not two alternatives")
    if bucket not in (0, 1):
        raise _undefined(f"there is no bucket {bucket} among two")
    return _finite(e * (alt[bucket] / (p if bucket else 1.0 - p)))


def _finite(e: float) -> float:
    if not isfinite(e) or e < 0:
        raise _undefined("the e-value leaves the doubles")
    return e


def _undefined(why: str) -> BucketOutOfRange:
    return BucketOutOfRange("There is no e-value for this", why=why, path="$")
