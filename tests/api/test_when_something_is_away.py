"""Each row of `ledger.postures`: the failure is made, and the API held to what the row says."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest
from celery import current_app
from django.conf import settings
from django.db import connections
from django.test import Client
from kombu.exceptions import OperationalError

from ledger.core.head_guard import encode
from ledger.core.note import make_vkey
from ledger.core.types import Hash
from ledger.errors import StorageFull
from ledger.models import StreamHead
from ledger.postures import POSTURES, Posture
from ledger.services import append, clock, committer
from ledger.services.committer import attempts, process
from ledger.services.committer.group_transaction import Group
from ledger.services.pauses import set_pause
from ledger.services.seal import seal_window
from ledger.services.streams import StreamOptions, create_stream
from ledger.services.successor import continue_stream
from ledger.storage import store
from ledger.storage.guards.configured import head_guard
from tests.support.clocks import make_shiftable, shift
from tests.support.clones import Clone
from tests.support.guarded import reconnected
from tests.support.streams import fresh
from tests.support.world import Place

Undo = Callable[[], object]
LARGE = "x" * 40_000
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")  # RFC 8032, 7.1, test 1
OTHER = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")  # RFC 8032, 7.1, test 2


_FULL = """
CREATE FUNCTION full_volume() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN RAISE EXCEPTION USING ERRCODE = ''disk_full'', MESSAGE = ''could not extend file''; END';
CREATE TRIGGER full_volume BEFORE INSERT ON ledger_leaf
    FOR EACH ROW WHEN (NEW.stream_id = {stream}) EXECUTE FUNCTION full_volume()
"""


def policy(name: str) -> str:
    """Of a stream whose witness cannot be asked."""
    return f"log {make_vkey(name, PUBLIC)}\nwitness w {make_vkey('witness.example', OTHER, 4)}\nquorum w\n"


def post(where: Place, event_id: str) -> tuple[int, dict[str, Any]]:
    body = json.dumps({"type": "t.test", "id": event_id, "source": "urn:t", "payload": LARGE})
    client = Client(raise_request_exception=False)
    answer = client.post(f"{where.path}events/", body, "application/json", headers=where.bearer)
    return answer.status_code, json.loads(answer.content)


def guard() -> Path:
    return Path(settings.COUNTERSIGN_HEAD_GUARD.removeprefix("file://"))


class Failures:
    """One method for each failure; it returns what ends it."""

    def __init__(self, where: Place, patch: pytest.MonkeyPatch, owner: psycopg.Connection[Any], database: str) -> None:
        self.where, self.patch, self.owner, self.database = where, patch, owner, database

    def signer_down(self) -> Undo:
        self.patch.setattr(settings, "COUNTERSIGN_SIGNER", "gone")
        return self.patch.undo

    def signer_paused(self) -> Undo:
        set_pause(self.where.stream, paused=True, reason="drill", actor="person:tests")
        return lambda: set_pause(self.where.stream, paused=False, reason="over", actor="person:tests")

    def signer_fails_after_commit(self) -> Undo:
        promised = append._promised

        def paused_then(kept: committer.Item) -> int:
            found = promised(kept)
            self.signer_paused()
            return found

        self.patch.setattr(append, "_promised", paused_then)

        def back() -> None:
            self.patch.undo()
            set_pause(self.where.stream, paused=False, reason="over", actor="person:tests")

        return back

    def guard_goes_away(self) -> Undo:
        here = guard()
        away = here.rename(here.with_name(f"{here.name}-away"))
        return lambda: away.rename(here)

    def guard_is_away(self) -> Undo:
        back = self.guard_goes_away()
        assert post(self.where, "noticed")[0] == 503
        return back

    def guard_behind_witnesses_not_asked(self) -> Undo:
        saved = {path: path.read_bytes() for path in guard().glob("*.json")}
        seal_window(self.where.stream.id, reason="request")
        now = {path: path.read_bytes() for path in saved}
        return self._documents(saved, now)

    def guard_behind_no_witnesses(self) -> Undo:
        """The answer itself puts the guard where it was."""
        self.guard_behind_witnesses_not_asked()
        return lambda: None

    def guard_ahead(self) -> Undo:
        saved = {path: path.read_bytes() for path in guard().glob("*.json")}
        origin, size = self.where.stream.origin, fresh(self.where.stream).size + 5
        head_guard().advance_receipted(origin, size, Hash(bytes(32)), lambda _: True)
        now = {path: path.read_bytes() for path in saved}
        return self._documents(now, saved)

    def guard_conflict(self) -> Undo:
        origin = self.where.stream.origin
        seal_window(self.where.stream.id, reason="request")
        saved, held = {path: path.read_bytes() for path in guard().glob("*.json")}, head_guard().read(origin)
        assert held.head is not None
        other = encode(origin, replace(held, head=replace(held.head, root=Hash(bytes(32)))))
        return self._documents({guard() / f"{sha256(origin.encode()).hexdigest()}.json": other}, saved)

    def guard_corrupt(self) -> Undo:
        saved = {path: path.read_bytes() for path in guard().glob("*.json")}
        return self._documents(dict.fromkeys(saved, b"{}"), saved)

    def guard_missing(self) -> Undo:
        saved = {path: path.read_bytes() for path in guard().glob("*.json")}
        for path in saved:
            path.unlink()
        reconnected()
        return lambda: self._documents(saved, saved)

    def database_away(self) -> Undo:
        held = connections.settings["default"]
        before = {"HOST": held["HOST"]}
        reconnected()
        held.update(HOST="/nonexistent")

        def back() -> None:
            held.update(before)
            reconnected()

        return back

    def commit_unknown(self) -> Undo:
        write = Group._write

        def cut(group: Group, wire: Any, claimed: Any) -> None:
            write(group, wire, claimed)
            wire.connection().close()
            raise psycopg.OperationalError("the connection is lost")

        def silent(*_: object) -> None:
            raise psycopg.OperationalError("no answer")

        self.patch.setattr(Group, "_write", cut)
        self.patch.setattr(attempts.Attempts, "_ask", silent)
        self.patch.setattr(attempts, "ASK_SECONDS", 0.0)
        return self.patch.undo

    def stream_locked_too_long(self) -> Undo:
        self.patch.setattr(process, "WAIT_SECONDS", 0.3)
        self.owner.execute("BEGIN")
        self.owner.execute("SELECT 1 FROM ledger_streamhead WHERE stream_id = %s FOR UPDATE", [self.where.stream.id])

        def let_go() -> None:
            self.patch.undo()
            self.owner.execute("ROLLBACK")

        return let_go

    def payload_volume_full(self) -> Undo:
        def full(*_: object) -> None:
            raise StorageFull("The volume is full")  # for real: test_full_volume.py

        self.patch.setattr(type(store()), "put", full)
        return self.patch.undo

    def database_full(self) -> Undo:
        """PostgreSQL itself raises what it raises on a full volume, where the leaf is written."""
        self.owner.execute(_FULL.format(stream=self.where.stream.id))
        return lambda: self.owner.execute("DROP FUNCTION full_volume CASCADE")

    def clock_ahead(self) -> Undo:
        """The database's own, by a year; it was made so that it can be shifted before the first event."""
        shift(self.database, "1 year")
        return lambda: shift(self.database, "0")

    def stream_stopped(self) -> Undo:
        rows = StreamHead.objects.filter(pk=self.where.stream.id)
        rows.update(stopped="integrity")
        return lambda: rows.update(stopped=None)

    def stream_closed(self) -> Undo:
        old = self.where.stream
        new = continue_stream(old, f"{old.name}-2", actor="key:tests", reason="drill").new
        assert new is not None
        size = fresh(old).size

        def moved() -> None:
            assert fresh(old).size == size
            self.where.stream = new

        return moved

    def broker_away(self) -> Undo:
        self.patch.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:1/0")
        with pytest.raises(OperationalError), current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=1)
        return self.patch.undo

    def _documents(self, there: dict[Path, bytes], then: dict[Path, bytes]) -> Undo:
        """The guard holds `there` now, and `then` once it is over."""

        def put(documents: dict[Path, bytes]) -> None:
            for path, data in documents.items():
                path.write_bytes(data)
            reconnected()

        put(there)
        return lambda: put(then)


def place(acme: Place, row: Posture) -> Place:
    """A stream with the row's setting and one event."""
    setting = "pending" if row.setting == "any" else row.setting
    name = f"away-{row.setting}"
    options = StreamOptions(without_receipt=setting)
    if row.code == "head_guard_behind":
        options = replace(options, policy=policy("log.example"))
    made = replace(acme, stream=create_stream("acme", name, actor="key:tests", options=options))
    assert post(made, "before")[0] == 201
    return made


@pytest.mark.parametrize("row", POSTURES, ids=lambda row: f"{row.failure}, {row.setting}")
def test_the_api_keeps_to_the_table(
    acme: Place,
    row: Posture,
    monkeypatch: pytest.MonkeyPatch,
    ledger_db: Clone,
    owner_connection: psycopg.Connection[Any],
) -> None:
    if row.code == "clock":
        monkeypatch.setattr(clock, "watch", clock.SteadyWatch())
        reconnected()
        make_shiftable(ledger_db.admin_url)
    where = place(acme, row)
    failures = Failures(where, monkeypatch, owner_connection, ledger_db.admin_url)
    end: Undo = getattr(failures, row.failure.replace(",", "").replace(" ", "_"))()
    size = fresh(where.stream).size if row.failure != "database away" else 2
    status, told = post(where, "asked")
    code = "receipt_pending" if "receipt_pending" in told else told.get("code", "")
    assert (status, code) == (row.status, row.code)
    if status == 202:
        assert told["receipt_pending"]["receipts"] == [f"{where.path}events/{told['index']}/receipt/"]
        assert _receipt(where, told)[0] == 202
    elif status == 201:
        assert told["receipt"]["signatures"]
    else:
        assert told["next"]
    if row.durable == "kept" and status == 503:
        assert _nothing_promised(where, size), "it was committed, and the guard was not told"
    asked = where.stream
    end()
    _settled(where, row, size if where.stream is asked else fresh(where.stream).size)
    if status == 202:
        assert _receipt(where, told) == (200, post(where, "asked")[1]["receipt"])


def _nothing_promised(where: Place, index: int) -> bool:
    """The event is there, and whoever asks for its receipt gets none."""
    answer = Client(raise_request_exception=False).get(f"{where.path}events/{index}/receipt/", headers=where.bearer)
    return fresh(where.stream).size == index + 1 and answer.status_code not in {200, 202}


def _receipt(where: Place, told: dict[str, Any]) -> tuple[int, Any]:
    answer = Client().get(told["receipt_pending"]["receipts"][0], headers=where.bearer)
    return answer.status_code, answer.json()


def _settled(where: Place, row: Posture, size: int) -> None:
    """Sent again, the event is there once, with its receipt; whether it was there before is what the row says."""
    grown = fresh(where.stream).size - size
    assert {"kept": grown == 1, "nothing": grown == 0, "either": grown in {0, 1}}[row.durable]
    status, told = post(where, "asked")
    assert status == (200 if row.durable == "kept" else 201 if row.durable == "nothing" else status)
    assert (status in {200, 201}, bool(told["receipt"]["signatures"])) == (True, True)
    assert fresh(where.stream).size == size + 1
