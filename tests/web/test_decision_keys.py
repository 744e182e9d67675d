"""Decision keys over HTTP: registering, replacing, giving up; every key that is none is refused."""

from __future__ import annotations

import base64
import json
import secrets
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from nacl.signing import SigningKey

from governance.change.core.possession import filled
from governance.identity.actions.activate_person_key import activate_person_key
from governance.identity.actions.found_platform import found_platform
from governance.identity.actions.revoke_membership import revoke_membership
from governance.identity.core.person_keys import Custody, KeyUse
from governance.identity.core.roles import Role
from governance.identity.errors import StepUpRefused
from governance.identity.models import Membership, Person, PersonKey, SigningPasskey
from governance.identity.passkeys import challenge_for, verify_signing_gesture
from ledger.core.canonical import canonical
from ledger.core.dsse import pae, parse_envelope, sign_envelope
from ledger.core.keys import kid_of
from tests.support.authenticator import SoftKey
from tests.support.people import origin, possession, registered
from tests.web.house import BY, House, at, signed_in
from tests.web.test_second_factors import denials, post, stale

REGISTER = "/account/keys/register/"
WEAK = (
    bytes([1] + [0] * 31),
    bytes(32),
    bytes([0] * 31 + [0x80]),
    b"\xec" + b"\xff" * 30 + b"\x7f",
    b"\xed" + b"\xff" * 30 + b"\x7f",
)


@pytest.fixture
def ann(house: House) -> Person:
    found_platform(by=BY, moment=at)
    return house.person(Role.APPROVER)


@pytest.fixture
def browser(ann: Person) -> Client:
    return signed_in(Client(), ann)


def sent(envelope: bytes, **more: Any) -> dict[str, Any]:
    return {"envelope": json.loads(envelope), "public": "", "kid": "", "custody": "", **more}


def as_the_page(browser: Client, private: SigningKey, custody: Custody = Custody.PASSPHRASE) -> bytes:
    """What the signing page makes of the fields that the portal gives."""
    fields = browser.get("/account/keys/fields/").json()["statement_fields"]
    public = bytes(private.verify_key)
    kid = kid_of("decision", fields["deployment"]["origin"], public)
    statement = filled(fields, kid=kid, public=public, custody=custody)
    kind = "application/vnd.countersign.gov.enrol-key.v1+json"
    return sign_envelope(kind, canonical(statement), kid, lambda raw: private.sign(raw).signature).to_bytes()


def test_a_key_of_the_signing_page_is_registered_and_waits(ann: Person, browser: Client) -> None:
    private = SigningKey(secrets.token_bytes(32))
    answer = post(browser, REGISTER, sent(as_the_page(browser, private)))
    assert answer.json()["state"] == "pending"
    page = browser.get("/account/keys/").content.decode()
    assert answer.json()["kid"] in page
    assert "declared: in the browser, wrapped by a passphrase" in page
    assert "waits for a second person" in page
    activate_person_key(PersonKey.objects.get(), by=BY, at=at())
    assert "You can sign decisions." in browser.get("/account/keys/").content.decode()


def native_of_the_page(fields: dict[str, Any], private: SigningKey) -> bytes:
    public = bytes(private.verify_key)
    kid = kid_of("native", fields["deployment"]["origin"], public)
    statement = filled(fields, kid=kid, public=public, custody=Custody.PASSPHRASE)
    kind = "application/vnd.countersign.gov.enrol-key.v1+json"
    return sign_envelope(kind, canonical(statement), kid, lambda raw: private.sign(raw).signature).to_bytes()


def test_a_native_key_is_registered_beside_the_decision_key(ann: Person, browser: Client) -> None:
    told = browser.get("/account/keys/fields/?native=beside").json()
    assert told["statement_fields"]["change"]["body"]["use"] == "decision"
    native = native_of_the_page(told["native_fields"], SigningKey(secrets.token_bytes(32)))
    beside = {"native": {"envelope": json.loads(native), "public": "", "kid": "", "custody": ""}}
    answer = post(browser, REGISTER, sent(as_the_page(browser, SigningKey(secrets.token_bytes(32))), **beside))
    assert answer.status_code == 200
    assert sorted(PersonKey.objects.values_list("use", flat=True)) == ["decision", "native"]
    page = browser.get("/account/keys/").content.decode()
    assert "bytes of EvidenceOS" in page
    assert "Your key waits for a second person." in page


def test_both_keys_are_registered_or_none(ann: Person, browser: Client) -> None:
    told = browser.get("/account/keys/fields/?native=beside").json()
    private = SigningKey(secrets.token_bytes(32))
    native = json.loads(native_of_the_page(told["native_fields"], private))
    native["signatures"][0]["sig"] = base64.b64encode(bytes(64)).decode()
    refused = post(
        browser, REGISTER,
        sent(as_the_page(browser, SigningKey(secrets.token_bytes(32))), native={"envelope": native}),
    )  # fmt: skip
    assert (refused.status_code, refused.json()["code"]) == (422, "key_malformed")
    assert not PersonKey.objects.exists()


def test_a_native_key_alone_is_registered_and_decides_nothing(ann: Person, browser: Client) -> None:
    fields = browser.get("/account/keys/fields/?native=alone").json()["statement_fields"]
    native = native_of_the_page(fields, SigningKey(secrets.token_bytes(32)))
    assert post(browser, REGISTER, sent(native)).json()["state"] == "pending"
    activate_person_key(PersonKey.objects.get(), by=BY, at=at())
    assert "You have no key: nothing you say is a decision yet." in browser.get("/account/keys/").content.decode()


def test_a_native_key_file_is_registered_as_one(ann: Person, browser: Client) -> None:
    private = SigningKey(secrets.token_bytes(32))
    public = base64.b64encode(bytes(private.verify_key)).decode()
    page = browser.post("/account/keys/file/", {"public_key": public, "name": "safe", "use": "native"})
    told = json.loads(page.context["statement"])
    payload = base64.b64decode(told["statement"])
    kid = json.loads(payload)["signer"]["key"]
    assert kid == kid_of("native", origin(), bytes(private.verify_key))
    envelope = sign_envelope(told["payload_type"], payload, kid, lambda raw: private.sign(raw).signature).to_bytes()
    browser.post("/account/keys/file/", {"envelope": envelope.decode(), "name": "safe"})
    assert PersonKey.objects.get().use == "native"


@pytest.mark.parametrize("public", WEAK, ids=bytes.hex)
def test_a_key_under_which_anybody_can_sign_is_refused_and_recorded(
    ann: Person, browser: Client, public: bytes
) -> None:
    """Attack 5: R = A, S = 0 verifies under an implementation that accepts such keys."""
    fields = browser.get("/account/keys/fields/").json()["statement_fields"]
    kid = kid_of("decision", origin(), public)
    statement = filled(fields, kid=kid, public=public, custody=Custody.PASSPHRASE)
    kind = "application/vnd.countersign.gov.enrol-key.v1+json"
    forged = sign_envelope(kind, canonical(statement), kid, lambda _: public + bytes(32)).to_bytes()
    refused = post(browser, REGISTER, sent(forged))
    assert (refused.status_code, refused.json()["code"]) == (422, "key_malformed")
    assert not PersonKey.objects.exists()
    assert "key_malformed" in denials()


def test_the_same_key_under_another_account_is_refused_and_recorded(house: House, ann: Person, browser: Client) -> None:
    """Attack 3."""
    private = SigningKey(secrets.token_bytes(32))
    assert post(browser, REGISTER, sent(as_the_page(browser, private))).status_code == 200
    bob = signed_in(Client(), house.person(Role.APPROVER, email="bob@acme.test"))
    refused = post(bob, REGISTER, sent(as_the_page(bob, private)))
    assert (refused.status_code, refused.json()["code"]) == (409, "key_taken")
    assert "key_taken" in denials()


def test_a_stale_session_a_token_or_another_site_registers_nothing(ann: Person, browser: Client) -> None:
    """Attacks 19 and 20."""
    envelope = as_the_page(browser, SigningKey(secrets.token_bytes(32)))
    assert post(Client(), REGISTER, sent(envelope)).status_code == 401
    foreign = signed_in(Client(headers={"Sec-Fetch-Site": "same-site"}), ann)
    assert post(foreign, REGISTER, sent(envelope)).status_code == 403
    session = browser.session
    session["otp_verified_at"] = timezone.now().timestamp() - 31 * 60
    session.save()
    refused = post(browser, REGISTER, sent(envelope))
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up")
    stale(browser)
    assert browser.get("/account/keys/fields/").status_code == 302
    assert not PersonKey.objects.exists()


def test_demo_custody_is_refused_outside_of_a_demo(ann: Person, browser: Client) -> None:
    envelope = possession(ann, SigningKey(secrets.token_bytes(32)), custody=Custody.DEMO)
    assert post(browser, REGISTER, sent(envelope)).json()["code"] == "key_malformed"


def test_a_key_file_is_registered_without_a_script(ann: Person, browser: Client) -> None:
    private = SigningKey(secrets.token_bytes(32))
    public = base64.b64encode(bytes(private.verify_key)).decode()
    assert ann.actor in browser.get("/account/keys/file/").content.decode()
    page = browser.post("/account/keys/file/", {"public_key": public, "name": "safe"})
    told = json.loads(page.context["statement"])
    payload, kind = base64.b64decode(told["statement"]), told["payload_type"]
    kid = json.loads(payload)["signer"]["key"]
    envelope = sign_envelope(kind, payload, kid, lambda raw: private.sign(raw).signature).to_bytes()
    wrong = browser.post("/account/keys/file/", {"envelope": "{}", "name": "safe"})
    assert wrong.status_code == 422
    done = browser.post("/account/keys/file/", {"envelope": envelope.decode(), "name": "safe"})
    assert done.headers["Location"] == "/account/keys/"
    row = PersonKey.objects.get()
    assert (row.custody, row.name, row.kid) == ("offline", "safe", kid)


@pytest.mark.parametrize(
    "text", ["not base64", base64.b64encode(bytes(31)).decode(), base64.b64encode(WEAK[0]).decode()]
)
def test_a_public_key_that_is_none_is_refused_at_the_form(ann: Person, browser: Client, text: str) -> None:
    assert browser.post("/account/keys/file/", {"public_key": text, "name": "odd"}).status_code == 422


def test_giving_a_key_up_ends_it_and_every_session(ann: Person, browser: Client) -> None:
    """Attack 17: the session of whom a key was taken from is over at the next request."""
    row, _ = registered(ann)
    activate_person_key(row, by=BY, at=at())
    other = signed_in(Client(), Person.objects.get(pk=ann.pk))
    assert other.get("/account/").status_code == 200
    assert "There is no way back" in browser.get(f"/account/keys/{row.kid}/end/").content.decode()
    browser.post(f"/account/keys/{row.kid}/end/", {"reason": "the laptop is lost"})
    assert [one.get("/account/").status_code for one in (browser, other)] == [302, 302]
    assert PersonKey.objects.get().state == "revoked"


def test_whoever_loses_a_role_loses_the_session_in_the_same_transaction(ann: Person, browser: Client) -> None:
    assert browser.get("/account/").status_code == 200
    revoke_membership(Membership.objects.get(person=ann), by=BY, at=at())
    assert browser.get("/account/").headers["Location"].startswith("/login/")
    assert post(browser, "/account/factors/passkey/begin/", {}).status_code == 401


def test_keys_of_others_are_as_unknown_as_none(house: House, ann: Person, browser: Client) -> None:
    row, _ = registered(ann)
    bob = signed_in(Client(), house.person(Role.APPROVER, email="bob@acme.test"))
    bodies = {bob.get(f"/account/keys/{kid}/end/").status_code for kid in (row.kid, "0" * 32)}
    assert bodies == {404}


def test_the_gesture_of_the_signing_page_is_bound_to_its_key_and_to_the_bytes(ann: Person, browser: Client) -> None:
    key, private = SoftKey(), SigningKey(secrets.token_bytes(32))
    envelope = as_the_page(browser, private, Custody.PASSKEY)
    read = parse_envelope(envelope)
    gesture = key.gesture(challenge_for(pae(read.payload_type, read.payload)))
    for other in ({}, SoftKey().gesture(challenge_for(b"x")), key.gesture(challenge_for(b"other"))):
        refused = post(browser, REGISTER, sent(envelope, credential=key.declared(), assertion=other))
        assert refused.json()["code"] == "step_up"
    kid = post(browser, REGISTER, sent(envelope, credential=key.declared(), assertion=gesture)).json()["kid"]
    assert SigningPasskey.objects.get().key.kid == kid
    with transaction.atomic():
        told = verify_signing_gesture(ann, kid, key.gesture(challenge_for(b"PAE")), b"PAE")
    assert told.sign_count == SigningPasskey.objects.get().sign_count == key.count
    old = SoftKey(private=key.private, raw_id=key.raw_id)
    for gesture in (
        key.gesture(challenge_for(b"other")),
        old.gesture(challenge_for(b"PAE")),
        SoftKey().gesture(b"x"),
        {},
    ):
        with pytest.raises(StepUpRefused), transaction.atomic():
            verify_signing_gesture(ann, kid, gesture, b"PAE")
    with pytest.raises(StepUpRefused, match="none of this key") as refusal, transaction.atomic():
        verify_signing_gesture(ann, kid, SoftKey().gesture(challenge_for(b"PAE")), b"PAE")
    assert "replace it by a new key" in refusal.value.next_step
    with pytest.raises(StepUpRefused), transaction.atomic():
        verify_signing_gesture(ann, "0" * 32, key.gesture(challenge_for(b"PAE")), b"PAE")


def test_a_key_that_replaces_another_says_so(ann: Person, browser: Client) -> None:
    old, _ = registered(ann)
    activate_person_key(old, by=BY, at=at())
    page = browser.get(f"/account/keys/new/?replaces={old.kid}").content.decode()
    assert f"/account/keys/fields/?replaces={old.kid}" in page
    fields = browser.get(f"/account/keys/fields/?replaces={old.kid}").json()["statement_fields"]
    assert (fields["verb"], fields["change"]["type"]) == ("rotate-key", "key.rotate")
    assert KeyUse(fields["change"]["body"]["use"]) is KeyUse.DECISION
