"""A paused signer signs nothing, loses nothing, and says so; other streams go on."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from ledger.errors import RequestError, SignerPaused
from ledger.models import EventIndex, Prepared, SignerPause
from ledger.selectors import keys
from ledger.selectors.pauses import all_pauses, pause_reason
from ledger.selectors.streams import StreamView
from ledger.selectors.streams import stream as stream_named
from ledger.services.keys import rotate
from ledger.services.pauses import set_pause
from ledger.services.seal import seal_window
from ledger.services.streams import ensure_platform
from ledger.services.system_events import flush_spool
from ledger.storage.signer import signer
from tests.support.log_audit import audit
from tests.support.streams import append, event, events, fresh, new_stream

pytestmark = pytest.mark.db
ACTOR = "command:tests"


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    ensure_platform()
    made = new_stream()
    append(made, *events(range(3)))
    return made


def pause(stream: StreamView | None, *, paused: bool = True) -> bool:
    return set_pause(stream, paused=paused, reason="ceremony", actor=ACTOR)


def test_nothing_is_signed_until_it_is_resumed(stream: StreamView) -> None:
    other = new_stream("others")
    assert pause(stream)
    assert not pause(stream), "it is paused already"
    with pytest.raises(SignerPaused, match="ceremony"):
        signer().sign(keys.key_in_force(stream.id, "receipt"), b"message")
    with pytest.raises(SignerPaused):
        seal_window(stream.id, reason="request")
    with pytest.raises(SignerPaused):
        rotate(stream, "checkpoint", actor=ACTOR)
    text = Prepared.objects.get().text
    append(other, event("goes on"))
    assert pause(stream, paused=False)
    assert seal_window(stream.id, reason="request") is not None
    assert audit(fresh(stream)).sizes[0] == int(text.split("\n")[1])


def test_all_streams_are_paused_at_once(stream: StreamView) -> None:
    pause(None)
    assert pause_reason(stream.id) == "ceremony"
    assert not pause(None)
    pause(stream)
    pause(None, paused=False)
    assert (pause_reason(stream.id), [one.stream for one in all_pauses()]) == ("ceremony", [stream.id])


def test_pauses_are_recorded_and_never_changed(stream: StreamView, owner_connection: Any) -> None:
    pause(stream)
    pause(stream, paused=False)
    flush_spool()
    system = stream_named("_system", "events")
    seen = EventIndex.objects.filter(stream_id=system.id, type__startswith="ledger:signer").order_by("index")
    assert list(seen.values_list("type", flat=True)) == ["ledger:signer:paused", "ledger:signer:resumed"]
    with pytest.raises(Exception, match="append-only"):
        owner_connection.execute("UPDATE ledger_signerpause SET paused = false")
    assert SignerPause.objects.count() == 2


def test_readiness_tells_of_a_pause_and_stays_ready_for_the_rest(stream: StreamView, client: Client) -> None:
    pause(stream)
    found = json.loads(client.get("/ready").content)["checks"]["signer"]
    assert (found["state"], "1 stream is paused" in found["detail"]) == ("warn", True)
    pause(stream, paused=False)
    assert json.loads(client.get("/ready").content)["checks"]["signer"]["state"] == "pass"


def test_a_reason_is_needed(stream: StreamView, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RequestError):
        set_pause(stream, paused=True, reason=" ", actor=ACTOR)
    call_command("signer_pause", "acme/decisions", "--reason", "x", "--dry-run")
    assert "would be paused" in capsys.readouterr().out
    call_command("signer_pause", "acme/decisions", "--reason", "x")
    call_command("signer_pause", "acme/decisions", "--reason", "x")
    assert "nothing was done" in capsys.readouterr().out
    call_command("signer_resume", "--all", "--reason", "x")
    call_command("signer_resume", "acme/decisions", "--reason", "x", "--json")
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["changed"] is True
    assert all_pauses() == []
