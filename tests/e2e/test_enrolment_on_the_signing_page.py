"""A key is made in the page, wrapped, backed up, the backup opened again; only its public half leaves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from governance.change.core.possession import Asked, proof_in, template
from governance.identity.core.authenticators import is_aaguid
from governance.identity.core.person_keys import KeyUse
from governance.sign.commands import fingerprint
from governance.sign.keyfile import KeyFile, read_key, unwrap
from ledger.core import strict_base64
from ledger.core.canonical import canonical
from ledger.core.dsse import pae, parse_envelope
from ledger.core.keys import kid_of
from tests.support.signing import ORIGIN, PASSPHRASE, PERSON, key_of, statement_for
from tests.support.signing_sites import SIGNER, Sites, answer_of

pytestmark = [pytest.mark.e2e]
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "hasPrf": True, "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


ASKED = Asked(
    origin=ORIGIN, genesis="ab" * 32, person=PERSON, name="Ada", use=KeyUse.DECISION, replaces=None, nonce=b"n" * 16,
    at=datetime.now(UTC).replace(microsecond=0), ledger={"origin": ORIGIN, "root": "ef" * 32, "size": 3},
)  # fmt: skip


ASKED_NATIVE = replace(ASKED, use=KeyUse.NATIVE, nonce=b"m" * 16)


class Ceremony:
    """One person's way through the four steps."""

    def __init__(self, sites: Sites, folder: Path) -> None:
        sites.kind, sites.given = "enrol", {"statement_fields": template(ASKED)}
        self.sites, self.file = sites, folder / "backup.json"
        self.portal, self.page = sites.press()

    def make(self, custody: str, phrase: str = PASSPHRASE, again: str = PASSPHRASE) -> None:
        self.page.get_by_label(f"A {custody}").check()
        self.page.get_by_label("New passphrase").fill(phrase)
        self.page.get_by_label("The same again").fill(again)
        self.page.get_by_role("button", name="Make the key").click()

    def save(self) -> KeyFile:
        with self.page.expect_download() as download:
            self.page.get_by_role("link", name="Download the encrypted backup").click()
        download.value.save_as(self.file)
        self.page.get_by_role("button", name="I have saved it").click()
        return read_key(self.file.read_bytes())

    def check(self, file: Path | None = None, phrase: str = PASSPHRASE) -> None:
        self.page.get_by_label("The backup that was just saved").set_input_files(file or self.file)
        self.page.get_by_label("Its passphrase").fill(phrase)
        self.page.get_by_role("button", name="Open the backup").click()

    def prove(self) -> dict[str, Any]:
        self.page.get_by_role("button", name="Sign with the new key").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("The key is made")
        expect(self.portal.get_by_role("status")).to_have_text("Signed.")
        (posted,) = self.sites.posted
        return posted


def wired(page: Page) -> CDPSession:
    """A virtual authenticator with PRF for this page."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return session


@pytest.fixture
def ceremony(sites: Sites, tmp_path: Path) -> Iterator[Ceremony]:
    yield Ceremony(sites, tmp_path)
    assert all("wrapped" not in json.dumps(one) for one in sites.posted)


def check_proof(posted: dict[str, Any], key: KeyFile, custody: str) -> None:
    assert posted["public"] == strict_base64.encode(key.public)
    assert (posted["kid"], posted["custody"]) == (kid_of("decision", ORIGIN, key.public), custody)
    possession = proof_in(canonical(posted["envelope"])).answers(ASKED)
    assert (possession.public, possession.kid, possession.custody.value) == (key.public, key.kid, custody)


def test_a_key_under_a_passphrase(ceremony: Ceremony) -> None:
    ceremony.make("passphrase")
    key = ceremony.save()
    ceremony.check()
    ceremony.page.get_by_label("Passphrase of your key").fill(PASSPHRASE)
    posted = ceremony.prove()
    check_proof(posted, key, "passphrase")
    expect(ceremony.page.get_by_text(fingerprint(posted["public"]))).to_be_visible()
    assert posted["credential"] is None
    assert bytes(unwrap(key, PASSPHRASE).verify_key) == key.public


def test_a_key_under_a_passkey_signs_with_one_gesture_over_these_bytes(ceremony: Ceremony) -> None:
    wired(ceremony.page)
    ceremony.make("passkey")
    key = ceremony.save()
    ceremony.check()
    posted = ceremony.prove()
    check_proof(posted, key, "passkey")
    assert set(posted["credential"]) == {"id", "public_key", "algorithm", "aaguid"}
    assert is_aaguid(posted["credential"]["aaguid"])
    check_assertion(posted)


def check_assertion(posted: dict[str, Any]) -> None:
    """Made in the same gesture: its challenge is SHA-256 of exactly what the key signed, somebody was verified."""
    assertion, envelope = posted["assertion"], parse_envelope(canonical(posted["envelope"]))
    client = json.loads(strict_base64.decode(assertion["client_data_json"]))
    signed = hashlib.sha256(pae(envelope.payload_type, envelope.payload)).digest()
    assert (client["type"], client["origin"]) == ("webauthn.get", SIGNER)
    assert strict_base64.decode_either(client["challenge"]) == signed
    assert strict_base64.decode(assertion["authenticator_data"])[32] & 0b101 == 0b101  # present and verified
    assert assertion["id"] == posted["credential"]["id"]


class CeremonyOfTwo(Ceremony):
    """A decision key and a native key, made at once."""

    def __init__(self, sites: Sites, folder: Path) -> None:
        fields = {"statement_fields": template(ASKED), "native_fields": template(ASKED_NATIVE)}
        sites.kind, sites.given = "enrol", fields
        self.sites, self.folder = sites, folder
        self.portal, self.page = sites.press()

    def save_both(self) -> dict[str, KeyFile]:
        for use in ("decision", "native"):
            with self.page.expect_download() as download:
                self.page.get_by_role("link", name=f"Download the {use} key's backup").click()
            download.value.save_as(self.folder / use)
        self.page.get_by_role("button", name="I have saved both").click()
        return {use: read_key((self.folder / use).read_bytes()) for use in ("decision", "native")}

    def check_both(self, *, swapped: bool = False) -> None:
        first, second = ("native", "decision") if swapped else ("decision", "native")
        self.page.get_by_label("The backup that was just saved").set_input_files(self.folder / first)
        self.page.get_by_label("The native key's backup").set_input_files(self.folder / second)
        self.page.get_by_label("Their passphrase").fill(PASSPHRASE)
        self.page.get_by_role("button", name="Open the backup").click()

    def prove_both(self) -> dict[str, Any]:
        self.page.get_by_role("button", name="Sign with the new keys").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("The keys are made")
        expect(self.portal.get_by_role("status")).to_have_text("Signed.")
        (posted,) = self.sites.posted
        return posted


@pytest.mark.parametrize("custody", ["passphrase", "passkey"])
def test_a_native_key_is_made_in_the_same_ceremony_and_the_same_gesture(
    sites: Sites, tmp_path: Path, custody: str
) -> None:
    ceremony = CeremonyOfTwo(sites, tmp_path)
    if custody == "passkey":
        wired(ceremony.page)
    ceremony.make(custody)
    keys = ceremony.save_both()
    ceremony.check_both(swapped=True)
    expect(ceremony.page.get_by_role("alert")).to_contain_text("backup_differs")
    ceremony.check_both()
    if custody == "passphrase":
        ceremony.page.get_by_label("Passphrase of your keys").fill(PASSPHRASE)
    posted = ceremony.prove_both()
    check_proof(posted, keys["decision"], custody)
    native = posted["native"]
    proof = proof_in(canonical(native["envelope"])).answers(ASKED_NATIVE)
    assert (proof.public, proof.use, proof.custody.value) == (keys["native"].public, KeyUse.NATIVE, custody)
    assert native["kid"] == kid_of("native", ORIGIN, keys["native"].public) != posted["kid"]
    if custody == "passkey":
        check_assertion(posted)


@pytest.mark.parametrize(("phrase", "again"), [("short", "short"), (PASSPHRASE, PASSPHRASE + "!")], ids=str)
def test_a_weak_or_mistyped_passphrase_makes_no_key(ceremony: Ceremony, phrase: str, again: str) -> None:
    ceremony.make("passphrase", phrase, again)
    expect(ceremony.page.get_by_role("alert")).to_contain_text("passphrase_weak")
    expect(ceremony.page.get_by_role("heading", level=1)).to_have_text("Make the key")


def test_the_backup_must_be_opened_before_anything_is_proven(ceremony: Ceremony, tmp_path: Path) -> None:
    ceremony.make("passphrase")
    ceremony.save()
    other = tmp_path / "other.json"
    other.write_bytes(key_of().to_bytes())
    ceremony.check(other)
    expect(ceremony.page.get_by_role("alert")).to_contain_text("backup_differs")
    ceremony.check(phrase="mistyped by a finger")
    expect(ceremony.page.get_by_role("alert")).to_contain_text("passphrase_wrong")
    assert ceremony.sites.posted == []
    ceremony.check()
    expect(ceremony.page.get_by_role("heading", level=1)).to_have_text("Prove that you hold it")


def test_a_passkey_without_prf_opens_no_key(ceremony: Ceremony) -> None:
    session = ceremony.page.context.new_cdp_session(ceremony.page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {**AUTHENTICATOR, "hasPrf": False}})
    ceremony.make("passkey")
    expect(ceremony.page.get_by_role("alert")).to_contain_text("passkey_failed")


def test_fields_of_another_verb_are_no_enrolment(sites: Sites) -> None:
    sites.kind, sites.given = "enrol", {"statement_fields": {**template(ASKED), "verb": "approve"}}
    portal, page = sites.press()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing can be signed")
    expect(portal.get_by_role("status")).to_contain_text("statement_malformed")


def test_a_passkey_that_is_added_later_opens_the_key_and_is_told_to_be_no_witness(sites: Sites) -> None:
    key = key_of(custody="passphrase")
    sites.keep(key)
    sites.given = answer_of(statement_for(key))
    page = sites.signer()
    wired(page)
    page.get_by_text("Open it with a passkey from now on").click()
    expect(page.get_by_text("the portal does not know it")).to_be_visible()
    page.get_by_label("Its passphrase").fill(PASSPHRASE)
    page.get_by_role("button", name="Make a passkey for it").click()
    expect(page.get_by_text("a passkey, which the portal does not know")).to_be_visible()
    kept = page.evaluate(
        """() => new Promise((found) => {
             const opened = indexedDB.open("countersign-signer");
             opened.onsuccess = () => {
               const all = opened.result.transaction("keys").objectStore("keys").getAll();
               all.onsuccess = () => found(all.result);
             };
           })"""
    )
    assert [(one["kdf"]["name"], one["custody"]) for one in kept] == [("hkdf-sha256-webauthn-prf", "passphrase")]
