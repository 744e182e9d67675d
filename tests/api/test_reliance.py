"""Reliance over HTTP: what is paused, who may pause and resume, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance.identity.core.roles import Role
from governance.identity.factors import VERIFIED_AT
from tests.api.test_bad_input import check
from tests.api.test_proofs import fill, seal
from tests.support.world import Place, person, signed_in

PATH = "/api/v1/streams/acme/decisions/reliance/"
PAUSE = {"from": 2, "to": 3, "state": "paused", "reason": "the model was wrong"}


@pytest.fixture
def sealed(client: Client, acme: Place) -> Place:
    fill(client, acme, 0, 4)
    seal(client, acme)
    return acme


@pytest.fixture
def admin(sealed: Place) -> Client:
    return signed_in(person("ada@acme.test", Role.TENANT_ADMIN, sealed.tenant))


def post(client: Client, body: Any, **more: Any) -> Any:
    return client.post(PATH, json.dumps(body), "application/json", **more)


def test_a_range_is_paused_and_resumed_by_leaves(admin: Client, sealed: Place) -> None:
    first = post(admin, PAUSE).json()
    assert first["state"] == "paused"
    told = Client().get(PATH, headers=sealed.bearer).json()
    assert [(one["from"], one["to"], one["leaf"]) for one in told["paused"]] == [(2, 3, first["leaf"])]
    assert told["paused"] == Client().get(sealed.path, headers=sealed.bearer).json()["reliance_paused"]
    second = post(admin, {**PAUSE, "state": "resumed", "reason": "it was right"}).json()
    told = admin.get(PATH).json()
    assert told["paused"] == []
    assert [(one["leaf"], one["state"]) for one in told["said"]] == [
        (second["leaf"], "resumed"), (first["leaf"], "paused"),
    ]  # fmt: skip
    check(post(admin, {**PAUSE, "state": "resumed"}), 409, "reliance_unchanged")


@pytest.mark.parametrize(
    ("fields", "code", "path"),
    [({"from": 3, "to": 2}, "parameter_invalid", "$.to"), ({"state": "off"}, "parameter_invalid", "$.state"),
     ({"from": 900, "to": 901}, "range_invalid", ""), ({"reason": " "}, "reason_refused", ""),
     ({"odd": 1}, "parameter_invalid", "$.odd")],
)  # fmt: skip
def test_what_is_no_pause_is_refused(admin: Client, fields: dict[str, Any], code: str, path: str) -> None:
    answer = post(admin, {**PAUSE, **fields})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert path in answer.json()["path"]
    assert admin.get(PATH).json()["said"] == []


def test_roles_tenants_methods_and_an_old_second_factor(admin: Client, sealed: Place, other: Place) -> None:
    check(post(Client(), PAUSE, headers=sealed.bearer), 403, "scope_missing")
    viewer = signed_in(person("vic@acme.test", Role.TENANT_VIEWER, sealed.tenant))
    check(post(viewer, PAUSE), 403, "role_missing")
    assert viewer.get(PATH).status_code == 200
    stranger = signed_in(person("bea@other.test", Role.TENANT_ADMIN, other.tenant))
    check(post(stranger, PAUSE), 404, "not_found")
    check(stranger.get(PATH), 404, "not_found")
    check(admin.delete(PATH), 405, "method_not_allowed")
    session = admin.session
    session[VERIFIED_AT] = timezone.now().timestamp() - 301
    session.save()
    check(post(admin, PAUSE), 403, "step_up")
    assert admin.get(PATH).json()["said"] == []
