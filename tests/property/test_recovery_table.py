"""The recovery table, row by row, and over everything that can be seen of a small log."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.core import merkle
from ledger.core.head_guard import GuardHead, GuardState, Receipted
from ledger.core.recovery import Action, Seen, Step, Unusable, decide
from ledger.core.types import Hash

OURS = [merkle.leaf_hash(bytes([number])) for number in range(9)]
OTHERS = [*OURS[:3], *(merkle.leaf_hash(bytes([number, 1])) for number in range(3, 9))]
"""A branch that parts from ours at leaf 3."""
SIZE = 6


def head(size: int, leaves: list[Hash] = OURS) -> GuardHead:
    return GuardHead(size, merkle.root(leaves[:size]))


def guard(receipted: int, signed: int, leaves: list[Hash] = OURS) -> GuardState:
    return GuardState(
        Receipted(receipted, leaves[receipted - 1]) if receipted else None,
        head(signed, leaves) if signed else None,
    )


def seen(
    held: GuardState | Unusable, *, signed: int = 0, prepared: int = 0,
    witnessed: tuple[GuardHead, ...] | None = (),
) -> Seen:  # fmt: skip
    def rehashed(size: int) -> Hash:
        assert size <= SIZE, "never asked about leaves that are not there"
        return merkle.root(OURS[:size])

    return Seen(
        guard=held,
        size=SIZE,
        leaf_hash=OURS[:SIZE].__getitem__,
        root=rehashed,
        signed=head(signed) if signed else None,
        prepared=head(prepared) if prepared else None,
        witnessed=witnessed,
    )


CURRENT = guard(SIZE, 4)
NEWEST = Receipted(SIZE, OURS[SIZE - 1])
ROWS: dict[str, tuple[Seen, Action]] = {
    "nothing to do": (seen(CURRENT, signed=4), Action(Step.NONE)),
    "receipted behind": (seen(guard(5, 4), signed=4), Action(Step.ADVANCE_RECEIPTED, receipted=NEWEST)),
    "nothing receipted yet": (seen(GuardState()), Action(Step.ADVANCE_RECEIPTED, receipted=NEWEST)),
    "receipted ahead": (seen(guard(7, 4), signed=4), Action(Step.STOP, "head_guard_ahead")),
    "another receipted leaf": (seen(guard(5, 3, OTHERS), signed=3), Action(Step.STOP, "head_guard_ahead")),
    "prepared, not swapped": (
        seen(CURRENT, signed=4, prepared=6),
        Action(Step.REDO_FROM_PREPARED, head=head(6)),
    ),
    "first seal, not swapped": (seen(guard(6, 0), prepared=6), Action(Step.REDO_FROM_PREPARED, head=head(6))),
    "swapped, not signed": (
        seen(guard(6, 6), signed=4, prepared=6),
        Action(Step.SIGN_GUARD_TEXT, head=head(6)),
    ),
    "guard ahead of all rows": (seen(guard(6, 6), signed=4), Action(Step.RECREATE_ROW, head=head(6))),
    "an older row": (seen(guard(6, 6), signed=3, prepared=4), Action(Step.RECREATE_ROW, head=head(6))),
    "guard ahead of the leaves": (
        seen(replace(CURRENT, head=head(7)), signed=4),
        Action(Step.STOP, "head_guard_ahead"),
    ),
    "guard lost writes": (
        seen(guard(6, 3), signed=4),
        Action(Step.RECORD, "head_guard_behind", head=head(4)),
    ),
    "guard lost its first head": (
        seen(guard(6, 0), signed=4),
        Action(Step.RECORD, "head_guard_behind", head=head(4)),
    ),
    "guard lost writes, nobody asked": (
        seen(guard(6, 3), signed=4, witnessed=None),
        Action(Step.REFUSE, "head_guard_behind"),
    ),
    "guard lost writes, a witness knows more": (
        seen(guard(6, 3), signed=4, witnessed=(head(3), head(8))),
        Action(Step.STOP, "head_guard_ahead"),
    ),
    "guard lost writes, a witness is ahead of the notes": (
        seen(guard(6, 3), signed=4, witnessed=(head(5),)),
        Action(Step.RECORD, "head_guard_behind", head=head(5)),
    ),
    "a witness is ahead of the notes": (
        seen(guard(6, 4), signed=4, witnessed=(head(6),)),
        Action(Step.RECREATE_ROW, head=head(6)),
    ),
    "roots differ": (
        seen(GuardState(NEWEST, head(5, OTHERS)), signed=5),
        Action(Step.STOP, "head_guard_conflict"),
    ),
    "a witness saw another root": (
        seen(CURRENT, signed=4, witnessed=(head(5, OTHERS),)),
        Action(Step.STOP, "head_guard_conflict"),
    ),
    "missing": (seen(Unusable.MISSING, signed=4), Action(Step.STOP, "head_guard_missing")),
    "missing before the first seal": (seen(Unusable.MISSING), Action(Step.STOP, "head_guard_missing")),
    "missing before the genesis": (replace(seen(Unusable.MISSING), size=0), Action(Step.NONE)),
    "corrupt": (seen(Unusable.CORRUPT, signed=4), Action(Step.STOP, "head_guard_corrupt")),
    "corrupt before the genesis": (
        replace(seen(Unusable.CORRUPT), size=0),
        Action(Step.STOP, "head_guard_corrupt"),
    ),
    "unreachable": (seen(Unusable.UNREACHABLE, signed=4), Action(Step.REFUSE, "head_guard_unreachable")),
    "a note of another root": (
        replace(seen(CURRENT), signed=head(4, OTHERS)),
        Action(Step.STOP, "integrity"),
    ),
    "a note of more leaves": (replace(seen(CURRENT), signed=head(7)), Action(Step.STOP, "integrity")),
    "a row of another root": (
        replace(seen(CURRENT, signed=4), prepared=head(6, OTHERS)),
        Action(Step.STOP, "integrity"),
    ),
    "a row that is signed": (seen(CURRENT, signed=4, prepared=4), Action(Step.STOP, "integrity")),
    "a row beyond an unsigned head": (
        seen(guard(6, 5), signed=4, prepared=6),
        Action(Step.REDO_FROM_PREPARED, head=head(6)),
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_the_table_answers(name: str) -> None:
    given_this, expected = ROWS[name]
    assert decide(given_this) == expected


branches = st.sampled_from([OURS, OTHERS])


@st.composite
def anything_seen(draw: st.DrawFn) -> Seen:
    receipted = draw(st.integers(0, 8))
    held = GuardState(
        Receipted(receipted, draw(branches)[receipted - 1]) if receipted else None,
        draw(heads(receipted)),
    )
    witnessed = draw(st.none() | st.lists(heads(8), max_size=2).map(lambda some: tuple(filter(None, some))))
    known = seen(draw(st.just(held) | st.sampled_from(Unusable)), witnessed=witnessed)
    return replace(known, signed=draw(heads(8)), prepared=draw(heads(8)))


@st.composite
def heads(draw: st.DrawFn, most: int) -> GuardHead | None:
    size = draw(st.integers(0, most))
    return head(size, draw(branches)) if size else None


@settings(max_examples=500)
@given(anything_seen())
def test_nothing_is_signed_below_or_beside_what_is_known_outside(some: Seen) -> None:
    action = decide(some)
    if action.head is None or not isinstance(some.guard, GuardState):
        return
    outside = [some.guard.head, *(some.witnessed or ())]
    assert action.head == head(action.head.size)
    assert all(action.head.size >= one.size for one in outside if one is not None)


@settings(max_examples=500)
@given(anything_seen())
def test_going_on_means_that_the_database_holds_all_that_is_known_outside(some: Seen) -> None:
    action = decide(some)
    if action.step in {Step.STOP, Step.REFUSE}:
        return
    assert isinstance(some.guard, GuardState)
    held = some.guard.receipted
    assert held is None or OURS[:SIZE][held.size - 1] == held.leaf_hash
    for one in (some.guard.head, *(some.witnessed or ()), some.signed, some.prepared):
        assert one is None or one == head(min(one.size, SIZE))


@settings(max_examples=500)
@given(anything_seen())
def test_applied_and_asked_again_it_comes_to_an_end(some: Seen) -> None:
    for _ in range(8):
        action = decide(some)
        if action.step in {Step.NONE, Step.REFUSE, Step.STOP}:
            return
        some = applied(some, action)
    pytest.fail(f"still {decide(some)}")


def applied(some: Seen, action: Action) -> Seen:
    """As a caller does it; redone and signed means: swapped, signed, stored, the row gone."""
    assert isinstance(some.guard, GuardState)
    if action.receipted is not None:
        return replace(some, guard=replace(some.guard, receipted=action.receipted))
    if action.step is Step.RECREATE_ROW:
        return replace(some, prepared=action.head)
    guarded = replace(some, guard=replace(some.guard, head=action.head))
    return guarded if action.step is Step.RECORD else replace(guarded, signed=action.head, prepared=None)
