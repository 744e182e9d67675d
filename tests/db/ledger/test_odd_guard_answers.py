"""One odd answer of the head guard closes no log: before a stop it is asked again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ledger.core.head_guard import GuardHead, GuardState, Receipted
from ledger.core.types import Hash
from ledger.selectors.streams import StreamView
from ledger.services.seal import seal_window
from ledger.storage.guards import FileGuard
from ledger.storage.guards.errors import HeadGuardCorrupt, HeadGuardMissing, HeadGuardUnreachable
from tests.support.guarded import code_of, restarted
from tests.support.streams import append, events, fresh, new_stream

pytestmark = pytest.mark.db
OTHER = Hash(bytes(32))
Answer = Callable[[GuardState], GuardState]


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    made = new_stream()
    append(made, *events(range(5)))
    seal_window(made.id, reason="request")
    return fresh(made)


def ahead(held: GuardState) -> GuardState:
    return replace(held, receipted=Receipted(1_000, OTHER))


def mixed(held: GuardState) -> GuardState:
    """The size of one state, the hash of another."""
    assert held.receipted is not None
    return replace(held, receipted=replace(held.receipted, leaf_hash=OTHER))


def another_root(held: GuardState) -> GuardState:
    assert held.head is not None
    return replace(held, head=GuardHead(held.head.size, OTHER))


def corrupt(_held: GuardState) -> GuardState:
    raise HeadGuardCorrupt("The guard's document cannot be read")


def missing(_held: GuardState) -> GuardState:
    raise HeadGuardMissing("There is no guard for this origin")


def away(_held: GuardState) -> GuardState:
    raise HeadGuardUnreachable("The guard cannot be read")


ODD = {
    ahead: "head_guard_ahead",
    mixed: "head_guard_ahead",
    another_root: "head_guard_conflict",
    corrupt: "head_guard_corrupt",
    missing: "head_guard_missing",
}


def answering(monkeypatch: pytest.MonkeyPatch, odd: Answer, times: int) -> list[int]:
    """The first `times` reads are answered by `odd`; returns a list that grows with each read."""
    read, asked = FileGuard.read, list[int]()

    def answered(guard: FileGuard, origin: str) -> GuardState:
        asked.append(len(asked))
        held = read(guard, origin)
        return odd(held) if len(asked) <= times else held

    monkeypatch.setattr(FileGuard, "read", answered)
    return asked


@pytest.mark.parametrize("odd", ODD)
def test_one_odd_answer_stops_nothing(stream: StreamView, odd: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, odd, 1)
    restarted(stream)
    assert fresh(stream).stopped is None


@pytest.mark.parametrize("odd", ODD)
def test_an_answer_that_is_given_twice_is_believed(
    stream: StreamView, odd: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(monkeypatch, odd, 99)
    assert (code_of(stream), len(asked)) == (ODD[odd], 2)


def test_a_guard_that_does_not_answer_is_not_waited_for_twice(
    stream: StreamView, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = answering(monkeypatch, away, 99)
    assert (code_of(stream), len(asked)) == ("head_guard_unreachable", 1)
