"""Second factors over HTTP: enrolling, signing in, removing, and every way around them that is refused."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django_otp_webauthn.models import WebAuthnCredential

from governance.identity.actions.create_recovery_codes import create_recovery_codes
from governance.identity.core.roles import Role
from governance.identity.errors import StepUpRefused
from governance.identity.factors import ASSURANCE, VERIFIED_AT
from governance.identity.models import Authenticator, CredentialClaim, Mail, Person
from governance.identity.one_time import secret_of
from governance.identity.passkeys import challenge_for, verify_assertion
from ledger.core.dsse import pae
from ledger.selectors.leaves import event, events_in
from ledger.selectors.streams import stream
from tests.support.authenticator import SoftKey
from tests.web.house import BY, PASSWORD, House, at, code_now, signed_in

BYTES = pae("application/vnd.countersign.gov.approve.v1+json", b'{"verb":"approve"}')


@pytest.fixture
def ann(house: House) -> Person:
    return house.person(Role.TENANT_ADMIN)


@pytest.fixture
def browser(ann: Person) -> Client:
    return signed_in(Client(), ann)


def post(browser: Client, path: str, body: dict[str, Any]) -> Any:
    return browser.post(path, json.dumps(body), content_type="application/json")


def enrol(browser: Client, key: SoftKey, name: str = "laptop") -> Any:
    options = post(browser, "/account/factors/passkey/begin/", {}).json()["options"]
    return post(browser, "/account/factors/passkey/complete/", {"name": name, "credential": key.create(options)})


def denials() -> list[str]:
    """The codes that `_system/events` holds, in order."""
    rows = events_in(stream("_system", "events"), limit=500)
    told = [json.loads(event(stream("_system", "events"), row.index).payload or b"{}") for row in rows]
    return [one["code"] for one in told if "code" in one]


def stale(browser: Client) -> None:
    session = browser.session
    session[VERIFIED_AT] = timezone.now().timestamp() - 301
    session.save()


def test_an_authenticator_is_enrolled_with_a_code_that_shows_that_it_holds_the_secret(
    ann: Person, browser: Client
) -> None:
    page = browser.get("/account/factors/authenticator/").content.decode()
    found = re.search(r'<pre id="secret">([A-Z2-7 ]+)</pre>', page)
    assert found is not None
    secret = secret_of(found.group(1).replace(" ", ""))
    picture = browser.get("/account/factors/authenticator/qr.svg")
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert picture.headers["Cache-Control"] == "no-store"
    wrong = browser.post("/account/factors/authenticator/", {"name": "phone", "code": "000000"})
    assert wrong.status_code == 422
    right = browser.post("/account/factors/authenticator/", {"name": "phone", "code": code_now(secret)})
    assert right.headers["Location"] == "/account/factors/"
    assert sorted(Authenticator.objects.values_list("name", flat=True)) == ["authenticator", "phone"]
    assert Mail.objects.get().person_id == ann.pk
    assert browser.get("/account/factors/authenticator/").content.decode() != page


def test_a_passkey_is_enrolled_and_signs_in(ann: Person, browser: Client) -> None:
    key = SoftKey()
    assert enrol(browser, key).json() == {"next": "/account/factors/"}
    assert "laptop" in browser.get("/account/factors/").content.decode()
    other = Client()
    other.post("/login/", {"email": ann.email, "password": PASSWORD})
    assert "Use a passkey" in other.get("/login/code/").content.decode()
    options = post(other, "/login/passkey/begin/", {}).json()["options"]
    assert options["userVerification"] == "required"
    answer = post(other, "/login/passkey/?next=/streams/", {"credential": key.get(options)})
    assert answer.json() == {"next": "/streams/"}
    assert other.session[ASSURANCE] == "passkey"
    assert other.get("/account/").status_code == 200


def test_options_ask_for_a_verified_person_eddsa_or_es256_and_the_prf(ann: Person, browser: Client) -> None:
    options = post(browser, "/account/factors/passkey/begin/", {}).json()["options"]
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert [one["alg"] for one in options["pubKeyCredParams"]] == [-8, -7]
    assert options["extensions"] == {"credProps": True, "prf": {}}
    assert options["rp"]["id"] == "test.localhost"


def test_the_views_of_the_package_are_not_there(ann: Person, browser: Client) -> None:
    for name in ("credential-registration-begin", "credential-authentication-begin"):
        with pytest.raises(NoReverseMatch):
            reverse(f"otp_webauthn:{name}")


def test_a_password_alone_enrols_nothing(house: House, ann: Person) -> None:
    """Attack 19: whoever has the password of somebody without a factor registers a first credential."""
    Authenticator.objects.all().delete()
    thief = Client()
    thief.post("/login/", {"email": ann.email, "password": PASSWORD})
    forged = {"name": "mine", "credential": SoftKey().create({"challenge": "AA"})}
    answers = [
        post(thief, "/account/factors/passkey/begin/", {}),
        post(thief, "/account/factors/passkey/complete/", forged),
    ]
    assert [one.status_code for one in answers] == [401, 401]
    assert thief.get("/account/factors/authenticator/").status_code == 302
    assert not WebAuthnCredential.objects.exists()


def test_a_factor_given_too_long_ago_enrols_and_removes_nothing(ann: Person, browser: Client) -> None:
    stale(browser)
    refused = post(browser, "/account/factors/passkey/begin/", {})
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up")
    assert browser.get("/account/factors/authenticator/").headers["Location"].startswith("/login/code/")
    assert "step_up" in denials()


def test_a_recovery_code_enrols_nothing(ann: Person) -> None:
    code = create_recovery_codes(ann, by=BY, at=at())[0]
    browser = Client()
    browser.post("/login/", {"email": ann.email, "password": PASSWORD})
    browser.post("/login/code/?with=recovery", {"code": code})
    refused = post(browser, "/account/factors/passkey/begin/", {})
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"uv": False}, "verif"),
        ({"origin": "https://evil.example"}, "origin"),
        ({"rp_id": "evil.example"}, "RP"),
    ],
)
def test_a_passkey_without_a_verified_person_or_from_elsewhere_is_refused(
    ann: Person, browser: Client, changed: dict[str, Any], why: str
) -> None:
    refused = enrol(browser, SoftKey(**changed))
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up")
    assert why.lower() in refused.json()["detail"].lower()
    assert not WebAuthnCredential.objects.exists()
    assert "step_up" in denials()


def test_a_challenge_is_used_once(ann: Person, browser: Client) -> None:
    key = SoftKey()
    options = post(browser, "/account/factors/passkey/begin/", {}).json()["options"]
    body = {"name": "laptop", "credential": key.create(options)}
    assert post(browser, "/account/factors/passkey/complete/", body).status_code == 200
    assert post(browser, "/account/factors/passkey/complete/", body).json()["code"] == "step_up"


def test_the_same_credential_is_refused_for_ever_under_anybody(house: House, ann: Person, browser: Client) -> None:
    """Attack 3."""
    key = SoftKey()
    enrol(browser, key)
    device = WebAuthnCredential.objects.get()
    assert browser.post("/account/factors/remove/", {"factor": device.persistent_id}).status_code == 302
    bob = signed_in(Client(), house.person(Role.TENANT_VIEWER, email="bob@acme.test"))
    for somebody in (browser, bob):
        refused = enrol(somebody, key)
        assert (refused.status_code, refused.json()["code"]) == (409, "key_taken")
    assert CredentialClaim.objects.count() == 1
    assert denials().count("key_taken") == 2


def test_nobody_takes_their_last_factor_away(ann: Person, browser: Client) -> None:
    only = Authenticator.objects.get().persistent_id
    create_recovery_codes(ann, by=BY, at=at())
    assert "It is your last factor" in browser.get(f"/account/factors/remove/?factor={only}").content.decode()
    assert browser.post("/account/factors/remove/", {"factor": only}).status_code == 422
    assert Authenticator.objects.count() == 1


def by_passkey(ann: Person, key: SoftKey) -> Client:
    """A new browser, signed in with a passkey as the second factor."""
    made = Client()
    made.post("/login/", {"email": ann.email, "password": PASSWORD})
    options = post(made, "/login/passkey/begin/", {}).json()["options"]
    assert post(made, "/login/passkey/", {"credential": key.get(options)}).status_code == 200
    return made


def removed(browser: Client, name: str) -> int:
    """The status of taking away the passkey of this name."""
    factor = WebAuthnCredential.objects.get(name=name).persistent_id
    return int(browser.post("/account/factors/remove/", {"factor": factor}).status_code)


def test_a_further_passkey_is_enrolled_with_the_first_and_all_but_the_last_can_go(ann: Person, browser: Client) -> None:
    first, second = SoftKey(), SoftKey()
    enrol(browser, first, "laptop")
    laptop = by_passkey(ann, first)
    assert laptop.post(
        "/account/factors/remove/", {"factor": Authenticator.objects.get().persistent_id}
    ).status_code == 302  # fmt: skip
    assert removed(laptop, "laptop") == 422
    assert enrol(laptop, second, "phone").status_code == 200
    phone = by_passkey(ann, second)
    assert removed(phone, "laptop") == 302
    assert removed(phone, "phone") == 422
    assert WebAuthnCredential.objects.get().name == "phone"


def test_nobody_removes_a_factor_of_somebody_else(house: House, ann: Person, browser: Client) -> None:
    house.person(Role.TENANT_VIEWER, email="bob@acme.test")
    foreign = Authenticator.objects.exclude(user=ann).get().persistent_id
    assert browser.post("/account/factors/remove/", {"factor": foreign}).status_code == 422
    assert Authenticator.objects.count() == 2


def test_recovery_codes_are_shown_once_and_replace_the_old_ones(ann: Person, browser: Client) -> None:
    first = browser.post("/account/factors/recovery/").content.decode()
    codes = re.findall(r"[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}-[a-z2-7]{4}", first)
    assert len(codes) == 10
    browser.post("/account/factors/recovery/")
    other = Client()
    other.post("/login/", {"email": ann.email, "password": PASSWORD})
    assert other.post("/login/code/?with=recovery", {"code": codes[0]}).status_code == 403


def test_a_gesture_counts_for_exactly_the_bytes_that_are_signed(ann: Person, browser: Client) -> None:
    key = SoftKey()
    enrol(browser, key)
    good = key.get({"challenge": _url(challenge_for(BYTES))})
    with transaction.atomic():
        told = verify_assertion(ann, good, BYTES, timezone.now())
    assert told.to_json()["uv"] is True
    replayed = key.get({"challenge": _url(challenge_for(BYTES + b"x"))})
    with pytest.raises(StepUpRefused, match="challenge"), transaction.atomic():
        verify_assertion(ann, replayed, BYTES, timezone.now())


@pytest.mark.parametrize(
    "changed", [{"uv": False}, {"origin": "https://evil.example"}, {"rp_id": "evil.example"}, {"count": 0}]
)
def test_a_gesture_with_a_touch_from_elsewhere_or_with_an_old_counter_is_refused(
    ann: Person, browser: Client, changed: dict[str, Any]
) -> None:
    key = SoftKey()
    enrol(browser, key)
    for name, value in changed.items():
        setattr(key, name, value)
    with pytest.raises(StepUpRefused), transaction.atomic():
        verify_assertion(ann, key.get({"challenge": _url(challenge_for(BYTES))}), BYTES, timezone.now())


def test_a_gesture_of_somebody_else_is_refused(house: House, ann: Person, browser: Client) -> None:
    key, bob = SoftKey(), house.person(Role.TENANT_VIEWER, email="bob@acme.test")
    enrol(browser, key)
    with pytest.raises(StepUpRefused, match="none of yours"), transaction.atomic():
        verify_assertion(bob, key.get({"challenge": _url(challenge_for(BYTES))}), BYTES, timezone.now())


def test_after_a_recovery_factors_are_left_alone(ann: Person, browser: Client) -> None:
    Person.objects.filter(pk=ann.pk).update(barred_until=timezone.now() + timedelta(hours=1))
    refused = enrol(browser, SoftKey())
    assert (refused.status_code, refused.json()["code"]) == (409, "cooling_down")


@pytest.mark.parametrize(
    ("sent", "kind", "code"),
    [
        (b"{}", "text/plain", "type_unsupported"),
        (b"{}", "application/x-www-form-urlencoded", "type_unsupported"),
        (b'{"a":1,"a":2}', "application/json", "json_invalid"),
        (b"[]", "application/json", "malformed"),
        (b" " * 70_000, "application/json", "body_too_large"),
    ],
)
def test_what_is_posted_is_read_strictly(ann: Person, browser: Client, sent: bytes, kind: str, code: str) -> None:
    answer = browser.post("/account/factors/passkey/begin/", sent, content_type=kind)
    assert answer.json()["code"] == code


def test_a_post_from_another_site_or_without_the_token_changes_nothing(ann: Person) -> None:
    """Attack 20."""
    strict = signed_in(Client(enforce_csrf_checks=True), ann)
    assert post(strict, "/account/factors/passkey/begin/", {}).status_code == 403
    foreign = signed_in(Client(headers={"Sec-Fetch-Site": "cross-site"}), ann)
    assert post(foreign, "/account/factors/passkey/begin/", {}).status_code == 403
    assert foreign.get("/account/factors/recovery/").status_code == 405
    tricked = foreign.get("/account/factors/remove/?factor=x&_method=POST", headers={"X-HTTP-Method-Override": "POST"})
    assert tricked.status_code in {405, 422}
    assert Authenticator.objects.count() == 1


def _url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
