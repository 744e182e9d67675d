"""Two key changes of one log at once: one of them goes first, and the other is checked and signed for what it left."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from ledger.core.report import Findings
from ledger.core.verify.keys import check_key_leaf
from ledger.errors import KeyRefused
from ledger.selectors import keys
from ledger.selectors.evidence import history_at
from ledger.selectors.streams import StreamView
from ledger.services import key_leaf
from ledger.services.keys import KeyChanged, retire, rotate
from ledger.services.seal import seal_window
from ledger.services.verify_store import verify_store
from tests.support.streams import append, at_once, event, events, fresh, new_stream

pytestmark = pytest.mark.db
ACTOR = "command:tests"
WAIT_S = 30


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    made = new_stream()
    append(made, *events(range(3)))
    return made


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[BaseException | None]]:
    """Run two changes in threads that both were checked, and both know the newest control leaf, before either signs."""
    met, seen, real = threading.Barrier(2), threading.local(), key_leaf.message_of

    def together(*given: object) -> bytes:
        if not hasattr(seen, "once"):
            seen.once = met.wait(WAIT_S)
        return real(*given)  # type: ignore[arg-type]  # passed on as it came

    def run(*changes: Callable[[], KeyChanged]) -> list[BaseException | None]:
        with monkeypatch.context() as patched:
            patched.setattr(key_leaf, "message_of", together)
            return [done.exception() for done in at_once(changes, len(changes))]

    return run


def refusals(errors: list[BaseException | None]) -> list[type[BaseException]]:
    return [type(error) for error in errors if error is not None]


def in_force(stream: StreamView, use: str = "checkpoint") -> list[str]:
    return [key.kid for key in keys.keys_of(stream.id) if key.use == use and not key.is_retired]


def lives(stream: StreamView) -> None:
    """It takes events, seals, and each of its key leaves is signed by old and new, so that a reader verifies it."""
    append(fresh(stream), event(f"after, at {fresh(stream).size}"))
    assert seal_window(stream.id, reason="request") is not None
    found, findings = history_at(stream, fresh(stream).size), Findings("bundle")
    for leaf in found.leaves[1:]:
        check_key_leaf(findings, found, leaf)
    assert findings.count == 0
    assert verify_store(fresh(stream), "full", lambda _: None).outcome == "verified"


def test_both_keys_of_an_overlap_retired_at_once_leave_one(
    stream: StreamView, both: Callable[..., list[BaseException | None]]
) -> None:
    rotate(stream, "checkpoint", actor=ACTOR)
    pair = in_force(stream)
    errors = both(*(partial(retire, stream, kid, actor=ACTOR) for kid in pair))
    assert refusals(errors) == [KeyRefused]
    assert in_force(stream) == [kid for kid, error in zip(pair, errors, strict=True) if error is not None]
    lives(stream)
    rotate(fresh(stream), "checkpoint", actor=ACTOR)
    lives(stream)


def test_the_same_key_retired_twice_at_once_ends_once(
    stream: StreamView, both: Callable[..., list[BaseException | None]]
) -> None:
    old = in_force(stream)[0]
    new = rotate(stream, "checkpoint", actor=ACTOR).added
    assert refusals(both(*[partial(retire, stream, old, actor=ACTOR)] * 2)) == [KeyRefused]
    assert in_force(stream) == list(new)
    lives(stream)


@pytest.mark.parametrize(("alg", "left"), [("ed25519", 2), ("ml-dsa-44", 3)])
def test_two_log_keys_added_at_once_stay_within_two_of_each_algorithm(
    stream: StreamView, both: Callable[..., list[BaseException | None]], alg: str, left: int
) -> None:
    one = partial(rotate, stream, "checkpoint", alg=alg, actor=ACTOR)
    assert refusals(both(one, one)) == ([KeyRefused] if left == 2 else [])
    assert len(in_force(stream)) == left
    lives(stream)


def test_a_log_key_added_and_a_second_line_retired_at_once_are_signed_for_what_holds(
    stream: StreamView, both: Callable[..., list[BaseException | None]]
) -> None:
    second = rotate(stream, "checkpoint", alg="ml-dsa-44", actor=ACTOR).added[0]
    add, end = partial(rotate, stream, "checkpoint", actor=ACTOR), partial(retire, stream, second, actor=ACTOR)
    assert refusals(both(add, end)) == []
    lives(stream)
    first, new = in_force(stream)
    rows: Any = history_at(stream, fresh(stream).size).leaves[-1].fields["signatures"]
    assert {row["keyid"] for row in rows} == {first, new}


@pytest.mark.parametrize("use", ["receipt", "export"])
def test_two_keys_of_a_use_that_follow_each_other_at_once_do_so_in_turn(
    stream: StreamView, both: Callable[..., list[BaseException | None]], use: str
) -> None:
    one = partial(rotate, stream, use, actor=ACTOR)
    assert refusals(both(one, one)) == []
    held = [key for key in keys.keys_of(stream.id) if key.use == use]
    assert [key.valid_to for key in held] == [*(key.valid_from for key in held[1:]), None]
    assert len(held) == 3
    lives(stream)
