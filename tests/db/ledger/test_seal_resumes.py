"""A sealer killed anywhere is resumed: the same text is signed, and no second manifest is written."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from ledger.models import Prepared
from ledger.selectors import checkpoints
from ledger.selectors.streams import StreamView
from ledger.services import checkpoint, publish
from ledger.services.seal import due_streams, seal_window
from tests.support.log_audit import audit
from tests.support.streams import append, at_once, event, events, fresh, new_stream

pytestmark = pytest.mark.db


class Killed(BaseException):
    """As good as SIGKILL: nothing catches it."""


def killer(step: str) -> Callable[[str], None]:
    def reached(name: str) -> None:
        if name == step:
            raise Killed

    return reached


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    made = new_stream()
    append(made, *events(range(600)))
    return made


@pytest.mark.parametrize("step", ["S1", "told", "S2", "S3", "S4"])
def test_it_is_resumed_after(stream: StreamView, step: str) -> None:
    with pytest.raises(Killed):
        seal_window(stream.id, reason="request", reached=killer(step))
    prepared = Prepared.objects.get().text
    append(stream, event("meanwhile"))
    assert [due.stream_id for due in due_streams()] == [stream.id]
    sealed = seal_window(stream.id, reason="age")
    assert sealed is not None
    assert (sealed.number, sealed.reason, sealed.end) == (1, "request", 600)
    found = audit(stream)
    assert (len(found.windows), found.sizes, found.receipts) == (1, [602], 600)
    assert not Prepared.objects.exists()
    assert _note(stream).startswith(prepared)


def test_after_the_last_step_nothing_is_left_to_do(stream: StreamView) -> None:
    with pytest.raises(Killed):
        seal_window(stream.id, reason="request", reached=killer("S5"))
    assert due_streams() == []
    assert seal_window(stream.id, reason="request") is None
    assert audit(stream).sizes == [602]


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (publish, "_put_tiles"),
        (publish, "_put_entries"),
        (publish, "_root_of"),
        (checkpoint, "_store_receipts"),
    ],
)
def test_it_is_resumed_from_the_middle_of_a_step(
    stream: StreamView, monkeypatch: pytest.MonkeyPatch, place: object, name: str
) -> None:
    def die(*_args: object) -> None:
        raise Killed

    monkeypatch.setattr(place, name, die)
    with pytest.raises(Killed):
        seal_window(stream.id, reason="request")
    monkeypatch.undo()
    assert audit(stream).sizes == []
    assert seal_window(stream.id, reason="age") is not None
    assert audit(stream).sizes == [602]


def test_each_crash_in_turn_still_ends_in_one_window(stream: StreamView) -> None:
    for step in ("S1", "S1", "told", "S2", "S4", "S3", "S2"):
        with pytest.raises(Killed):
            seal_window(stream.id, reason="request", reached=killer(step))
    seal_window(stream.id, reason="request")
    assert (len(audit(stream).windows), audit(stream).sizes) == (1, [602])


def test_two_sealers_at_once_make_one_window(stream: StreamView) -> None:
    done = at_once([partial(seal_window, stream.id, reason="age") for _ in range(6)], 6)
    numbers = {sealed.number for one in done if (sealed := one.result()) is not None}
    assert numbers == {1}
    assert (len(audit(stream).windows), audit(stream).sizes) == (1, [602])


def test_a_sealer_that_wakes_late_changes_nothing(stream: StreamView) -> None:
    other: list[object] = []

    def overtaken(name: str) -> None:
        if name == "S2" and not other:
            other.append(None)
            seal_window(stream.id, reason="age")
            append(stream, event("after"))
            seal_window(stream.id, reason="request")

    seal_window(stream.id, reason="request", reached=overtaken)
    assert fresh(stream).signed_size == 604
    assert audit(stream).sizes == [602, 604]


def test_appends_go_on_while_windows_are_sealed(stream: StreamView) -> None:
    writers = [partial(append, stream, *events(f"{who}-{one}" for one in range(20))) for who in range(40)]
    sealers = [partial(seal_window, stream.id, reason="age") for _ in range(10)]
    calls: list[Callable[[], object]] = [*writers[:20], *sealers[:5], *writers[20:], *sealers[5:]]
    for done in at_once(calls, 6):
        done.result()
    seal_window(stream.id, reason="request")
    assert audit(stream).receipts == 600 + 800


def _note(stream: StreamView) -> str:
    newest = checkpoints.newest(fresh(stream))
    assert newest is not None
    return newest.note.decode()
