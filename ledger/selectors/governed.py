"""Whether the deployment is founded: from then on what a change type governs takes a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ledger.models import Governed


@dataclass(frozen=True, slots=True)
class GovernedView:
    """Since which change (public id), at which leaf of `_governance/changes`, with which genesis (SHA-256 in hex)."""

    change: str
    index: int
    genesis: str
    at: datetime


def governed_since() -> GovernedView | None:
    """The founding, or None while there was none."""
    row = Governed.objects.first()
    return None if row is None else GovernedView(row.change, row.index, row.genesis, row.at)
