"""What to do when guard and database are compared: the recovery table of the durability design, and no more.

Guarantees that the decision rests on re-hashed leaves, never on a stored row alone; that nothing is signed
below or beside what the guard holds; and that whoever applies an action and asks again comes to an end. One
function is one row of the table; the first that has an answer gives it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from ledger.core.head_guard import GuardHead, GuardState, Receipted
from ledger.core.types import Hash

GUARD_AHEAD: Final = "head_guard_ahead"
GUARD_BEHIND: Final = "head_guard_behind"
GUARD_CONFLICT: Final = "head_guard_conflict"
GUARD_MISSING: Final = "head_guard_missing"
GUARD_CORRUPT: Final = "head_guard_corrupt"
GUARD_UNREACHABLE: Final = "head_guard_unreachable"
INTEGRITY: Final = "integrity"


class Unusable(Enum):
    """Why nothing is known of the guard; the value is the code."""

    MISSING = GUARD_MISSING
    CORRUPT = GUARD_CORRUPT
    UNREACHABLE = GUARD_UNREACHABLE


class Step(Enum):
    """What is to be done."""

    NONE = "none"
    ADVANCE_RECEIPTED = "advance_receipted"
    REDO_FROM_PREPARED = "redo_from_prepared"
    SIGN_GUARD_TEXT = "sign_guard_text"
    RECREATE_ROW = "recreate_row"
    RECORD = "record"
    REFUSE = "refuse"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Action:
    """A step and what it needs.

    `ADVANCE_RECEIPTED`: `receipted` goes into the guard. `REDO_FROM_PREPARED`: S2 to S8 of the row.
    `SIGN_GUARD_TEXT`, `RECREATE_ROW`: of `head`. `RECORD`: an event with `code`, and `head` goes into the
    guard. `REFUSE`: append and seal answer 503 with `code` until it is otherwise. `STOP`: until a person has
    acted.
    """

    step: Step
    code: str = ""
    receipted: Receipted | None = None
    head: GuardHead | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen: the guard first, then one snapshot of the database, then the same guard again.

    `size` counts leaves; `leaf_hash(index)` and `root(size)` re-hash them. `signed` is the newest stored
    note, `prepared` the row. `witnessed` are heads under the log's own signature that witnesses told; None
    while the configured ones have not answered.
    """

    guard: GuardState | Unusable
    size: int
    leaf_hash: Callable[[int], Hash]
    root: Callable[[int], Hash]
    signed: GuardHead | None
    prepared: GuardHead | None
    witnessed: tuple[GuardHead, ...] | None = ()


def decide(seen: Seen) -> Action:
    """The one action that the table names for what was seen. Apply it, look again, until it is NONE, REFUSE
    or STOP.
    """
    if isinstance(seen.guard, Unusable):
        return _without_guard(seen, seen.guard)
    answers = (row(seen, seen.guard) for row in _ROWS)
    return next((answer for answer in answers if answer is not None), Action(Step.NONE))


def _without_guard(seen: Seen, reason: Unusable) -> Action:
    """The guard is made before the genesis leaf: where there is a leaf, its absence is a loss."""
    if reason is Unusable.UNREACHABLE:
        return Action(Step.REFUSE, reason.value)
    if reason is Unusable.MISSING and seen.size == 0:
        return Action(Step.NONE)
    return Action(Step.STOP, reason.value)


def _receipted_ahead(seen: Seen, guard: GuardState) -> Action | None:
    held = guard.receipted
    if held is None or (held.size <= seen.size and seen.leaf_hash(held.size - 1) == held.leaf_hash):
        return None
    return Action(Step.STOP, GUARD_AHEAD)


def _ahead_of_leaves(seen: Seen, guard: GuardState) -> Action | None:
    if any(head.size > seen.size for head in _outside(seen, guard)):
        return Action(Step.STOP, GUARD_AHEAD)
    return None


def _roots_differ(seen: Seen, guard: GuardState) -> Action | None:
    if any(head.root != seen.root(head.size) for head in _outside(seen, guard)):
        return Action(Step.STOP, GUARD_CONFLICT)
    return None


def _rows_differ(seen: Seen, _guard: GuardState) -> Action | None:
    """The database contradicts itself: no row of it may be signed or resumed."""
    rows = [row for row in (seen.signed, seen.prepared) if row is not None]
    if any(row.size > seen.size or row.root != seen.root(row.size) for row in rows):
        return Action(Step.STOP, INTEGRITY)
    if seen.prepared is not None and seen.prepared.size <= _size(seen.signed):
        return Action(Step.STOP, INTEGRITY)
    return None


def _behind_signed(seen: Seen, guard: GuardState) -> Action | None:
    """The guard lost writes: it gets the largest head that is known, of notes and witnesses."""
    if seen.signed is None or _size(guard.head) >= seen.signed.size:
        return None
    if seen.witnessed is None:
        return Action(Step.REFUSE, GUARD_BEHIND)
    newest = max((seen.signed, *_outside(seen, guard)), key=_size)
    return Action(Step.RECORD, GUARD_BEHIND, head=newest)


def _receipted_behind(seen: Seen, guard: GuardState) -> Action | None:
    if (guard.receipted.size if guard.receipted else 0) >= seen.size:
        return None
    newest = Receipted(seen.size, seen.leaf_hash(seen.size - 1))
    return Action(Step.ADVANCE_RECEIPTED, receipted=newest)


def _ahead_of_signed(seen: Seen, guard: GuardState) -> Action | None:
    """The guard wins: its text and no smaller one is signed, from the row where that is the same.

    A row beyond it (a late sealer swapped while leaves were refilled) extends it, and is left to be redone.
    """
    head = max(_outside(seen, guard), key=_size, default=None)
    if head is None or head.size <= _size(seen.signed):
        return None
    if seen.prepared == head:
        return Action(Step.SIGN_GUARD_TEXT, head=head)
    return Action(Step.RECREATE_ROW, head=head) if _size(seen.prepared) < head.size else None


def _prepared(seen: Seen, _guard: GuardState) -> Action | None:
    return Action(Step.REDO_FROM_PREPARED, head=seen.prepared) if seen.prepared is not None else None


def _outside(seen: Seen, guard: GuardState) -> Iterator[GuardHead]:
    """Heads that the database cannot have rolled back."""
    if guard.head is not None:
        yield guard.head
    yield from seen.witnessed or ()


def _size(head: GuardHead | None) -> int:
    return head.size if head is not None else 0


_ROWS: Final[tuple[Callable[[Seen, GuardState], Action | None], ...]] = (
    _receipted_ahead,
    _ahead_of_leaves,
    _roots_differ,
    _rows_differ,
    _behind_signed,
    _receipted_behind,
    _ahead_of_signed,
    _prepared,
)
