"""Who may do what: for every operation the happy path, the wrong method, the wrong tenant, the wrong role."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from console.addresses import parse_proxies
from governance.identity.actions.create_personal_token import create_personal_token
from governance.identity.actions.set_tenant_state import set_tenant_state
from governance.identity.core.principal import Scope
from governance.identity.core.roles import Role
from governance.identity.factors import BEGAN, SEEN
from governance.identity.models.tenant import TenantState
from ledger.selectors.leaves import event, events_in
from ledger.selectors.streams import stream
from tests.api.test_bad_input import check
from tests.support.counts import rows_of
from tests.support.world import SEED, Place, bearer, key_with, moment, person, signed_in

JSON = "application/json"
EVENT = '{"type":"t","payload":1}'


def mutations(where: Place) -> dict[str, tuple[str, str, int]]:
    """Address, body and status of every operation that changes something."""
    name = where.stream.namespace
    bundle = {"namespace": name, "stream": "decisions", "from": 0, "to": 0}
    return {
        "create": ("/api/v1/streams/", json.dumps({"namespace": name, "name": "second"}), 201),
        "append": (f"{where.path}events/", EVENT, 201),
        "seal": (f"{where.path}seal/", "", 200),
        "bundle": ("/api/v1/bundles/", json.dumps(bundle), 202),
    }


OPERATIONS = ["create", "append", "seal", "bundle"]
READS = ["", "events/", "events/0/", "checkpoints/", "windows/"]


def post(client: Client, where: Place, operation: str, headers: dict[str, str]) -> Any:
    address, body, _ = mutations(where)[operation]
    return client.generic("POST", address, body, JSON, headers=headers, CONTENT_TYPE=JSON)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_happy_path(client: Client, acme: Place, operation: str) -> None:
    if operation == "bundle":
        post(client, acme, "seal", acme.bearer)
    answer = post(client, acme, operation, acme.bearer)
    assert answer.status_code == mutations(acme)[operation][2], answer.content


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "POST2"])
def test_the_wrong_method(client: Client, acme: Place, operation: str, method: str) -> None:
    before = rows_of("acme")
    answer = client.generic(method, mutations(acme)[operation][0], headers=acme.bearer)
    check(answer, 405, "method_not_allowed")
    assert "POST" in answer["Allow"]
    assert rows_of("acme") == before


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_wrong_tenant(client: Client, acme: Place, other: Place, operation: str) -> None:
    before = rows_of("other")
    check(post(client, other, operation, acme.bearer), 404, "not_found")
    assert rows_of("other") == before


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("role", [Role.TENANT_VIEWER, Role.WITNESS_OPERATOR, Role.PLATFORM_OPERATOR])
def test_the_wrong_role(acme: Place, operation: str, role: Role) -> None:
    at_home = acme.tenant if role is Role.TENANT_VIEWER else None
    browser = signed_in(person("x@acme.test", role, at_home))
    before = rows_of("acme")
    answer = post(browser, acme, operation, {})
    hidden = role is Role.WITNESS_OPERATOR
    check(answer, 404 if hidden else 403, "not_found" if hidden else "role_missing")
    assert rows_of("acme") == before


@pytest.mark.parametrize(
    ("operation", "scope"), [(name, Scope.READ) for name in OPERATIONS[:3]] + [("bundle", Scope.APPEND)]
)
def test_the_wrong_scope(client: Client, acme: Place, operation: str, scope: Scope) -> None:
    before = rows_of("acme")
    check(post(client, acme, operation, key_with(acme, scope)), 403, "scope_missing")
    assert rows_of("acme") == before


@pytest.mark.parametrize("operation", OPERATIONS[:3])
def test_a_personal_token_writes_nothing_whoever_holds_it(client: Client, acme: Place, operation: str) -> None:
    admin = person("admin@acme.test", Role.TENANT_ADMIN, acme.tenant)
    issued = create_personal_token(admin, "script", timedelta(days=1), by=SEED, at=moment())
    before = rows_of("acme")
    check(post(client, acme, operation, bearer(issued.token.reveal())), 403, "token_cannot_write")
    assert rows_of("acme") == before


@pytest.mark.parametrize("operation", OPERATIONS[:3])
def test_a_suspended_tenant_writes_nothing_and_is_still_read(client: Client, acme: Place, operation: str) -> None:
    set_tenant_state(acme.tenant, TenantState.SUSPENDED, "unpaid", by=SEED, at=moment())
    before = rows_of("acme")
    check(post(client, acme, operation, acme.bearer), 403, "tenant_suspended")
    assert rows_of("acme") == before
    assert client.get(acme.path, headers=acme.bearer).status_code == 200


@pytest.mark.parametrize("part", READS)
def test_reads_need_the_right_and_hide_the_rest(client: Client, acme: Place, other: Place, part: str) -> None:
    assert client.get(f"{acme.path}{part}", headers=acme.bearer).status_code == 200
    check(client.get(f"{other.path}{part}", headers=acme.bearer), 404, "not_found")
    check(client.get(f"{acme.path}{part}"), 401, "credentials_missing")
    check(client.delete(f"{acme.path}{part}", headers=acme.bearer), 405, "method_not_allowed")


def test_a_key_that_may_only_append_sees_the_stream_but_reads_no_event(client: Client, acme: Place) -> None:
    header = key_with(acme, Scope.APPEND)
    assert client.get(acme.path, headers=header).status_code == 200
    check(client.get(f"{acme.path}events/", headers=header), 403, "scope_missing")
    check(client.get(f"{acme.path}events/0/", headers=header), 403, "scope_missing")


def test_a_list_shows_only_what_is_yours(client: Client, acme: Place, other: Place) -> None:
    items = client.get("/api/v1/streams/", headers=acme.bearer).json()["items"]
    assert {item["namespace"] for item in items} == {"acme"}
    check(client.get("/api/v1/streams/?namespace=other", headers=acme.bearer), 404, "not_found")


def test_a_session_needs_its_second_factor(acme: Place) -> None:
    developer = person("dev@acme.test", Role.TENANT_DEVELOPER, acme.tenant)
    check(post(signed_in(developer, verified=False), acme, "append", {}), 401, "second_factor_missing")
    assert post(signed_in(developer), acme, "append", {}).status_code == 201


def test_a_session_needs_the_token_against_forgery_on_unsafe_methods(acme: Place) -> None:
    developer = person("dev@acme.test", Role.TENANT_DEVELOPER, acme.tenant)
    browser = signed_in(developer, strict=True)
    before = rows_of("acme")
    assert browser.get(acme.path).status_code == 200
    check(post(browser, acme, "append", {}), 403, "csrf_failed")
    token = "a" * 32
    browser.cookies["countersign-csrf"] = token
    browser.cookies["__Host-countersign-csrf"] = token
    check(post(browser, acme, "append", {"X-CSRFToken": token, "Sec-Fetch-Site": "none"}), 403, "csrf_failed")
    assert rows_of("acme") == before
    answer = post(browser, acme, "append", {"X-CSRFToken": token, "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 201, answer.content


def test_a_form_from_a_foreign_page_is_refused_before_it_is_read(acme: Place) -> None:
    browser = signed_in(person("dev@acme.test", Role.TENANT_DEVELOPER, acme.tenant), strict=True)
    answer = browser.post(f"{acme.path}events/", {"type": "t"})
    check(answer, 415, "type_unsupported")


def test_another_site_is_refused_by_the_header_alone(acme: Place) -> None:
    browser = signed_in(person("dev@acme.test", Role.TENANT_DEVELOPER, acme.tenant))
    answer = post(browser, acme, "append", {"Sec-Fetch-Site": "cross-site"})
    check(answer, 403, "csrf_failed")


@pytest.mark.parametrize(("key", "age"), [(SEEN, timedelta(minutes=16)), (BEGAN, timedelta(hours=9))])
def test_a_session_ends_when_it_is_idle_or_old(acme: Place, key: str, age: timedelta) -> None:
    browser = signed_in(person("dev@acme.test", Role.TENANT_DEVELOPER, acme.tenant))
    assert browser.get(acme.path).status_code == 200
    session = browser.session
    session[key] = (timezone.now() - age).timestamp()
    session.save()
    check(browser.get(acme.path), 401, "credentials_missing")


def test_a_denial_of_a_known_caller_leaves_one_record(client: Client, acme: Place, other: Place) -> None:
    system = stream("_system", "events")
    before = len(events_in(system, None, 500))
    answer = client.get(other.path, headers={**acme.bearer, "X-Request-ID": "my-request"})
    check(answer, 404, "not_found")
    assert answer["X-Request-ID"] == "my-request"
    rows = events_in(system, None, 500)[before:]
    assert [row.type for row in rows] == ["console:request:denied"]
    told = json.loads(event(system, rows[0].index).payload or b"")
    assert told == {
        "code": "not_found", "reason": "namespace_hidden", "actor": f"key:{acme.key.public_id}", "door": "api:stream",
        "asked": {"namespace": "other", "stream": "decisions"}, "request_id": "my-request",
    }  # fmt: skip


def test_a_denial_tells_what_was_asked_for_and_keeps_it_short(client: Client, acme: Place) -> None:
    system = stream("_system", "events")
    before = len(events_in(system, None, 500))
    body = json.dumps({"namespace": "n" * 5_000, "name": "x" * 5_000})
    check(client.post("/api/v1/streams/", body, JSON, headers=acme.bearer), 404, "not_found")
    row = events_in(system, None, 500)[before]
    told = json.loads(event(system, row.index).payload or b"")
    assert told["asked"] == {"namespace": "n" * 64, "stream": "x" * 64}


def test_denials_of_callers_nobody_knows_are_summed(client: Client, acme: Place) -> None:
    from ledger.models import DenialTally  # noqa: PLC0415 - only this test looks at the rows

    for _ in range(3):
        client.get(acme.path)
    counts = DenialTally.objects.values_list("reason", "door", "count")
    assert sum(count for reason, door, count in counts if (reason, door) == ("credentials_missing", "api:stream")) == 3


def test_anybody_verifies_as_often_as_the_rate_for_strangers_allows(client: Client, acme: Place, settings: Any) -> None:
    settings.COUNTERSIGN_ANONYMOUS_RATE = "2/60"
    statuses = [client.post("/api/v1/verify/", "{}", JSON).status_code for _ in range(3)]
    assert statuses == [422, 422, 429]
    assert client.get("/api/schema/").status_code == 200
    assert client.post("/api/v1/verify/", "{}", JSON, REMOTE_ADDR="192.0.2.9").status_code == 422


def test_behind_a_trusted_proxy_each_client_has_a_rate_of_its_own(client: Client, acme: Place, settings: Any) -> None:
    settings.COUNTERSIGN_ANONYMOUS_RATE = "1/60"
    settings.COUNTERSIGN_TRUSTED_PROXIES = parse_proxies("127.0.0.0/8")
    told = ["192.0.2.1", "192.0.2.2", "192.0.2.1", "198.51.100.7, 192.0.2.2"]
    calls = [client.post("/api/v1/verify/", "{}", JSON, headers={"X-Forwarded-For": one}) for one in told]
    assert [call.status_code for call in calls] == [422, 422, 429, 429]


def test_a_rate_can_be_set_for_each_caller(client: Client, acme: Place, other: Place, settings: Any) -> None:
    settings.COUNTERSIGN_API_RATE = "2/60"
    statuses = [client.get(acme.path, headers=acme.bearer).status_code for _ in range(2)]
    refused = client.get(acme.path, headers=acme.bearer)
    check(refused, 429, "rate_limited")
    assert statuses == [200, 200]
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert client.get(other.path, headers=other.bearer).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/v1/",
        "/api/v1/streams",
        "/api/v2/streams/",
        "/api/v1/streams/Acme/x/",
        "/api/v1/jobs/7/",
        "/api/v1/streams/acme/decisions/events/01/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_every_unknown_address_is_a_problem(client: Client, acme: Place, path: str, method: str) -> None:
    check(client.generic(method, path, headers=acme.bearer), 404, "not_found")


def test_what_breaks_inside_is_a_problem_without_its_reason(
    client: Client, acme: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.api.operations.streams.health_of", lambda _: 1 / 0)
    answer = client.get(acme.path, headers=acme.bearer)
    check(answer, 500, "internal_error")
    assert b"division" not in answer.content


def test_options_names_the_methods_and_asks_for_nothing(client: Client, acme: Place) -> None:
    answer = client.options(f"{acme.path}seal/")
    assert answer.status_code == 204
    assert set(answer["Allow"].split(", ")) == {"POST", "OPTIONS"}


def test_a_database_that_is_away_is_a_problem_of_its_own(client: Client, acme: Place) -> None:
    connections["default"].close()
    values = connections["default"].settings_dict
    before, values["HOST"] = values["HOST"], "/nowhere"
    try:
        answer = post(client, acme, "append", acme.bearer)
    finally:
        values["HOST"] = before
    check(answer, 503, "database_unavailable")
    assert b"nowhere" not in answer.content
