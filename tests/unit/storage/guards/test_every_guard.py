"""What every head guard does, on its real store: the same sentences for file, Redis, S3 and memory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from ledger.core.head_guard import GuardHead, GuardState, Receipted, Swap
from ledger.core.types import Hash
from ledger.storage.guards import HeadGuard
from ledger.storage.guards.errors import HeadGuardConflict, HeadGuardMissing
from tests.support.guard_writer import head, leaf

WRITERS = 6


def known(held: Receipted) -> bool:
    """As a database that holds exactly the leaves of the writer."""
    return held.leaf_hash == leaf(held.size)


def unknown(_held: Receipted) -> bool:
    """As a database from before."""
    return False


@pytest.fixture(autouse=True)
def _made(guard: HeadGuard, origin: str) -> None:
    assert guard.create(origin)


def test_it_is_created_once_and_empty(guard: HeadGuard, origin: str) -> None:
    assert guard.read(origin) == GuardState()
    guard.advance_receipted(origin, 1, leaf(1), known)
    assert not guard.create(origin)
    assert guard.read(origin) == GuardState(Receipted(1, leaf(1)))


def test_what_was_never_created_is_missing(guard: HeadGuard, origin: str) -> None:
    other = f"{origin}-other"
    with pytest.raises(HeadGuardMissing):
        guard.read(other)
    with pytest.raises(HeadGuardMissing):
        guard.advance_receipted(other, 1, leaf(1), known)
    with pytest.raises(HeadGuardMissing):
        guard.swap_head(other, None, head(1), leaf(1), known)


def test_receipted_moves_forward_only(guard: HeadGuard, origin: str) -> None:
    assert guard.advance_receipted(origin, 5, leaf(5), known) == Receipted(5, leaf(5))
    assert guard.advance_receipted(origin, 3, leaf(3), known) == Receipted(5, leaf(5))
    assert guard.advance_receipted(origin, 5, leaf(5), known) == Receipted(5, leaf(5))
    assert guard.read(origin) == GuardState(Receipted(5, leaf(5)))


def test_another_leaf_at_the_same_size_is_a_conflict(guard: HeadGuard, origin: str) -> None:
    guard.advance_receipted(origin, 5, leaf(5), known)
    with pytest.raises(HeadGuardConflict):
        guard.advance_receipted(origin, 5, Hash(bytes(32)), lambda _: True)
    assert guard.read(origin) == GuardState(Receipted(5, leaf(5)))


@pytest.mark.parametrize("size", [3, 7])
def test_a_leaf_which_the_database_lacks_is_a_conflict(guard: HeadGuard, origin: str, size: int) -> None:
    guard.advance_receipted(origin, 5, leaf(5), known)
    with pytest.raises(HeadGuardConflict):
        guard.advance_receipted(origin, size, leaf(size), unknown)
    assert guard.swap_head(origin, None, head(size), leaf(size), unknown) is Swap.CONFLICT
    assert guard.read(origin) == GuardState(Receipted(5, leaf(5)))


def test_a_swap_moves_head_and_receipted_together(guard: HeadGuard, origin: str) -> None:
    assert guard.swap_head(origin, None, head(4), leaf(4), known) is Swap.SWAPPED
    assert guard.read(origin) == GuardState(Receipted(4, leaf(4)), head(4))
    guard.advance_receipted(origin, 9, leaf(9), known)
    assert guard.swap_head(origin, head(4), head(8), leaf(8), known) is Swap.SWAPPED
    assert guard.read(origin) == GuardState(Receipted(9, leaf(9)), head(8))


def test_a_swap_that_was_done_already_is_ours(guard: HeadGuard, origin: str) -> None:
    guard.swap_head(origin, None, head(4), leaf(4), known)
    assert guard.swap_head(origin, None, head(4), leaf(4), known) is Swap.OURS


@pytest.mark.parametrize("expected", [None, head(3), GuardHead(4, Hash(bytes(32)))])
def test_a_swap_from_another_head_loses(guard: HeadGuard, origin: str, expected: GuardHead | None) -> None:
    guard.swap_head(origin, None, head(4), leaf(4), known)
    assert guard.swap_head(origin, expected, head(8), leaf(8), known) is Swap.CONFLICT
    assert guard.read(origin) == GuardState(Receipted(4, leaf(4)), head(4))


def test_a_swap_never_goes_back_or_beside(guard: HeadGuard, origin: str) -> None:
    guard.swap_head(origin, None, head(4), leaf(4), known)
    assert guard.swap_head(origin, head(4), head(3), leaf(3), known) is Swap.CONFLICT
    assert guard.swap_head(origin, head(4), GuardHead(4, Hash(bytes(32))), leaf(4), known) is Swap.CONFLICT
    assert guard.swap_head(origin, head(4), GuardHead(4, head(4).root), leaf(5), known) is Swap.CONFLICT
    assert guard.read(origin) == GuardState(Receipted(4, leaf(4)), head(4))


def test_origins_do_not_touch_each_other(guard: HeadGuard, origin: str) -> None:
    assert guard.create(f"{origin}/b")
    guard.advance_receipted(f"{origin}/b", 7, leaf(7), known)
    assert guard.read(origin) == GuardState()


def test_of_many_swaps_at_once_one_wins(guard: HeadGuard, origin: str) -> None:
    before: GuardHead | None = None
    for turn in range(12):
        size, start = 10 * (turn + 1), Barrier(WRITERS)
        choices = [GuardHead(size, Hash(bytes([number]) * 32)) for number in range(WRITERS)]

        def swap(new: GuardHead, was: GuardHead | None = before, start: Barrier = start) -> Swap:
            start.wait()
            return guard.swap_head(origin, was, new, leaf(new.size), known)

        with ThreadPoolExecutor(WRITERS) as pool:
            outcomes = list(pool.map(swap, choices))
        assert sorted(one.name for one in outcomes) == ["CONFLICT"] * (WRITERS - 1) + ["SWAPPED"]
        before = choices[outcomes.index(Swap.SWAPPED)]
        assert guard.read(origin).head == before


def test_many_at_once_all_get_ahead(guard: HeadGuard, origin: str) -> None:
    def write(number: int) -> None:
        for size in range(1 + number, 60, WRITERS):
            held = guard.advance_receipted(origin, size, leaf(size), known)
            assert held.size >= size

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    assert guard.read(origin) == GuardState(Receipted(59, leaf(59)))
