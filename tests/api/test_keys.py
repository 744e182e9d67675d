"""System keys over HTTP: made by a person with a fresh second factor, shown once, rotated, disabled."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance.identity.actions.create_personal_token import create_personal_token
from governance.identity.core.roles import Role
from governance.identity.factors import VERIFIED_AT
from governance.identity.models import SystemKey
from governance.identity.selectors.principals import principal_of_person
from ledger.selectors.streams import stream
from tests.api.test_bad_input import check
from tests.support.world import Place, bearer, moment, person, signed_in

KEYS = "/api/v1/keys/"
NEW = {"namespace": "acme", "name": "nightly batch", "scopes": ["append", "read"]}


@pytest.fixture
def admin(acme: Place) -> Client:
    return signed_in(person("ada@acme.test", Role.TENANT_ADMIN, acme.tenant))


def post(client: Client, path: str, body: Any = None, **more: Any) -> Any:
    return client.post(path, json.dumps({} if body is None else body), "application/json", **more)


def made(client: Client, **fields: Any) -> Any:
    answer = post(client, KEYS, {**NEW, **fields})
    assert answer.status_code == 201, answer.content
    return answer.json()


def opens(token: str) -> int:
    return Client().get("/api/v1/streams/acme/decisions/", headers=bearer(token)).status_code


def test_a_key_is_made_shown_once_and_recorded(admin: Client) -> None:
    before = stream("_governance", "changes").size
    answer = post(admin, KEYS, NEW)
    told = answer.json()
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    assert answer["Location"] == told["key"]["links"]["key"]
    assert opens(told["token"]) == 200
    shown = admin.get(answer["Location"])
    assert shown.json() == {**told["key"], "last_used": shown.json()["last_used"]}
    assert told["token"] not in shown.content.decode() + admin.get(KEYS).content.decode()
    assert stream("_governance", "changes").size == before + 1
    assert (told["key"]["scopes"], told["key"]["state"]) == (["append", "read"], "active")


def test_a_rotated_key_has_a_new_secret_and_the_old_one_works_as_long_as_was_said(admin: Client) -> None:
    first = made(admin)
    path = first["key"]["links"]["key"]
    second = post(admin, f"{path}rotate/", {"overlap_seconds": 60}).json()
    assert second["key"]["overlap_until"] is not None
    assert [opens(first["token"]), opens(second["token"])] == [200, 200]
    third = post(admin, f"{path}rotate/", {"overlap_seconds": 0}).json()
    assert [opens(second["token"]), opens(third["token"])] == [401, 200]
    for wrong in (-1, 30 * 86_400 + 1, "1", None):
        check(post(admin, f"{path}rotate/", {"overlap_seconds": wrong}), 422, "parameter_invalid", "$.overlap_seconds")


def test_a_disabled_key_opens_nothing_and_has_no_way_back(admin: Client) -> None:
    told = made(admin)
    path = told["key"]["links"]["key"]
    assert post(admin, f"{path}disable/").json()["state"] == "disabled"
    assert opens(told["token"]) == 401
    check(post(admin, f"{path}disable/"), 410, "gone")
    check(post(admin, f"{path}rotate/", {"overlap_seconds": 0}), 410, "gone")


def test_the_list_goes_on_behind_the_last_key_and_holds_no_key_of_others(admin: Client, other: Place) -> None:
    names = [made(admin, name=f"k{number}")["key"]["name"] for number in range(3)]
    first = admin.get(f"{KEYS}?limit=2").json()
    rest = admin.get(first["next"]).json()
    assert [one["name"] for one in first["items"] + rest["items"]] == [*reversed(names), "pipeline"]
    assert rest["next"] is None
    assert admin.get(f"{KEYS}?namespace=acme").json()["items"][0]["namespace"] == "acme"
    check(admin.get(f"{KEYS}?namespace=other"), 404, "not_found")
    foreign = f"{KEYS}{other.key.public_id}/"
    check(admin.get(foreign), 404, "not_found")
    for path in ("rotate/", "disable/"):
        check(post(admin, foreign + path, {"overlap_seconds": 0}), 404, "not_found")
    check(post(admin, KEYS, {**NEW, "namespace": "other"}), 404, "not_found")
    assert SystemKey.objects.get(pk=other.key.pk).state == "active"


def test_without_the_role_or_with_a_token_nothing_is_made(acme: Place, admin: Client) -> None:
    viewer = person("vic@acme.test", Role.TENANT_VIEWER, acme.tenant)
    check(post(signed_in(viewer), KEYS, NEW), 403, "role_missing")
    check(post(Client(), KEYS, NEW, headers=acme.bearer), 403, "scope_missing")
    check(Client().get(KEYS, headers=acme.bearer), 403, "role_missing")
    check(Client().get(KEYS), 401, "credentials_missing")
    assert SystemKey.objects.count() == 1


def test_a_personal_token_reads_the_list_and_makes_nothing(acme: Place) -> None:
    ada = person("ada@acme.test", Role.TENANT_ADMIN, acme.tenant)
    by = principal_of_person(ada, timezone.now())
    assert by is not None
    token = bearer(create_personal_token(ada, "script", timedelta(days=30), by=by, at=moment()).token.reveal())
    assert Client().get(KEYS, headers=token).status_code == 200
    check(post(Client(), KEYS, NEW, headers=token), 403, "token_cannot_write")


def test_a_second_factor_of_long_ago_changes_nothing(admin: Client) -> None:
    told = made(admin)
    session = admin.session
    session[VERIFIED_AT] = timezone.now().timestamp() - 301
    session.save()
    path = told["key"]["links"]["key"]
    for one, body in ((KEYS, NEW), (f"{path}rotate/", {"overlap_seconds": 0}), (f"{path}disable/", {})):
        check(post(admin, one, body), 403, "step_up")
    assert admin.get(path).json()["state"] == "active"


@pytest.mark.parametrize(
    ("fields", "path"),
    [({"name": ""}, "$.name"), ({"name": " x"}, "$.name"), ({"name": "a\nb"}, "$.name"), ({"scopes": []}, "$.scopes"),
     ({"scopes": ["draft"]}, "$.scopes"), ({"scopes": ["read", "read"]}, "$.scopes"), ({"odd": 1}, "$.odd")],
)  # fmt: skip
def test_what_is_no_key_is_refused(admin: Client, fields: dict[str, Any], path: str) -> None:
    check(post(admin, KEYS, {**NEW, **fields}), 422, "parameter_invalid", path)


def test_wrong_methods_and_taken_names(admin: Client) -> None:
    path = made(admin)["key"]["links"]["key"]
    check(post(admin, KEYS, NEW), 409, "name_taken")
    check(admin.delete(KEYS), 405, "method_not_allowed")
    check(admin.get(f"{path}rotate/"), 405, "method_not_allowed")
    check(admin.get(f"{path}disable/"), 405, "method_not_allowed")
