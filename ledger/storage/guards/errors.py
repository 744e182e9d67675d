"""Refusals of the head guard, each with its code and what a platform operator does next.

Guarantees that a guard which cannot be asked (503, ends by itself) is never confused with a guard that
contradicts the database (the stream stops until a person has looked). Design: durability, recovery.
"""

from __future__ import annotations

from typing import Final

from ledger.core import recovery
from ledger.errors import FatalError, IntegrityLost, LedgerError, RequestError


class HeadGuardUnreachable(RequestError):
    """The guard does not answer, or cannot promise durability: append and seal wait, reads go on."""

    code = recovery.GUARD_UNREACHABLE
    default_next = "Bring the guard back and send the call again; events that were committed are kept."


class HeadGuardBehind(RequestError):
    """The guard lost writes, and the witnesses have not answered yet."""

    code = recovery.GUARD_BEHIND
    default_next = (
        "Find out why the guard lost writes, and hand in what every witness says: head_guard_witnessed NS/NAME."
    )


class HeadGuardAhead(FatalError):
    """The guard knows of receipts or a checkpoint that the database lacks: it was rolled back."""

    code = recovery.GUARD_AHEAD
    default_next = (
        "Put back a newer backup or replica, or the missing leaves from entry bundles: stream_refill --dry-run; "
        "else open a successor: stream_continue."
    )


class HeadGuardConflict(FatalError):
    """Guard and database hold different leaves or roots for one size."""

    code = recovery.GUARD_CONFLICT
    default_next = "Keep guard and database as they are, both; nothing is repaired by choosing one."


class HeadGuardMissing(FatalError):
    """There are leaves, and no guard for them."""

    code = recovery.GUARD_MISSING
    default_next = (
        "Mount or restore the guard; a new one is an emergency act on the record, after asking every witness."
    )


class HeadGuardCorrupt(FatalError):
    """What the guard holds is not a guard's document of this origin."""

    code = recovery.GUARD_CORRUPT
    default_next = "Keep the document; a new guard is an emergency act on the record, after asking every witness."


_ALL: Final[tuple[type[LedgerError], ...]] = (
    HeadGuardUnreachable,
    HeadGuardBehind,
    HeadGuardAhead,
    HeadGuardConflict,
    HeadGuardMissing,
    HeadGuardCorrupt,
    IntegrityLost,
)
BY_CODE: Final = {error.code: error for error in _ALL}
"""The error to raise for the code of a recovery action."""
GUARD_ERRORS: Final = tuple(error for error in _ALL if error is not IntegrityLost)
"""What only the guard's word ends: decided anew each time. Stored as a stop is only what a witness said."""
