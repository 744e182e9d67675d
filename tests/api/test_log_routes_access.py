"""Who may read a log: anybody where it is public, else who may read the stream; all others see nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from governance.identity.actions.create_personal_token import create_personal_token
from governance.identity.actions.disable_system_key import disable_system_key
from governance.identity.actions.set_tenant_state import set_tenant_state
from governance.identity.core.principal import Scope
from governance.identity.core.roles import Role
from governance.identity.models.tenant import TenantState
from tests.support.publishing import get, grown, publish
from tests.support.world import SEED, Place, bearer, key_with, moment, person, signed_in

HEAD = "checkpoint"
PATHS = (HEAD, "tile/0/000.p/3", "tile/entries/000.p/3")


@pytest.fixture
def sealed(acme: Place) -> Place:
    """A private log of three leaves."""
    grown(acme.stream, 3)
    return acme


def statuses(client: Client, where: Place, headers: dict[str, str]) -> list[int]:
    return [get(client, where.stream, path, **headers).status_code for path in PATHS]


def hidden(answer: Any) -> dict[str, Any]:
    """The body of a refusal without the id of its request."""
    assert answer.status_code == 404
    assert answer["Cache-Control"] == "no-store"
    body: dict[str, Any] = json.loads(answer.content)
    del body["request_id"]
    return body


def test_a_private_log_is_read_with_its_key_and_by_nobody_else(client: Client, sealed: Place, other: Place) -> None:
    assert statuses(client, sealed, sealed.bearer) == [200, 200, 200]
    assert statuses(client, sealed, {}) == [404, 404, 404]
    assert statuses(client, sealed, other.bearer) == [404, 404, 404]
    assert statuses(client, sealed, key_with(sealed, Scope.READ)) == [200, 200, 200]
    assert statuses(client, sealed, key_with(sealed, Scope.APPEND)) == [404, 404, 404]


@pytest.mark.parametrize("path", PATHS)
def test_refusals_do_not_tell_a_private_log_from_none(client: Client, sealed: Place, other: Place, path: str) -> None:
    wrong = bearer(f"cs_key_{'0' * 32}_{'A' * 43}")
    callers: list[dict[str, str]] = [{}, other.bearer, wrong, {"Authorization": "Basic eDp5"}, {"Authorization": "x"}]
    unknown = hidden(client.get(f"/log/nobody/nothing/{path}"))
    for caller in callers:
        assert hidden(get(client, sealed.stream, path, **caller)) == unknown
        assert hidden(client.get(f"/log/acme/nothing/{path}", headers=caller)) == unknown
        assert hidden(client.get(f"/log/nobody/nothing/{path}", headers=caller)) == unknown
    assert hidden(client.get(f"/log/acme/nothing/{path}", headers=sealed.bearer)) == unknown
    assert hidden(client.get("/log/acme/decisions/nothing")) == unknown


@pytest.mark.parametrize(
    ("role", "at_home", "expected"),
    [
        (Role.TENANT_ADMIN, True, [200, 200, 200]),
        (Role.TENANT_VIEWER, True, [200, 200, 200]),
        (Role.INTERNAL_AUDITOR, True, [200, 200, 200]),
        (Role.PLATFORM_OPERATOR, False, [200, 200, 404]),
        (Role.WITNESS_OPERATOR, False, [404, 404, 404]),
    ],
)
def test_a_person_reads_what_their_roles_let_them(
    sealed: Place, role: Role, *, at_home: bool, expected: list[int]
) -> None:
    who = person("x@acme.test", role, sealed.tenant if at_home else None)
    assert statuses(signed_in(who), sealed, {}) == expected
    assert statuses(signed_in(who, verified=False), sealed, {}) == [404, 404, 404]
    token = create_personal_token(who, "script", timedelta(days=1), by=SEED, at=moment()).token.reveal()
    assert statuses(Client(), sealed, bearer(token)) == expected


def test_a_guest_auditor_reads_with_their_token(sealed: Place) -> None:
    until = moment().now + timedelta(days=1)
    who = person("guest@audit.test", Role.GUEST_AUDITOR, sealed.tenant, expires=until)
    assert statuses(signed_in(who), sealed, {}) == [200, 200, 200]


def test_a_key_that_was_disabled_opens_nothing(client: Client, sealed: Place) -> None:
    disable_system_key(sealed.key, by=SEED, at=moment())
    assert statuses(client, sealed, sealed.bearer) == [404, 404, 404]


def test_tiles_and_entries_are_public_apart(client: Client, sealed: Place) -> None:
    publish(sealed.stream, tiles=True)
    assert statuses(client, sealed, {}) == [200, 200, 404]
    publish(sealed.stream, entries=True)
    assert statuses(client, sealed, {}) == [200, 200, 200]
    publish(sealed.stream, entries=False)
    assert statuses(client, sealed, {}) == [200, 200, 404]
    publish(sealed.stream, tiles=False)
    assert statuses(client, sealed, {}) == [404, 404, 404]


def test_a_public_log_is_public_whatever_is_presented(client: Client, sealed: Place, other: Place) -> None:
    publish(sealed.stream, tiles=True, entries=True)
    for caller in ({}, other.bearer, {"Authorization": "Bearer nonsense"}, key_with(sealed, Scope.APPEND)):
        assert statuses(client, sealed, caller) == [200, 200, 200]


def test_one_public_log_opens_no_other(client: Client, sealed: Place, other: Place) -> None:
    publish(sealed.stream, tiles=True, entries=True)
    grown(other.stream, 3)
    assert statuses(client, other, {}) == [404, 404, 404]


def test_a_suspended_tenant_is_still_read_and_a_disabled_one_is_not_there(client: Client, sealed: Place) -> None:
    publish(sealed.stream, tiles=True, entries=True)
    set_tenant_state(sealed.tenant, TenantState.SUSPENDED, "test", by=SEED, at=moment())
    assert statuses(client, sealed, {}) == [200, 200, 200]
    assert statuses(client, sealed, sealed.bearer) == [200, 200, 200]
    set_tenant_state(sealed.tenant, TenantState.DISABLED, "test", by=SEED, at=moment())
    assert statuses(client, sealed, {}) == [404, 404, 404]
    assert statuses(client, sealed, sealed.bearer) == [404, 404, 404]


def test_a_refusal_leaves_a_record(client: Client, sealed: Place, other: Place) -> None:
    from ledger.models import DenialTally  # noqa: PLC0415 - only this test looks at the rows
    from ledger.selectors.leaves import events_in  # noqa: PLC0415 - likewise
    from ledger.selectors.streams import stream  # noqa: PLC0415 - likewise

    before = len(events_in(stream("_system", "events"), None, 500))
    get(client, sealed.stream, HEAD, **other.bearer)
    assert [row.type for row in events_in(stream("_system", "events"), None, 500)[before:]] == [
        "console:request:denied"
    ]
    get(client, sealed.stream, HEAD)
    client.get("/log/nobody/nothing/checkpoint")
    doors = dict(DenialTally.objects.values_list("door", "count"))
    assert doors["log:checkpoint"] == 2


def test_a_rate_counts_what_a_credential_asks_for(client: Client, sealed: Place, settings: Any) -> None:
    settings.COUNTERSIGN_API_RATE = "2/60"
    asked = [get(client, sealed.stream, HEAD, **sealed.bearer).status_code for _ in range(3)]
    assert asked == [200, 200, 429]
