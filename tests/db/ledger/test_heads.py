"""The log of heads: every checkpoint of every other stream once, whoever enters it and wherever they die."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

import psycopg
import pytest
from django.db import connection

from ledger.core import merkle
from ledger.core.checkpoint import parse_checkpoint
from ledger.core.envelope import parse
from ledger.core.head import Head, head_of
from ledger.core.note import parse_note, verified
from ledger.errors import IntegrityLost, LeafSchema, NotThere, StreamStopped
from ledger.models import LoggedHead
from ledger.selectors import checkpoints
from ledger.selectors import heads as selector
from ledger.selectors.keys import log_vkeys
from ledger.selectors.outside import outside_of
from ledger.selectors.streams import StreamView, streams_in
from ledger.selectors.streams import stream as stream_named
from ledger.services import head, heads
from ledger.services.heads import log_heads
from ledger.services.seal import seal_window
from ledger.services.stop import stop
from ledger.services.streams import ensure_platform
from tests.support.log_audit import audit
from tests.support.streams import append, at_once, event, fresh, new_stream

pytestmark = pytest.mark.db


class Killed(BaseException):
    """As good as SIGKILL: nothing catches it."""


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    """A stream of a platform that has its log of heads."""
    ensure_platform()
    return new_stream()


def log() -> StreamView:
    return stream_named(*selector.HEADS)


def sealed(stream: StreamView, name: str) -> int:
    """Append, seal, and say the checkpoint's size."""
    append(stream, event(name))
    assert seal_window(stream.id, reason="request") is not None
    return fresh(stream).signed_size


def told() -> list[Head]:
    """What the leaves of the log of heads say, in order."""
    return [head_of(leaf) for leaf in audit(log()).leaves if leaf.kind == "head"]


def test_each_checkpoint_is_entered_once_with_what_its_note_says(stream: StreamView) -> None:
    sizes = [sealed(stream, "a"), sealed(stream, "b")]
    assert log_heads() == 2
    assert log_heads() == 0
    assert [head.size for head in told()] == sizes
    for one in told():
        note = checkpoints.at(stream, one.size).note
        assert one == Head.of_note(note)
        assert one.note == hashlib.sha256(note).digest()
        assert (one.origin, one.root) == (stream.origin, parse_checkpoint(parse_note(note).text).root)


def test_streams_of_the_platform_are_entered_and_the_log_itself_is_not(stream: StreamView) -> None:
    for one in ensure_platform():
        seal_window(one.id, reason="request")
    assert log_heads() == 2
    assert {head.origin for head in told()} == {
        one.origin for one in streams_in(["_governance", "_system"]) if one.signed_size
    }


def test_it_is_sealed_like_any_stream_and_ends(stream: StreamView) -> None:
    sealed(stream, "a")
    log_heads()
    assert log().waiting_since is not None
    assert seal_window(log().id, reason="request") is not None
    assert log_heads() == 0
    assert seal_window(log().id, reason="request") is None


def test_many_at_once_enter_each_checkpoint_once(stream: StreamView) -> None:
    for number in range(3):
        one = new_stream(f"more-{number}")
        sealed(one, "a")
    done = at_once([log_heads] * 8, 8)
    assert sum(one.result() for one in done) == 3
    assert set(Counter((head.origin, head.size) for head in told()).values()) == {1}


@pytest.mark.parametrize("step", ["insert_leaf", "advance"])
def test_whoever_dies_in_the_middle_leaves_nothing_half(
    stream: StreamView, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    size = sealed(stream, "a")

    def die(*_args: object, **_more: object) -> None:
        raise Killed

    monkeypatch.setattr(heads if step == "insert_leaf" else head, step, die)
    with pytest.raises(Killed):
        log_heads()
    monkeypatch.undo()
    assert (told(), LoggedHead.objects.count()) == ([], 0)
    assert log_heads() == 1
    assert [head.size for head in told()] == [size]


def test_more_than_a_batch_is_entered_in_one_run(stream: StreamView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "BATCH", 2)
    sizes = []
    for number in range(5):
        one = new_stream(f"more-{number}")
        sizes.append((one.origin, sealed(one, "a")))
    assert log_heads() == 5
    assert [(head.origin, head.size) for head in told()] == sizes


def test_a_note_that_does_not_verify_is_left_out_and_keeps_nobody_else(
    stream: StreamView, admin_connection: psycopg.Connection[Any], caplog: pytest.LogCaptureFixture
) -> None:
    sealed(stream, "a")
    other = new_stream("other")
    sealed(other, "b")
    admin_connection.execute("ALTER TABLE ledger_checkpoint DISABLE TRIGGER ALL")
    admin_connection.execute(
        "UPDATE ledger_checkpoint SET note = set_byte(note, 39, get_byte(note, 39) # 1) WHERE stream_id = %s",
        [stream.id],
    )
    assert log_heads() == 1
    assert [head.origin for head in told()] == [other.origin]
    assert stream.origin in caplog.text


def test_without_a_platform_there_is_nothing_to_do(ledger_db: object) -> None:
    sealed(new_stream(), "a")
    assert log_heads() == 0


def test_a_stopped_stream_is_still_told_and_a_stopped_log_of_heads_takes_none(stream: StreamView) -> None:
    sealed(stream, "a")
    stop(stream.id, IntegrityLost("test"))
    assert log_heads() == 1
    stop(log().id, IntegrityLost("test"))
    sealed(new_stream("other"), "b")
    with pytest.raises(StreamStopped):
        log_heads()
    assert len(told()) == 1


def test_a_checkpoint_is_proved_into_the_signed_log_of_heads(stream: StreamView) -> None:
    old, new = sealed(stream, "a"), sealed(stream, "b")
    log_heads()
    with pytest.raises(NotThere):
        selector.proof_of_head(stream)
    seal_window(log().id, reason="request")
    for size in (old, new, None):
        found = selector.proof_of_head(stream, size)
        assert found.checkpoint.size == (size or new)
        note = parse_note(found.proof.note)
        verified(note, log_vkeys(log().id))
        root = parse_checkpoint(note.text).root
        leaf = parse(found.proof.leaf)
        merkle.verify_inclusion(found.proof.index, found.proof.size, leaf.leaf_hash, list(found.proof.hashes), root)
        assert head_of(leaf) == Head.of_note(found.checkpoint.note)


def test_the_newest_is_proved_that_the_log_of_heads_covers(stream: StreamView) -> None:
    old = sealed(stream, "a")
    log_heads()
    seal_window(log().id, reason="request")
    new = sealed(stream, "b")
    log_heads()
    assert selector.proof_of_head(stream).checkpoint.size == old
    assert selector.newest_logged(stream) == selector.LoggedHeadView(new, 3, 3)
    newest = selector.newest_logged(stream)
    assert newest is not None
    assert outside_of(stream).logged == newest
    assert not newest.covered
    with pytest.raises(NotThere):
        selector.proof_of_head(stream, new)


def test_a_stream_without_a_checkpoint_has_no_head(stream: StreamView) -> None:
    assert selector.newest_logged(stream) is outside_of(stream).logged is None
    with pytest.raises(NotThere):
        selector.proof_of_head(stream)
    with pytest.raises(LeafSchema):
        head_of(audit(stream).leaves[0])


def test_the_sweep_asks_once_for_each_stream_however_many_checkpoints_there_are(stream: StreamView) -> None:
    sealed(stream, "a")
    log_heads()
    with connection.execute_wrapper(_no_write):
        assert log_heads() == 0


def _no_write(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: FBT001 - Django's signature
    assert sql.lstrip().startswith("SELECT")
    return execute(sql, params, many, context)
