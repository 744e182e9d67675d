"""Decisions: what only an executed change may do from the founding on, asked by the services that do it.

Guarantees that a governed service without a decision has no effect in a founded deployment, whichever door it was
called through, and that what it writes names the change it follows. That the change was approved and is carried out
once is its caller's promise (`governance.change`), and every reader's to check offline.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection

from ledger.core.types import JSON
from ledger.errors import DecisionNeeded
from ledger.models import Governed
from ledger.selectors.governed import governed_since
from ledger.selectors.streams import written_to

CHANGES: Final = ("_governance", "changes")
_FOUNDING: Final = "SELECT pg_advisory_xact_lock(hashtext('ledger_governed'))"
_ACTING: Final = "SELECT pg_advisory_xact_lock_shared(hashtext('ledger_governed'))"


def begin(change: str, *, index: int, genesis: str, at: datetime) -> None:
    """Write down that decisions are needed from now on, in the founding's transaction.

    `change` is the genesis change's public id, `index` its leaf in `_governance/changes`, `genesis` its SHA-256 in hex.
    Acts without a decision that are under way are waited for. A second founding is refused by the database
    (IntegrityError).
    """
    wait_for_acts()
    Governed(change=change, index=index, genesis=genesis, at=at).save(force_insert=True)


def wait_for_acts() -> None:
    """Wait for acts without a decision that are under way, and hold back new ones until the transaction ends.

    A founding calls it before it locks any head: those acts hold this lock while they wait for a head.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FOUNDING)


def require(decision: str | None, change_type: str) -> None:
    """Raise DecisionNeeded, naming the type to draft, where the deployment is founded and no decision is given.

    Inside a transaction that holds until its end: a founding meanwhile waits.
    """
    if decision:
        return
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(_ACTING)
    if governed_since() is not None:
        raise DecisionNeeded.for_type(change_type)


def reference(decision: str | None) -> JSON:
    """How a leaf names the change it follows: the log that holds its record, and its public id."""
    if not decision:
        return None
    return {"origin": written_to(*CHANGES).origin, "change": decision}
