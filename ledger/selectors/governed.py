"""Whether the deployment is founded, and which change is being carried out: what governed services ask.

Guarantees that a decision is the id of a change that is carried out in this very transaction, and of a kind that
governs what is done: any other string is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from ledger.errors import DecisionNeeded
from ledger.models import Governed

CARRIED_OUT = "countersign.carried_out"
"""The setting, of one transaction, that holds the id of the change and the kinds that it may do."""


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


def check_decision(decision: str, *change_types: str) -> None:
    """Raise DecisionNeeded, naming the first type, unless `decision` is the change that is being carried out in this
    transaction and it may do what one of the types governs; without types, whatever it may do.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true)", [CARRIED_OUT])
        change, *kinds = (cursor.fetchone()[0] or " ").split(" ")
    if not change or change != decision or (change_types and not {*change_types} & {*kinds}):
        raise DecisionNeeded.for_decision(decision, *change_types)
