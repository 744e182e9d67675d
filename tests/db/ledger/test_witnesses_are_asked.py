"""A guard that lost writes, and a policy with witnesses: what each of them says is handed in, and decides."""

from __future__ import annotations

import io
import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from ledger.core.checkpoint import Checkpoint
from ledger.core.note import Note, parse_note
from ledger.core.types import Hash, TreeSize
from ledger.errors import LedgerError, LogSignatureWrong, NoteMalformed, RequestError, StreamClosed
from ledger.models import StreamHead
from ledger.selectors import checkpoints, leaves
from ledger.selectors.keys import signing_keys
from ledger.selectors.streams import StreamView
from ledger.selectors.streams import stream as named
from ledger.services.checkpoint import log_line, sign
from ledger.services.prepare import PreparedCheckpoint, prepare
from ledger.services.seal import seal_window
from ledger.services.streams import ensure_platform
from ledger.services.successor import continue_stream
from ledger.services.system_events import flush_spool
from ledger.services.witness_answers import HandedIn, take_answers
from ledger.storage.guards.errors import HeadGuardAhead, HeadGuardBehind, HeadGuardConflict
from tests.corpus.keys import ATTACKER, LOG, NEW_LOG, WITNESS, Key, witness_vkey
from tests.corpus.log import cosigned
from tests.support.clones import Clone
from tests.support.guarded import code_of, guard_directory, held, reconnected, settled, snapshot
from tests.support.server import Server
from tests.support.streams import append, event, fresh, new_stream

pytestmark = pytest.mark.db
SECOND = NEW_LOG
POLICY = (
    f"log {LOG.vkey('log.example')}\nwitness a {witness_vkey()}\nwitness b {witness_vkey(SECOND)}\n"
    "group both all a b\nquorum both\n"
)


def documents() -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in guard_directory().glob("*.json")}


def put_back(saved: dict[Path, bytes]) -> None:
    for path, data in saved.items():
        path.write_bytes(data)
    reconnected()


@pytest.fixture
def behind(ledger_db: object) -> StreamView:
    """A stream with two witnesses and a checkpoint; its guard is as it was before that checkpoint."""
    ensure_platform()
    made = new_stream(policy=POLICY)
    append(made, event("a"))
    saved = documents()
    seal_window(made.id, reason="request")
    put_back(saved)
    assert code_of(made) == "head_guard_behind"
    return fresh(made)


@pytest.fixture
def restore(behind: StreamView, server: Server, db_clone: Clone) -> Iterator[Callable[[], None]]:
    """Put the database back to the checkpoint that the guard lost."""
    with snapshot(server, db_clone) as back:
        yield back


def newest(stream: StreamView) -> Note:
    found = checkpoints.newest(stream)
    assert found is not None
    return parse_note(found.note)


def witnessed(note: Note, *keys: Key, age: int = 0) -> bytes:
    for key in keys or (WITNESS, SECOND):
        note = cosigned(note, int(time.time()) - age, key)
    return note.to_bytes()


def hand_in(stream: StreamView, *notes: bytes, knowing_nothing: tuple[str, ...] = ()) -> None:
    take_answers(fresh(stream), HandedIn(notes, knowing_nothing, "command:tests", "the guard's disk was put back"))


def last_told(kind: str) -> dict[str, Any]:
    flush_spool()
    system = named("_system", "events")
    found = [leaves.event(system, index) for index in range(1, system.size)]
    told: dict[str, Any] = json.loads([one for one in found if one.type == kind][-1].payload or b"")
    return told


def refused(stream: StreamView, error: type[LedgerError]) -> None:
    """Over and over, also by a process that starts now."""
    for _ in range(2):
        reconnected()
        with pytest.raises(error):
            append(stream, event("refused"))
        with pytest.raises(error):
            seal_window(stream.id, reason="request")


def test_none_is_ahead_so_the_database_wins_and_the_loss_is_told(behind: StreamView) -> None:
    refused(behind, HeadGuardBehind)
    hand_in(behind, witnessed(newest(behind)))
    settled(behind)
    append(behind, event("goes on"))
    seal_window(behind.id, reason="request")
    settled(behind)
    assert last_told("ledger:head_guard:behind") == {"guard_size": 0, "size": 3, "stream": behind.origin}
    told = last_told("ledger:witnesses:asked")
    assert [(one["witness"], one["size"]) for one in told["answers"]] == [("a", 3), ("b", 3)]
    assert (told["code"], told["knowing_nothing"]) == ("", [])


def test_notes_come_one_by_one_and_a_witness_that_never_saw_the_log_is_named(behind: StreamView) -> None:
    hand_in(behind, witnessed(newest(behind), SECOND), knowing_nothing=("a",))
    settled(behind)
    assert last_told("ledger:witnesses:asked")["knowing_nothing"] == ["a"]


def test_an_answer_counts_for_one_comparison_only(behind: StreamView) -> None:
    saved = documents()
    hand_in(behind, witnessed(newest(behind)))
    put_back(saved)
    refused(behind, HeadGuardBehind)


@pytest.mark.parametrize(
    ("keys", "age", "nothing"),
    [((WITNESS,), 0, ()), ((WITNESS, SECOND), 3700, ()), ((WITNESS, SECOND), -400, ()), ((WITNESS,), 0, ("a",)),
     ((WITNESS,), 0, ("c",))],
)  # fmt: skip
def test_who_has_not_answered_within_the_hour_is_waited_for(
    behind: StreamView, keys: tuple[Key, ...], age: int, nothing: tuple[str, ...]
) -> None:
    with pytest.raises(RequestError):
        hand_in(behind, witnessed(newest(behind), *keys, age=age), knowing_nothing=nothing)
    refused(behind, HeadGuardBehind)
    assert held(behind).head is None


@pytest.mark.parametrize("keys", [(ATTACKER,), ()])
def test_a_note_without_a_witness_of_the_policy_is_none(behind: StreamView, keys: tuple[Key, ...]) -> None:
    data = witnessed(newest(behind), *keys) if keys else newest(behind).to_bytes()
    with pytest.raises(LogSignatureWrong):
        hand_in(behind, data)


def test_a_head_that_the_log_did_not_sign_is_none(behind: StreamView) -> None:
    text = Checkpoint(behind.origin, TreeSize(99), Hash(bytes(32))).text()
    with pytest.raises(LogSignatureWrong):
        hand_in(behind, witnessed(Note(text, newest(behind).signatures)))
    other = new_stream("other", policy=POLICY)
    seal_window(other.id, reason="request")
    with pytest.raises(NoteMalformed, match="another log"):
        hand_in(behind, witnessed(newest(other)))
    refused(behind, HeadGuardBehind)


def test_a_witness_ahead_of_the_leaves_is_as_a_guard_that_is_ahead(
    behind: StreamView, restore: Callable[[], None], client: Client
) -> None:
    saved = documents()
    hand_in(behind, witnessed(newest(behind)))
    append(behind, event("promised, and lost"))
    seal_window(behind.id, reason="request")
    ahead = witnessed(newest(behind), WITNESS, age=86400)
    put_back(saved)
    restore()
    with pytest.raises(HeadGuardAhead):
        hand_in(behind, ahead)
    refused(behind, HeadGuardAhead)
    assert "head_guard_ahead" in json.loads(client.get("/ready").content)["checks"]["head_guard"]["detail"]
    with pytest.raises(RequestError):
        hand_in(behind, witnessed(newest(behind), SECOND))
    refused(behind, HeadGuardAhead)
    found = continue_stream(fresh(behind), "d2", actor="key:tests", reason="the restore lost promises")
    assert (found.stopped, found.linked_back) == ("head_guard_ahead", False)
    with pytest.raises(StreamClosed):
        hand_in(behind, witnessed(newest(behind)))


def test_what_a_witness_stopped_goes_on_once_the_database_holds_it_and_all_were_asked_again(behind: StreamView) -> None:
    StreamHead.objects.filter(pk=behind.id).update(stopped="head_guard_ahead")
    refused(behind, HeadGuardAhead)
    hand_in(behind, witnessed(newest(behind)))
    assert fresh(behind).stopped is None
    append(behind, event("goes on"))
    settled(behind)


def test_another_root_at_a_witness_is_a_conflict(behind: StreamView) -> None:
    text = Checkpoint(behind.origin, TreeSize(3), Hash(bytes(32))).text()
    lines = tuple(log_line(text, key) for key in signing_keys(behind.id, 3))
    with pytest.raises(HeadGuardConflict):
        hand_in(behind, witnessed(Note(text, lines), WITNESS))
    refused(behind, HeadGuardConflict)
    assert last_told("ledger:witnesses:asked")["code"] == "head_guard_conflict"


def test_a_witness_ahead_of_the_notes_alone_is_given_to_the_guard_and_signed_again(ledger_db: object) -> None:
    ensure_platform()
    made = new_stream(policy=POLICY)
    append(made, event("a"))
    seal_window(made.id, reason="request")
    append(made, event("b"))
    saved = documents()
    time.sleep(1.1)
    prepared = prepare(fresh(made), "request")
    assert isinstance(prepared, PreparedCheckpoint)
    cosigned_before_the_crash = sign(fresh(made), prepared)
    put_back(saved)
    hand_in(made, witnessed(cosigned_before_the_crash))
    seal_window(made.id, reason="request")
    assert newest(made).text == prepared.text
    settled(made)


def test_the_command_says_whom_to_ask_and_takes_the_notes(behind: StreamView, tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("head_guard_witnessed", "acme/decisions", stdout=out)
    assert newest(behind).text in out.getvalue()
    (tmp_path / "a.note").write_bytes(witnessed(newest(behind)))
    words = ("head_guard_witnessed", "acme/decisions", "--note", str(tmp_path / "a.note"))
    with pytest.raises(CommandError, match="A reason is needed"):
        call_command(*words)
    with pytest.raises(CommandError, match="cannot be read"):
        call_command(*words, "--note", str(tmp_path / "none"), "--reason", "x")
    out = io.StringIO()
    call_command(*words, "--reason", "the guard's disk was put back", stdout=out)
    assert "goes on" in out.getvalue()
    settled(behind)
    with pytest.raises(CommandError, match="names no witness"):
        call_command("head_guard_witnessed", "_system/events")


def test_what_is_logged_meanwhile_is_no_part_of_the_answer(
    behind: StreamView, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.note").write_bytes(witnessed(newest(behind)))
    handler = logging.StreamHandler(sys.stdout)
    logging.getLogger().addHandler(handler)
    try:
        words = ("acme/decisions", "--note", str(tmp_path / "a.note"), "--reason", "x", "--json")
        call_command("head_guard_witnessed", *words)
    finally:
        logging.getLogger().removeHandler(handler)
    told = capsys.readouterr()
    assert json.loads(told.out)["done"] is True
    assert "the head guard lost writes" in told.err
