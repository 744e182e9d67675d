"""A stream whose database was put back is refilled from entry bundles: by the guard's history and no other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from ledger.core import ed25519
from ledger.core.dsse import pae
from ledger.core.receipt import PAYLOAD_TYPE
from ledger.errors import IntegrityLost, NotThere, RequestError
from ledger.selectors import leaves, receipts
from ledger.selectors.keys import key_by_kid
from ledger.selectors.streams import StreamView
from ledger.selectors.streams import stream as named
from ledger.services.keys import rotate
from ledger.services.refill import refill
from ledger.services.seal import seal_window
from ledger.services.streams import ensure_platform
from ledger.services.system_events import flush_spool
from ledger.services.verify_store import verify_store
from ledger.storage import store, tile_key
from tests.support.clones import Clone
from tests.support.guarded import code_of, settled, snapshot
from tests.support.server import Server
from tests.support.streams import ACTOR, append, event, events, fresh, new_stream

pytestmark = pytest.mark.db
Restore = Callable[[], None]


@pytest.fixture
def stream(ledger_db: object, monkeypatch: pytest.MonkeyPatch) -> StreamView:
    """Genesis, 5 events, manifest 6, signed."""
    ensure_platform()
    made = new_stream()
    append(made, *events(range(5)))
    seal_window(made.id, reason="request")
    return fresh(made)


@pytest.fixture
def restore(stream: StreamView, server: Server, db_clone: Clone) -> Iterator[Restore]:
    """Put the database back to the moment of the first checkpoint."""
    with snapshot(server, db_clone) as back:
        yield back


def told(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("stream_refill", "acme/decisions", *arguments, "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def ready() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Client().get("/ready").content)["checks"]["head_guard"]
    return found


def entered() -> dict[str, Any]:
    """What the system ledger was told of the one refill."""
    flush_spool()
    system = named("_system", "events")
    found = [leaves.event(system, index) for index in range(1, system.size)]
    (payload,) = [one.payload for one in found if one.type == "ledger:stream:refilled"]
    told: dict[str, Any] = json.loads(payload or b"")
    return told


def two_windows(stream: StreamView) -> None:
    """Events 7 and 8, manifest 9, event 10, manifest 11: both signed."""
    append(stream, *events("ab"))
    seal_window(stream.id, reason="request")
    append(stream, event("c"))
    seal_window(stream.id, reason="request")


def problems(stream: StreamView) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in verify_store(fresh(stream), "full", lambda _: None).problems:
        found.setdefault(one.code, set()).add(one.path)
    return found


def test_what_the_entry_bundles_hold_is_put_back_and_the_stream_goes_on(stream: StreamView, restore: Restore) -> None:
    two_windows(stream)
    before = [receipts.receipt(fresh(stream), index) for index in (7, 8, 10)]
    raw = [view.bytes for view in leaves.leaves(fresh(stream), 0, 12)]
    restore()
    assert "head_guard_ahead" in ready()["detail"]
    found = told("--dry-run")
    assert (found["leaves"], found["events"], found["windows"], found["code"]) == (5, 3, 2, "head_guard_ahead")
    assert fresh(stream).size == 7
    found = told()
    assert (found["first"], found["leaves"], found["lacking_objects"], found["code"]) == (7, 5, 6, "")
    assert (found["signed"], found["unsigned"]) == ([10], [])
    assert [view.bytes for view in leaves.leaves(fresh(stream), 0, 12)] == raw
    seal_window(stream.id, reason="request")
    assert append(stream, event("d")).appended[0].index == 12
    assert entered() == {"stream": stream.origin, "first": 7, "leaves": 5, "events": 3}
    seal_window(stream.id, reason="request")
    assert settled(stream).sizes == [7, 10, 12, 14]
    for index, one in zip((7, 8, 10), before, strict=True):
        assert receipts.receipt(fresh(stream), index) == one
        public = key_by_kid(str(one.signatures[0].keyid)).public
        assert ed25519.verify(public, pae(PAYLOAD_TYPE, one.payload), one.signatures[0].sig)
    assert code_of(stream) == ""
    gone = {f"{role} {index}" for role in ("attrs", "payload") for index in (7, 8, 10)}
    assert problems(stream) == {"payload_missing": gone}
    assert told()["leaves"] == 0


def test_an_event_whose_content_was_lost_is_a_new_leaf_when_it_is_sent_again(
    stream: StreamView, restore: Restore
) -> None:
    two_windows(stream)
    restore()
    refill(fresh(stream), dry_run=False)
    assert append(stream, event(0)).appended[0].index == 1
    assert append(stream, event("a")).appended[0].index == 12


def test_leaves_that_no_checkpoint_covered_come_from_a_folder_or_not_at_all(
    stream: StreamView, restore: Restore, tmp_path: Path
) -> None:
    two_windows(stream)
    append(stream, event("tail"))
    last = leaves.leaf(fresh(stream), 12).bytes
    restore()
    with pytest.raises(NotThere, match="12 to 12"):
        refill(fresh(stream), dry_run=False)
    assert fresh(stream).size == 7
    (tmp_path / "leaf").mkdir()
    (tmp_path / "leaf" / "12").write_bytes(last)
    refill(fresh(stream), folder=tmp_path, dry_run=False)
    assert (fresh(stream).size, code_of(stream)) == (13, "")
    seal_window(stream.id, reason="request")
    append(stream, event("more"))
    seal_window(stream.id, reason="request")
    assert settled(stream).sizes[:3] == [7, 10, 12]


def test_a_mirror_gives_what_the_store_lost(stream: StreamView, restore: Restore, tmp_path: Path) -> None:
    two_windows(stream)
    for key in list(store().keys(tile_key(stream.origin, "tile"))):
        place = tmp_path / key.removeprefix(f"tiles/{stream.origin}/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(store().get(key))
        if not key.endswith("/7"):
            store().delete(key)
    restore()
    with pytest.raises(NotThere):
        refill(fresh(stream), dry_run=True)
    assert told("--from", str(tmp_path))["code"] == ""
    seal_window(stream.id, reason="request")
    assert settled(stream).sizes == [7, 10, 12]


@pytest.mark.parametrize("altered", [b"request", b"t.test"])
def test_an_altered_entry_puts_nothing_back(stream: StreamView, restore: Restore, altered: bytes) -> None:
    two_windows(stream)
    key = tile_key(stream.origin, "tile/entries/000.p/12")
    data = store().get(key)
    at = data.rindex(altered)
    store().delete(key)
    store().put(key, data[:at] + altered[::-1] + data[at + len(altered) :])
    restore()
    with pytest.raises((IntegrityLost, NotThere, RequestError)):
        refill(fresh(stream), dry_run=False)
    assert (fresh(stream).size, code_of(stream)) == (7, "head_guard_ahead")


def test_leaves_behind_a_lost_key_are_refused_and_said_why(stream: StreamView, restore: Restore) -> None:
    rotate(stream, "receipt", actor=ACTOR)
    append(stream, event("by the new key"))
    seal_window(stream.id, reason="request")
    restore()
    with pytest.raises(CommandError, match="private halves"):
        call_command("stream_refill", "acme/decisions", stdout=StringIO())
    assert fresh(stream).size == 7


def test_a_stream_that_lacks_nothing_is_left_alone(stream: StreamView) -> None:
    two_windows(stream)
    assert told()["leaves"] == 0
    assert settled(stream).sizes == [7, 10, 12]
