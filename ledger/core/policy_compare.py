"""Two witness policies beside each other: the same rule, or a looser one.

Names are local to a policy, so witnesses are compared by their public keys. Follows C2SP tlog-policy for
what a rule is.
"""

from __future__ import annotations

from itertools import combinations
from typing import Final

from ledger.core.witness_policy import Policy

MAX_WITNESSES: Final = 10
"""Up to so many witnesses every set of them is tried; beyond, only a fall to `quorum none` is told."""


def same_rule(one: Policy, other: Policy) -> bool:
    """Whether the same sets of witnesses meet both policies (beyond ten witnesses: whether they are spelled
    alike).
    """
    publics = _publics(one, other)
    if len(publics) > MAX_WITNESSES:
        return (one.witnesses, one.groups, one.quorum) == (other.witnesses, other.groups, other.quorum)
    return all(_met(one, chosen) == _met(other, chosen) for chosen in _subsets(publics))


def loosened(old: Policy, new: Policy) -> bool:
    """Whether some set of witnesses meets `new` that did not meet `old`."""
    publics = _publics(old, new)
    if len(publics) > MAX_WITNESSES:
        return new.quorum is None and old.quorum is not None
    return any(_met(new, chosen) and not _met(old, chosen) for chosen in _subsets(publics))


def _publics(*policies: Policy) -> list[bytes]:
    return sorted({witness.vkey.public for policy in policies for witness in policy.witnesses})


def _subsets(publics: list[bytes]) -> list[frozenset[bytes]]:
    return [frozenset(chosen) for size in range(len(publics) + 1) for chosen in combinations(publics, size)]


def _met(policy: Policy, chosen: frozenset[bytes]) -> bool:
    return policy.met_by([witness.name for witness in policy.witnesses if witness.vkey.public in chosen])
