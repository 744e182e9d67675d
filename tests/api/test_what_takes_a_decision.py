"""After the founding API, page and command answer alike, change nothing, and leave a denial each."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from governance.identity.core.roles import Role
from ledger.models import LeafObject
from ledger.selectors.leaves import event, events_in
from ledger.selectors.streams import stream
from ledger.services.system_events import flush_spool
from tests.api.test_bad_input import check
from tests.api.test_proofs import fill, seal
from tests.support.decided import founded
from tests.support.world import Place, person, signed_in

BASE = "/api/v1/streams/acme/decisions/"
ERASE = {"from": 2, "to": 3, "parts": ["payload"], "reason_code": "subject", "reason": "request 7"}
HOLD = {"from": 3, "to": 4, "case": "C-7", "reason": "audit"}


@pytest.fixture
def admin(client: Client, acme: Place) -> Client:
    fill(client, acme, 0, 4)
    seal(client, acme)
    found = signed_in(person("ada@acme.test", Role.TENANT_ADMIN, acme.tenant))
    post(found, "holds/", HOLD)
    founded()
    return found


def post(client: Client, path: str, body: Any) -> Any:
    return client.post(BASE + path, json.dumps(body), "application/json")


def denials() -> list[tuple[str, str]]:
    """Actor and code of the denials in the system ledger."""
    flush_spool()
    log = stream("_system", "events")
    told = [json.loads(event(log, row.index).payload or b"{}") for row in events_in(log, None, 100)]
    return [(one["actor"].partition(":")[0], one["code"]) for one in told if "code" in one and "actor" in one]


def test_the_api_names_the_type_to_draft(admin: Client) -> None:
    for path, body, kind in (
        ("erasures/", ERASE, "payload.erase"),
        ("holds/release/", {"case": "C-7", "reason": "over"}, "hold.release"),
    ):
        answer = post(admin, path, body)
        check(answer, 403, "decision_needed")
        assert kind in answer.content.decode()
    assert LeafObject.objects.filter(index=2, role="payload").exists()
    assert denials().count(("person", "decision_needed")) == 2


def test_a_command_leaves_its_denial_too(admin: Client) -> None:
    del admin
    for command in (
        ["payload_erase", "acme/decisions", "--from", "2", "--reason-code", "subject", "--reason", "x"],
        ["key_rotate", "acme/decisions", "--use", "receipt"],
        ["stream_publish", "acme/decisions", "--tiles", "on", "--reason", "x"],
    ):
        with pytest.raises(CommandError, match="Propose a change of the type"):
            call_command(*command, stdout=io.StringIO())
    assert denials().count(("command", "decision_needed")) == 3


def test_a_page_pauses_and_does_not_resume(admin: Client) -> None:
    address = "/streams/acme/decisions/reliance/change/"
    fields = {"first": "2", "last": "3", "reason": "another history was shown"}
    assert admin.post(address, {**fields, "state": "paused"}).status_code == 302
    size = stream("acme", "decisions").size
    refused = admin.post(address, {**fields, "state": "resumed"})
    assert (refused.status_code, "reliance.resume" in refused.content.decode()) == (422, True)
    assert stream("acme", "decisions").size == size
    assert denials().count(("person", "decision_needed")) == 1
