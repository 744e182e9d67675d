"""A tenant's system keys: revealed once, rotated with an overlap, disabled; who may, and what is recorded."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from governance.identity import factors
from governance.identity.actions.create_system_key import create_system_key
from governance.identity.actions.set_tenant_state import set_tenant_state
from governance.identity.core.principal import Scope
from governance.identity.core.roles import Role
from governance.identity.models import Namespace, SystemKey
from governance.identity.models.tenant import TenantState
from governance.identity.selectors.principals import principal_of_token
from governance.identity.tokens import parse_token
from ledger.selectors import leaves, streams
from tests.web.house import BY, House, at, signed_in

NEW: dict[str, object] = {"namespace": "acme", "name": "scoring", "scopes": ["append", "read"]}
_TOKEN = re.compile(r'<pre id="token">(cs_key_[0-9a-f]{32}_[A-Za-z0-9_-]{43})</pre>')


def made(house: House, namespace: str = "acme", name: str = "pipeline") -> SystemKey:
    owner = Namespace.objects.get(name=namespace)
    return create_system_key(owner, name, {Scope.APPEND, Scope.READ}, by=BY, at=at()).key


def token_of(answer: object) -> str:
    found = _TOKEN.search(answer.content.decode())  # type: ignore[attr-defined]  # the test client's answer
    assert found
    return found[1]


def opens(token: str, *, later: timedelta = timedelta(0)) -> bool:
    parsed = parse_token(token)
    assert parsed is not None
    return principal_of_token(parsed, timezone.now() + later) is not None


def last_change() -> leaves.EventView:
    log = streams.stream("_governance", "changes")
    return leaves.event(log, log.size - 1)


def sizes() -> tuple[int, int]:
    return SystemKey.objects.count(), streams.stream("_governance", "changes").size


def writes(key: SystemKey) -> list[tuple[str, dict[str, object]]]:
    return [("new/", NEW), (f"{key.public_id}/rotate/", {"overlap": "0"}), (f"{key.public_id}/disable/", {})]


def test_a_new_key_is_revealed_once_with_the_lines_that_use_it(admin: Client) -> None:
    answer = admin.post("/keys/new/", NEW)
    text, token = answer.content.decode(), token_of(answer)
    assert opens(token)
    assert answer["Cache-Control"] == "no-store"
    assert f"export COUNTERSIGN_TOKEN={token}" in text
    assert "http://testserver/api/v1/streams/acme/decisions/events/" in text
    assert "test.localhost/log/acme/decisions+" in text
    key = SystemKey.objects.get(name="scoring")
    for path in ("/keys/", f"/keys/{key.public_id}/"):
        assert token not in admin.get(path).content.decode()


def test_each_change_is_recorded_without_the_secret(house: House, admin: Client) -> None:
    key = made(house)
    token = token_of(admin.post(f"/keys/{key.public_id}/rotate/", {"overlap": "1h"}))
    rotated = last_change()
    assert rotated.type == "identity:system_key:rotated"
    assert token.rpartition("_")[2].encode() not in (rotated.payload or b"")
    admin.post(f"/keys/{key.public_id}/disable/")
    assert last_change().type == "identity:system_key:disabled"
    text = admin.get(f"/keys/{key.public_id}/").content.decode()
    for event in ("created", "rotated", "disabled"):
        assert f"identity:system_key:{event}" in text


def test_the_old_secret_works_until_the_stated_moment_and_not_after(admin: Client) -> None:
    old = token_of(admin.post("/keys/new/", NEW))
    key = SystemKey.objects.get(name="scoring")
    answer = admin.post(f"/keys/{key.public_id}/rotate/", {"overlap": "1h"})
    assert "The old secret works until" in answer.content.decode()
    assert opens(old)
    assert not opens(old, later=timedelta(minutes=61))
    assert opens(token_of(answer), later=timedelta(minutes=61))
    assert "The old secret of scoring still works." in admin.get("/keys/").content.decode()


def test_without_overlap_the_old_secret_ends_at_once(admin: Client) -> None:
    old = token_of(admin.post("/keys/new/", NEW))
    key = SystemKey.objects.get(name="scoring")
    answer = admin.post(f"/keys/{key.public_id}/rotate/", {"overlap": "0"})
    assert "The old secret does not work any more" in answer.content.decode()
    assert not opens(old)


def test_a_disabled_key_opens_nothing_and_cannot_be_rotated(admin: Client) -> None:
    token = token_of(admin.post("/keys/new/", NEW))
    key = SystemKey.objects.get(name="scoring")
    told = admin.post(f"/keys/{key.public_id}/disable/", follow=True).content.decode()
    assert "The key scoring is disabled" in told
    assert not opens(token)
    again = admin.post(f"/keys/{key.public_id}/rotate/", {"overlap": "1h"}, follow=True).content.decode()
    assert "A disabled key has no new secret" in again


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"scopes": []}, {"scopes": ["everything"]}, {"namespace": "beta"}, {"name": "x" * 101}]
)
def test_a_wrong_form_makes_no_key(house: House, admin: Client, wrong: dict[str, object]) -> None:
    before = sizes()
    assert admin.post("/keys/new/", {**NEW, **wrong}).status_code == 422
    assert sizes() == before


def test_a_name_stands_once(house: House, admin: Client) -> None:
    made(house, name="scoring")
    answer = admin.post("/keys/new/", NEW)
    assert answer.status_code == 422
    assert "A key of this name exists here" in answer.content.decode()


@pytest.mark.parametrize("action", ["rotate", "disable"])
def test_a_foreign_key_and_an_unknown_one_give_the_same_404(house: House, admin: Client, action: str) -> None:
    foreign, before = made(house, "beta"), sizes()
    for path in ("", f"{action}/"):
        answers = [
            admin.get(f"/keys/{one}/{path}") for one in (foreign.public_id, "01a1fdc4-ceca-7541-a0d7-7a4987f3efe1")
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
    assert admin.post(f"/keys/{foreign.public_id}/{action}/", {"overlap": "0"}).status_code == 404
    assert sizes() == before
    assert "pipeline" not in admin.get("/keys/").content.decode()


@pytest.mark.parametrize("role", [Role.TENANT_VIEWER, Role.TENANT_DEVELOPER])
def test_others_of_the_tenant_see_the_keys_and_are_told_who_may_change_them(house: House, role: Role) -> None:
    key = made(house)
    client = signed_in(Client(), house.person(role, email="dev@acme.test"))
    assert "pipeline" in client.get("/keys/").content.decode()
    assert "New key" not in client.get("/keys/").content.decode()
    before = sizes()
    for path, body in (
        ("new/", NEW),
        (f"{key.public_id}/rotate/", {"overlap": "0"}),
        (f"{key.public_id}/disable/", {}),
    ):
        answer = client.post(f"/keys/{path}", body)
        assert answer.status_code == 403
        assert "one of these roles: tenant admin" in answer.content.decode()
    assert sizes() == before


def test_a_platform_operator_sees_no_keys_of_tenants(house: House) -> None:
    made(house)
    olga = signed_in(Client(), house.person(Role.PLATFORM_OPERATOR, email="olga@acme.test"))
    answer = olga.get("/keys/")
    assert answer.status_code == 403
    assert "pipeline" not in answer.content.decode()


def test_a_suspended_tenant_sees_its_keys_and_changes_none(house: House, admin: Client) -> None:
    key = made(house)
    set_tenant_state(house.acme, TenantState.SUSPENDED, by=BY, at=at(), reason="a test")
    assert "pipeline" in admin.get("/keys/").content.decode()
    before = sizes()
    for path, body in (
        ("new/", NEW),
        (f"{key.public_id}/rotate/", {"overlap": "0"}),
        (f"{key.public_id}/disable/", {}),
    ):
        answer = admin.post(f"/keys/{path}", body)
        assert answer.status_code == 403
        assert "is suspended" in answer.content.decode()
    assert sizes() == before


@pytest.mark.parametrize("path", ["new/", "{}/rotate/", "{}/disable/"])
def test_it_takes_a_fresh_second_factor(house: House, admin: Client, path: str) -> None:
    key = made(house)
    session = admin.session
    session[factors.VERIFIED_AT] = timezone.now().timestamp() - 360
    session.save()
    before, target = sizes(), f"/keys/{path.format(key.public_id)}"
    assert admin.get(target)["Location"].startswith("/login/code/")
    assert admin.post(target, {**NEW, "overlap": "0"})["Location"].startswith("/login/code/")
    assert sizes() == before
