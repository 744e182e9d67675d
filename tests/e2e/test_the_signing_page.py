"""The signing page: one statement in, one signature out, by passphrase or passkey, and nothing else leaves it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from playwright.sync_api import Browser, expect

from console import signing_page
from governance.change.core.statement import Statement
from governance.sign.keyfile import KeyFile
from ledger.core.canonical import canonical
from ledger.core.dsse import parse_envelope, signed_by
from tests.support.signing import PASSPHRASE, key_of, statement_for
from tests.support.signing_sites import PORTAL, SIGNER, Sites, answer_of

pytestmark = [pytest.mark.e2e]
WATCH = "document.addEventListener('securitypolicyviolation', e => console.error('CSP: ' + e.violatedDirective));"


@pytest.fixture
def sites(browser: Browser) -> Iterator[Sites]:
    with override_settings(COUNTERSIGN_SIGN_ORIGIN=SIGNER, COUNTERSIGN_SITE_URL=PORTAL):
        signing_page.document.cache_clear()
        context = browser.new_context()
        context.add_init_script(WATCH)
        made = Sites(context)
        yield made
        context.close()
        signing_page.document.cache_clear()
    assert made.complaints == []


def held(sites: Sites, key: KeyFile) -> None:
    """Import a key, as a person does."""
    page = sites.signer()
    page.get_by_label("Encrypted key file").set_input_files(
        {"name": "key.json", "mimeType": "application/json", "buffer": key.to_bytes()}
    )
    page.get_by_role("button", name="Keep this key here").click()
    expect(page.get_by_text(key.kid)).to_be_visible()
    page.close()


def verified(envelope: dict[str, Any], statement: Statement, public: bytes) -> bool:
    read = parse_envelope(canonical(envelope))
    return read.payload == statement.raw and signed_by(read, {"k": public}) == ["k"]


@pytest.fixture
def key() -> KeyFile:
    return key_of(custody="passphrase")


def test_a_person_reads_and_signs_with_a_passphrase(sites: Sites, key: KeyFile) -> None:
    held(sites, key)
    statement = statement_for(key)
    sites.given = answer_of(statement)
    portal, signer = sites.press()
    expect(signer.get_by_role("heading", level=1)).to_have_text("Approve: oracle.ttl")
    expect(signer.get_by_text("THIS CHANGE WEAKENS")).to_be_visible()
    expect(signer.get_by_role("row", name="/oracle/ttl_s")).to_contain_text("7200")
    expect(signer.locator("#code")).to_have_text(statement.code)
    signer.get_by_label("Passphrase of your key").fill(PASSPHRASE)
    signer.get_by_role("button", name="Sign", exact=True).click()
    expect(signer.get_by_role("heading", level=1)).to_have_text("Signed")
    expect(portal.get_by_role("status")).to_have_text("Signed.")
    (posted,) = sites.posted
    assert posted["token"] == "token-of-the-form"
    assert posted["assertion"] is None
    assert verified(posted["envelope"], statement, key.public)
