"""Every crash and every restore of a small ledger: no order of events breaks a promise.

The searches are exhaustive within their limits and use the product's own recovery table. The orders of writes
that were rejected are searched likewise and do break promises: the model can fail.
"""

from __future__ import annotations

import pytest

from tests.property.crash_search import Found, search
from tests.property.crash_world import Limits, Order

RACES = Limits(database_restores=0, guard_restores=0, appenders=1)
RESTORED = Limits(seals=1, guard_restores=0, sealers=1)
RESTORED_TWICE = Limits(seals=1, database_restores=2, guard_restores=0, appenders=1, sealers=1)
GUARD_RESTORED = Limits(seals=1, database_restores=0, sealers=1)
BOTH_IN_TURN = Limits(appends=2, seals=1, appenders=1, sealers=1)
TWO_SEALS = Limits(appends=2, guard_restores=0, appenders=1, sealers=1)
SMALL = Limits(seals=1, guard_restores=0, appenders=1, sealers=1)
"""Three appends, but two where seals or restores go deeper."""


def holds(limits: Limits, *, worlds: int) -> Found:
    """Search the product's order; `worlds` were reached when this was written; fewer are a weaker model."""
    found = search(Order(), limits)
    assert found.wrong == {}, found
    assert found.worlds >= worlds, found
    assert found.depth > 6, found
    return found


def test_two_sealers_one_of_them_late_sign_one_history() -> None:
    found = holds(RACES, worlds=30_814)
    assert found.names["S3 lost"]
    assert found.names["S3 ours"]


def test_a_restored_database_contradicts_no_receipt() -> None:
    found = holds(RESTORED, worlds=159_435)
    assert found.names["A3 refused"]
    assert found.names["row"]
    assert found.names["refilled"]


def test_a_window_lost_with_the_database_is_no_dead_end() -> None:
    holds(TWO_SEALS, worlds=50_233)


def test_a_database_restored_twice_contradicts_no_receipt() -> None:
    holds(RESTORED_TWICE, worlds=174_384)


def test_a_restored_guard_halts_nothing() -> None:
    assert holds(GUARD_RESTORED, worlds=147_205).names["behind"]


def test_database_and_guard_restored_one_after_the_other() -> None:
    holds(BOTH_IN_TURN, worlds=222_263)


@pytest.mark.long
@pytest.mark.parametrize(
    "limits",
    [
        Limits(guard_restores=0, appenders=1),
        Limits(database_restores=0, appenders=1),
        Limits(seals=1, appenders=1, sealers=1),
        Limits(appends=4, seals=1, guard_restores=0, sealers=1),
    ],
    ids=["two late sealers and a restore", "two late sealers and a restored guard", "both", "four appends"],
)
def test_deeper_histories_hold_too(limits: Limits) -> None:
    holds(limits, worlds=500_000)


def test_swapping_the_guard_before_the_commit_halts_for_ever() -> None:
    found = search(Order(swap_before_commit=True), RACES)
    assert set(found.wrong) == {"halted for ever"}


def test_a_guard_that_knows_only_checkpoints_lets_receipts_contradict() -> None:
    found = search(Order(guard_knows_receipts=False), SMALL)
    assert found.wrong["receipts contradict"]
    assert found.wrong["receipt against checkpoint"]
    assert found.wrong["loss not noticed"]


def test_a_guard_that_does_not_ask_the_database_lets_a_sleeper_contradict() -> None:
    found = search(Order(guard_asks_the_database=False), SMALL)
    assert found.wrong["receipts contradict"]
    assert found.wrong["receipt against checkpoint"]


def test_tiles_before_the_guard_knows_the_manifest_cannot_be_sealed_over() -> None:
    found = search(Order(guard_knows_manifest_before_tiles=False), TWO_SEALS)
    assert set(found.wrong) == {"never comes to rest"}


def test_publication_that_may_go_backwards_moves_the_served_head_back() -> None:
    found = search(Order(publication_only_forward=False), RACES)
    assert set(found.wrong) == {"served head went back"}


def test_a_receipt_that_is_asked_for_later_contradicts_none() -> None:
    for sleepers in (False, True):
        found = search(Order(receipts_are_asked_for_later=True, connections_outlive_restores=sleepers), SMALL)
        assert {name for name in found.wrong if found.wrong[name]} == set(), found
        assert found.names["GET"]


def test_a_reader_that_asks_for_the_guards_size_alone_lets_receipts_contradict() -> None:
    order = Order(
        receipts_are_asked_for_later=True, readers_ask_for_the_guards_leaf=False, connections_outlive_restores=True
    )
    assert search(order, SMALL).wrong["receipts contradict"]
