"""An empty database becomes a tenant with people, keys and streams by commands alone, each of them audited."""

from __future__ import annotations

import json
import time
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from governance.identity.models import Namespace, Person
from governance.identity.one_time import code_at, secret_of
from ledger.selectors import leaves
from ledger.selectors.streams import stream

pytestmark = pytest.mark.db
EVENT = {"type": "note.written", "payload": {"text": "first"}}


def said(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command(*arguments, "--json", stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def recorded() -> list[str]:
    governance = stream("_governance", "changes")
    found = (leaves.leaf(governance, index).envelope for index in range(governance.size))
    return [str(envelope["type"]) for envelope in found if envelope["kind"] == "event"]


def test_a_first_tenant_is_set_up_by_commands_and_its_key_appends(client: Client) -> None:
    tenant = said("tenant_create", "acme", "--name", "Acme Scoring Ltd")
    said("stream_create", "acme/decisions")
    key = said("key_create", "acme", "scoring")
    assert (tenant["namespace"], key["scopes"]) == ("acme", ["append", "read"])
    answer = client.post(
        "/api/v1/streams/acme/decisions/events/",
        json.dumps(EVENT),
        content_type="application/json",
        headers={"Authorization": f"Bearer {key['token']}"},
    )
    assert answer.status_code == 201, answer.content


def status_with(client: Client, token: str) -> int:
    return client.get("/api/v1/streams/acme/decisions/", headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_key_is_rotated_and_disabled_by_commands(client: Client) -> None:
    said("tenant_create", "acme")
    said("stream_create", "acme/decisions")
    first = said("key_create", "acme", "scoring")
    second = said("system_key_rotate", first["id"], "--overlap", "1")
    assert second["id"] == first["id"]
    assert [status_with(client, key["token"]) for key in (first, second)] == [200, 200]
    third = said("system_key_rotate", first["id"], "--overlap", "0")
    assert [status_with(client, key["token"]) for key in (first, second, third)] == [401, 401, 200]
    assert said("system_key_disable", first["id"])["state"] == "disabled"
    assert status_with(client, third["token"]) == 401
    assert recorded()[-3:] == [
        "identity:system_key:rotated", "identity:system_key:rotated", "identity:system_key:disabled",
    ]  # fmt: skip


def test_a_person_made_by_command_signs_in_with_what_it_told(client: Client) -> None:
    said("tenant_create", "acme")
    person = said("person_create", "Ada@Acme.example", "--name", "Ada Lovelace")
    said("role_grant", "ada@acme.example", "tenant_admin", "--tenant", "acme")
    client.post("/login/", {"email": person["email"], "password": person["password"], "next": ""})
    secret = secret_of(person["otpauth"].partition("secret=")[2].partition("&")[0])
    client.post("/login/code/", {"code": code_at(secret, time.time())[0]})
    page = client.get("/")
    assert page.status_code == 200
    assert b"Tenant admin" in page.content or b"tenant admin" in page.content


def test_a_personal_token_reads_what_its_holder_may_read(client: Client) -> None:
    said("tenant_create", "acme")
    said("stream_create", "acme/decisions")
    said("person_create", "ada@acme.example", "--name", "Ada")
    said("role_grant", "ada@acme.example", "tenant_viewer", "--tenant", "acme")
    token = said("token_create", "ada@acme.example", "reports", "--days", "1")["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/v1/streams/acme/decisions/", headers=bearer).status_code == 200
    refused = client.post(
        "/api/v1/streams/acme/decisions/events/", json.dumps(EVENT), "application/json", headers=bearer
    )
    assert refused.status_code == 403


def test_every_command_leaves_its_event_and_the_platform_is_founded_once() -> None:
    said("tenant_create", "acme")
    said("tenant_create", "globex")
    said("key_create", "acme", "scoring", "--scope", "read")
    said("person_create", "ada@acme.example", "--name", "Ada")
    told = recorded()
    assert sum(name.endswith("tenant:created") for name in told) == 2
    assert sum(name.endswith("key:created") for name in told) == 1
    assert sum(name.endswith("person:created") for name in told) == 1
    assert Namespace.objects.filter(name__startswith="_").count() == 3


@pytest.mark.parametrize(
    ("arguments", "next_step"),
    [
        (("role_grant", "nobody@acme.example", "author", "--tenant", "acme"), "person_create"),
        (("role_grant", "ada@acme.example", "author", "--tenant", "nowhere"), "tenant_create"),
        (("key_create", "nowhere", "scoring"), "tenant_create"),
        (("tenant_create", "acme"), "another name"),
        (("person_create", "no address", "--name", "X"), "address"),
        (("role_grant", "ada@acme.example", "guest_auditor", "--tenant", "acme", "--expires", "soon"), "2026-12-14"),
    ],
)
def test_a_refused_command_says_what_to_do_next_and_changes_nothing(arguments: tuple[str, ...], next_step: str) -> None:
    said("tenant_create", "acme")
    said("person_create", "ada@acme.example", "--name", "Ada")
    before = (recorded(), Person.objects.count(), Namespace.objects.count())
    with pytest.raises(CommandError, match=next_step):
        call_command(*arguments)
    assert (recorded(), Person.objects.count(), Namespace.objects.count()) == before


def test_in_words_nothing_that_is_told_once_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("tenant_create", "acme")
    call_command("key_create", "acme", "scoring")
    call_command("person_create", "ada@acme.example", "--name", "Ada")
    told = capsys.readouterr().out
    for part in ("cs_key_", "otpauth://", "Password", "Recovery codes", "told once"):
        assert part in told
