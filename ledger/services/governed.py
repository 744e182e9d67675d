"""Decisions: what only an executed change may do from the founding on, asked by the services that do it.

Guarantees that a governed service without a decision has no effect in a founded deployment, whichever door it was
called through; that the decision is a change that is being carried out in the same transaction; and that what it
writes names the change it follows. That the change was approved and is carried out once is its caller's promise
(`governance.change`), and every reader's to check offline.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from ledger.core.types import JSON
from ledger.errors import DecisionNeeded
from ledger.models import Governed
from ledger.selectors.governed import CARRIED_OUT, check_decision, governed_since
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


@contextmanager
def carrying_out(change: str, *change_types: str) -> Iterator[None]:
    """Within it, in the transaction that is open, `change` (a public id) is a decision for what these types govern.

    All or nothing, and over at its end: what comes after it in the same transaction has no decision.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A change is carried out in a transaction of its own step")
    with transaction.atomic():
        _carried_out(" ".join([change, *change_types]))
        yield
        _carried_out("")


def _carried_out(told: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [CARRIED_OUT, told])


def require(decision: str | None, change_type: str, *or_else: str) -> None:
    """Raise DecisionNeeded, naming the type to draft, where the deployment is founded and no decision is given, and
    always where the one that is given is no change of these types that is being carried out now.

    Inside a transaction that holds until its end: a founding meanwhile waits.
    """
    if decision is not None:
        check_decision(decision, change_type, *or_else)
        return
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute(_ACTING)
    if governed_since() is not None:
        raise DecisionNeeded.for_type(change_type)


def reference(decision: str | None) -> JSON:
    """How a leaf names the change it follows: the log that holds its record, and its public id.

    Raises DecisionNeeded for anything but the change that is being carried out now.
    """
    if decision is None:
        return None
    check_decision(decision)
    return {"origin": written_to(*CHANGES).origin, "change": decision}
