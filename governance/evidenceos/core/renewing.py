"""How the weights of a contract's e-process differ from those of the one that it follows."""

from __future__ import annotations

from governance.evidenceos.core.floats import serde_float
from governance.evidenceos.core.nullspec import Contract, Dirichlet

_SHOWN = 8


def weights_told(before: Contract | None, after: Contract) -> str:
    """In a sentence; '' where both have the same, or where one has none."""
    old, new = (_weights(one) for one in (before, after))
    if not old or not new or old == new:
        return ""
    return f"The weights (alpha) of the e-process were {words_of(old)}, and are {words_of(new)} in this contract."


def words_of(weights: tuple[float, ...]) -> str:
    """`1.0 for each of 3 buckets`, or each of them as it is written."""
    if len(set(weights)) == 1:
        return f"{serde_float(weights[0])} for each of {len(weights)} buckets"
    more = f" and {len(weights) - _SHOWN} more" if len(weights) > _SHOWN else ""
    return ", ".join(map(serde_float, weights[:_SHOWN])) + more


def are_unequal(contract: Contract) -> bool:
    """Whether its buckets have weights of their own, which `evidenceosctl` and the form of authoring cannot give."""
    return len(set(_weights(contract))) > 1


def _weights(contract: Contract | None) -> tuple[float, ...]:
    held = contract.eprocess if contract is not None else None
    return held.alpha if isinstance(held, Dirichlet) else ()
