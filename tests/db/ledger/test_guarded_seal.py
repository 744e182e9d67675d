"""Nothing is signed but what the head guard holds, and a swap that is lost stops nothing by itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from ledger.core.head_guard import GuardHead, Receipted
from ledger.core.types import Hash
from ledger.errors import LedgerError
from ledger.models import Prepared
from ledger.selectors import checkpoints
from ledger.selectors.streams import StreamView
from ledger.services.seal import due_streams, seal_window
from ledger.storage.guards.configured import head_guard
from ledger.storage.guards.errors import HeadGuardAhead, HeadGuardConflict, HeadGuardUnreachable
from tests.support.failpoints import SEALING, KilledError, dying, killed
from tests.support.guarded import code_of, guard_directory, held, restarted, settled
from tests.support.streams import append, at_once, event, events, fresh, new_stream

pytestmark = pytest.mark.db
OTHER = Hash(bytes(32))


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    made = new_stream()
    append(made, *events(range(300)))
    return made


def at(step: str, act: Callable[[], object]) -> Callable[[str], None]:
    """Do something while a seal stands at a step."""

    def reached(name: str) -> None:
        if name == step:
            act()

    return reached


def test_a_seal_leaves_its_checkpoint_in_the_guard(stream: StreamView) -> None:
    for size in (302, 304):
        append(stream, event(size))
        seal_window(stream.id, reason="request")
        newest = checkpoints.newest(fresh(stream))
        assert newest is not None
        assert held(stream).head == GuardHead(newest.size, newest.root)
    settled(stream)


@pytest.mark.parametrize("point", SEALING)
def test_whoever_is_killed_there_is_gone_on_with(stream: StreamView, point: str) -> None:
    with pytest.raises(KilledError), dying(point, killed) as reached:
        seal_window(stream.id, reason="request", reached=reached)
    text = Prepared.objects.values_list("text", flat=True).first()
    restarted(stream)
    append(stream, event("meanwhile"))
    seal_window(stream.id, reason="age")
    found = settled(stream)
    assert found.sizes == ([302] if point != "D8" else [302, 304])[: len(found.sizes)]
    newest = checkpoints.checkpoints_of(fresh(stream))[-1]
    assert text is None or newest.note.decode().startswith(text)


def test_what_the_guard_holds_is_signed_and_nothing_smaller_or_larger(stream: StreamView) -> None:
    with pytest.raises(KilledError), dying("D6", killed) as reached:
        seal_window(stream.id, reason="request", reached=reached)
    promised = held(stream).head
    append(stream, *events("abc"))
    seal_window(stream.id, reason="request")
    newest = checkpoints.newest(fresh(stream))
    assert newest is not None
    assert GuardHead(newest.size, newest.root) == promised


def test_a_row_that_is_gone_is_made_again_from_what_the_guard_holds(stream: StreamView) -> None:
    with pytest.raises(KilledError), dying("D6", killed) as reached:
        seal_window(stream.id, reason="request", reached=reached)
    text = Prepared.objects.get().text
    Prepared.objects.all().delete()
    restarted(stream)
    assert (Prepared.objects.get().text, Prepared.objects.get().number) == (text, 1)
    assert [due.stream_id for due in due_streams()] == [stream.id]
    seal_window(stream.id, reason="age")
    assert settled(stream).sizes == [302]


def test_a_guard_that_is_away_lets_nothing_be_signed(stream: StreamView) -> None:
    here = guard_directory()
    away = here.with_name(f"{here.name}-away")
    with pytest.raises(HeadGuardUnreachable):
        seal_window(stream.id, reason="request", reached=at("S2", partial(here.rename, away)))
    assert fresh(stream).signed_size == 0
    assert fresh(stream).stopped is None
    away.rename(here)
    assert seal_window(stream.id, reason="age") is not None
    settled(stream)


def test_a_head_that_another_history_swapped_in_is_not_signed_over(stream: StreamView) -> None:
    def swapped() -> None:
        head_guard().swap_head(stream.origin, None, GuardHead(200, OTHER), OTHER, lambda _: True)

    with pytest.raises(HeadGuardConflict):
        seal_window(stream.id, reason="request", reached=at("S2", swapped))
    assert (fresh(stream).signed_size, fresh(stream).stopped) == (0, None)
    assert code_of(stream) == "head_guard_conflict"
    with pytest.raises(HeadGuardConflict):
        append(stream, event("more"))


def test_a_larger_head_than_the_database_knows_is_not_signed_under(stream: StreamView) -> None:
    def swapped() -> None:
        head_guard().swap_head(stream.origin, None, GuardHead(400, OTHER), OTHER, lambda _: True)

    with pytest.raises(HeadGuardAhead):
        seal_window(stream.id, reason="request", reached=at("S2", swapped))
    assert (fresh(stream).signed_size, fresh(stream).stopped) == (0, None)


def test_a_manifest_that_the_guard_does_not_take_stops_before_the_tiles(stream: StreamView) -> None:
    def receipted() -> None:
        head_guard().advance_receipted(stream.origin, 302, OTHER, lambda _: True)

    with pytest.raises(HeadGuardConflict):
        seal_window(stream.id, reason="request", reached=at("S1", receipted))
    assert (fresh(stream).signed_size, held(stream).receipted) == (0, Receipted(302, OTHER))
    assert code_of(stream) == "head_guard_ahead"


def test_sealers_at_once_swap_once(stream: StreamView) -> None:
    done = at_once([partial(seal_window, stream.id, reason="age") for _ in range(6)], 6)
    assert {sealed.number for one in done if (sealed := one.result()) is not None} == {1}
    assert settled(stream).sizes == [302]


def test_a_sealer_who_sleeps_behind_the_swap_signs_the_same_again(stream: StreamView) -> None:
    def overtake() -> None:
        seal_window(stream.id, reason="age")
        append(stream, event("after"))
        seal_window(stream.id, reason="request")

    seal_window(stream.id, reason="request", reached=at("S3", overtake))
    assert settled(stream).sizes == [302, 304]


def test_a_stop_of_the_guard_is_never_stored(stream: StreamView) -> None:
    head_guard().advance_receipted(stream.origin, 999, OTHER, lambda _: True)
    for act in (partial(append, stream, event("x")), partial(seal_window, stream.id, reason="request")):
        restart_and_fail(stream, act)
    assert fresh(stream).stopped is None


def restart_and_fail(stream: StreamView, act: Callable[[], object]) -> None:
    with pytest.raises(LedgerError):
        restarted(stream)
    with pytest.raises(HeadGuardAhead):
        act()
