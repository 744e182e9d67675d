"""Whether the deployment is founded, and under which genesis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from governance.identity.models.founding import Founding
from ledger.errors import DecisionNeeded
from ledger.selectors.governed import check_decision


@dataclass(frozen=True, slots=True)
class FoundingView:
    """`index` is the place of the genesis change in `_governance/changes`, `genesis` the hex digest of its body."""

    change: str
    index: int
    genesis: str
    at: datetime


def founding() -> FoundingView | None:
    """The founding, or None while everything is done by commands at the server."""
    row = Founding.objects.first()
    return FoundingView(row.change, row.index, row.genesis, row.at) if row is not None else None


def is_founded() -> bool:
    """Whether what a policy governs takes an executed change."""
    return Founding.objects.exists()


def need_decision(change: str | None, decision: str | None) -> None:
    """Raise DecisionNeeded where the deployment is founded and no change is named, and always where the one that is
    named is not being carried out in this transaction. `change` is the type that governs the act; None where none does.
    """
    if decision is not None:
        check_decision(decision, *((change,) if change is not None else ()))
    elif change is not None and is_founded():
        raise DecisionNeeded.for_type(change)
