"""A passkey's model is recorded and named, and held against the models that the deployment takes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django_otp_webauthn.models import WebAuthnCredential

from console import health_checks
from governance.identity.core.authenticators import UNTOLD, is_allowed, model_name
from governance.identity.core.roles import Role
from governance.identity.errors import ModelRefused
from governance.identity.models import Person
from governance.identity.passkeys import declared_model
from ledger.selectors.leaves import event, events_in
from ledger.selectors.streams import stream
from tests.support.authenticator import SoftKey
from tests.web.house import House, signed_in
from tests.web.test_second_factors import denials, enrol, post

YUBIKEY, APPLE = "2fc0579f-8113-47ea-b116-bb5a8db9202a", "fbfc3007-154e-4ecc-8c0b-6e020557d7bd"
STRANGE = "0123456789ab-cdef"


@pytest.fixture
def ann(house: House) -> Person:
    return house.person(Role.TENANT_ADMIN)


@pytest.fixture
def browser(ann: Person) -> Client:
    return signed_in(Client(), ann)


def test_the_model_is_recorded_and_named(browser: Client) -> None:
    assert enrol(browser, SoftKey(aaguid=APPLE)).status_code == 200
    assert WebAuthnCredential.objects.get().aaguid == APPLE
    assert "iCloud Keychain" in browser.get("/account/factors/").content.decode()
    log = stream("_governance", "changes")
    told = [event(log, one.index) for one in events_in(log, limit=500) if one.type == "identity:factor:enrolled"]
    assert [json.loads(one.payload or b"{}").get("aaguid") for one in told][-1] == APPLE


def test_a_model_beside_the_list_is_refused_with_its_name(browser: Client, settings: Any) -> None:
    settings.COUNTERSIGN_PASSKEY_MODELS = frozenset({YUBIKEY})
    refused = enrol(browser, SoftKey(aaguid=APPLE))
    assert (refused.status_code, refused.json()["code"]) == (409, "passkey_model")
    assert "iCloud Keychain" in refused.json()["detail"]
    assert refused.json()["next"]
    assert not WebAuthnCredential.objects.exists()
    assert "passkey_model" in denials()
    assert enrol(browser, SoftKey(aaguid=YUBIKEY)).status_code == 200


def test_a_model_that_is_not_told_is_on_no_list(browser: Client, settings: Any) -> None:
    settings.COUNTERSIGN_PASSKEY_MODELS = frozenset({YUBIKEY, UNTOLD})
    assert enrol(browser, SoftKey()).json()["code"] == "passkey_model"
    settings.COUNTERSIGN_PASSKEY_MODELS = frozenset()
    assert enrol(browser, SoftKey()).status_code == 200


def test_browsers_are_asked_for_the_model_only_where_one_is_asked_for(browser: Client, settings: Any) -> None:
    begin = "/account/factors/passkey/begin/"
    assert post(browser, begin, {}).json()["options"]["attestation"] == "none"
    settings.COUNTERSIGN_PASSKEY_MODELS = frozenset({YUBIKEY})
    assert post(browser, begin, {}).json()["options"]["attestation"] == "direct"


def test_what_opens_a_key_is_held_against_the_list_too(settings: Any) -> None:
    assert declared_model({}) == UNTOLD
    assert declared_model({"aaguid": APPLE}) == APPLE
    settings.COUNTERSIGN_PASSKEY_MODELS = frozenset({YUBIKEY})
    assert declared_model({"aaguid": YUBIKEY}) == YUBIKEY
    for told in ({}, {"aaguid": APPLE}, {"aaguid": UNTOLD}, {"aaguid": STRANGE}):
        with pytest.raises(ModelRefused):
            declared_model(told)


def test_readiness_counts_passkeys_of_models_that_are_not_taken_any_more(browser: Client, settings: Any) -> None:
    enrol(browser, SoftKey(aaguid=APPLE), "phone")
    assert health_checks.passkeys().state == "not_configured"
    settings.COUNTERSIGN_PASSKEY_MODELS = frozenset({YUBIKEY})
    found = health_checks.passkeys()
    assert (found.state, found.detail[:21]) == ("warn", "1 registered passkeys")
    settings.COUNTERSIGN_PASSKEY_MODELS = frozenset({APPLE})
    assert health_checks.passkeys().state == "pass"


def test_a_model_is_named_only_where_it_is_known() -> None:
    assert (model_name(YUBIKEY), model_name(UNTOLD)) == ("YubiKey 5 series", "")
    assert is_allowed(APPLE, frozenset())
    assert not is_allowed(APPLE, frozenset({YUBIKEY}))
