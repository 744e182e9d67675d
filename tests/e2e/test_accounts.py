"""Accounts in a browser with a virtual authenticator: begin, enrol, sign in, step up, and make a key."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django_otp_webauthn.models import WebAuthnCredential
from playwright.sync_api import BrowserContext, Page, expect

from governance.identity.actions.activate_person_key import activate_person_key
from governance.identity.actions.found_platform import found_platform
from governance.identity.actions.grant_membership import grant_membership
from governance.identity.core.roles import Role
from governance.identity.models import Person, PersonKey, SigningPasskey
from governance.identity.one_time import secret_of
from governance.identity.selectors.factors import factors_of
from tests.e2e.conftest import Site, sign_in
from tests.support.people import registered
from tests.web.house import BY, PASSWORD, at, code_now

pytestmark = [pytest.mark.db, pytest.mark.e2e]
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "hasPrf": True, "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
ADA = "ada@acme.test"
PHRASE = "correct horse battery staple of tests"
SHOTS = os.environ.get("COUNTERSIGN_SHOTS", "")


@pytest.fixture
def page(context: BrowserContext, site: Site) -> Page:
    found_platform(by=BY, moment=at)
    return context.new_page()


def wired(page: Page, **more: Any) -> None:
    """A virtual authenticator for this page."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {**AUTHENTICATOR, **more}})


def secret_on(page: Page) -> bytes:
    return secret_of(page.locator("#secret").inner_text().replace(" ", ""))


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


def faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{page.url}: {one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found]


def invite(site: Site, page: Page) -> str:
    """The link for Nora, by Ada."""
    site.house.person(Role.TENANT_ADMIN, email=ADA)
    sign_in(page, site, ADA)
    page.goto(f"{site.url}/people/")
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("Name").fill("Nora New")
    page.get_by_label("E-mail").fill("nora@acme.test")
    page.get_by_role("button", name="Make the link").click()
    link = page.locator("#link").inner_text()
    page.get_by_role("button", name="Sign out").click()
    return link


def begin(site: Site, page: Page, link: str) -> None:
    """Nora sets a password and enrols an authenticator."""
    page.goto(link)
    expect(page).to_have_url(f"{site.url}/invitation/")
    assert faults(page) == []
    shot(page, "invitation")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_label("Code that it shows now").fill(code_now(secret_on(page)))
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factors")


def test_an_invited_person_begins_enrols_a_passkey_and_signs_in_with_it(site: Site, page: Page) -> None:
    begin(site, page, invite(site, page))
    wired(page)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name of the device").fill("laptop")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("cell", name="laptop", exact=True)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()

    page.get_by_label("E-mail").fill("nora@acme.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    shot(page, "login-passkey")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{site.url}/")
    page.goto(f"{site.url}/account/")
    expect(page.get_by_text("passkey,")).to_be_visible()

    page.goto(f"{site.url}/login/code/?next=/account/sessions/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{site.url}/account/sessions/")
    assert Person.objects.get(email="nora@acme.test").sessions.filter(factor="passkey").exists()


def test_an_authenticator_that_does_not_verify_the_person_enrols_nothing(site: Site, page: Page) -> None:
    site.house.person(Role.TENANT_ADMIN, email=ADA)
    sign_in(page, site, ADA)
    wired(page, hasUserVerification=False, isUserVerified=False)
    page.goto(f"{site.url}/account/factors/passkey/")
    page.get_by_label("Name of the device").fill("touch only")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert not WebAuthnCredential.objects.exists()


@pytest.mark.parametrize("custody", ["passphrase", "passkey"])
def test_a_key_is_made_on_the_signing_page_and_waits_here(site: Site, page: Page, tmp_path: Path, custody: str) -> None:
    person = site.house.person(Role.APPROVER, email=ADA)
    sign_in(page, site, ADA)
    page.goto(f"{site.url}/account/keys/")
    page.get_by_role("link", name="New key", exact=True).click()
    shot(page, "key-new")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Open the signing page").click()
    signer = opened.value
    wired(signer)
    ceremony(signer, tmp_path / "backup.json", custody)
    expect(page.get_by_role("heading", level=1)).to_have_text("Decision keys")
    shot(page, f"keys-{custody}")
    row = PersonKey.objects.get()
    assert (row.person_id, row.custody, row.state) == (person.pk, custody, "pending")
    assert SigningPasskey.objects.filter(key=row).exists() is (custody == "passkey")
    words = page.get_by_role("cell", name=re.compile(r"^(\w+ ){5}\w+$")).first.inner_text()
    assert words in signer.content()
    activate_person_key(row, by=BY, at=at())
    page.reload()
    expect(page.get_by_text("You can sign decisions.")).to_be_visible()


def ceremony(signer: Page, backup: Path, custody: str) -> None:
    """The four steps of the signing page."""
    signer.get_by_label(f"A {custody}").check()
    signer.get_by_label("New passphrase").fill(PHRASE)
    signer.get_by_label("The same again").fill(PHRASE)
    signer.get_by_role("button", name="Make the key").click()
    with signer.expect_download() as download:
        signer.get_by_role("link", name="Download the encrypted backup").click()
    download.value.save_as(backup)
    signer.get_by_role("button", name="I have saved it").click()
    signer.get_by_label("The backup that was just saved").set_input_files(backup)
    signer.get_by_label("Its passphrase").fill(PHRASE)
    signer.get_by_role("button", name="Open the backup").click()
    if custody == "passphrase":
        signer.get_by_label("Passphrase of your key").fill(PHRASE)
    signer.get_by_role("button", name="Sign with the new key").click()
    expect(signer.get_by_role("heading", level=1)).to_have_text("The key is made", timeout=30_000)


@pytest.mark.parametrize("paper", ["light", "dark"])
def test_every_page_of_accounts_is_clean_and_fits_a_phone(site: Site, page: Page, paper: str) -> None:
    ada = site.house.person(Role.TENANT_ADMIN, email=ADA)
    bob = site.house.person(Role.APPROVER, email="bob@acme.test")
    grant_membership(ada, site.house.acme, Role.AUTHOR, by=BY, at=at())
    first, _ = registered(ada)
    activate_person_key(first, by=BY, at=at())
    registered(ada)
    page.goto(f"{site.url}/login/")
    page.get_by_role("button", name=paper).click()
    sign_in(page, site, ADA)
    device = f"/account/factors/remove/?factor={factors_of(ada)[0].id}"
    paths = (
        "/account/", "/account/factors/", "/account/factors/authenticator/", "/account/factors/passkey/", device,
        "/account/sessions/", "/account/keys/", "/account/keys/new/", "/account/keys/file/",
        f"/account/keys/{first.kid}/end/", "/people/", "/people/invite/", f"/people/{bob.public_id}/",
        f"/people/{ada.public_id}/",
    )  # fmt: skip
    found: list[str] = []
    for width in (1280, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        for path in paths:
            page.goto(f"{site.url}{path}")
            if width != 320:
                found += faults(page)
                shot(page, f"{path.strip('/').replace('/', '-').split('?')[0][:40]}-{paper}-{width}")
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                found.append(f"{path} is {wide} wide on {width}")
    page.goto(f"{site.url}/account/factors/")
    page.get_by_role("button", name="Make ten new codes").click()
    found += faults(page)
    shot(page, f"recovery-{paper}")
    assert not found, "\n".join(found)
