"""From an empty installation to a governed one, in browsers with virtual authenticators: four people are invited, make
their keys, two sign the genesis; a fifth is invited, and her key and role come by changes that others sign.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page, expect

from console.verifier_page import FILE_NAME as PAGE_NAME
from console.verifier_page import page_bytes
from governance.change.core.policy import Direction, ExecutorRule, Need, Policy, Rule, Tier
from governance.change.core.possession import words_of
from governance.change.models import Change
from governance.identity.actions.found_platform import found_platform
from governance.identity.models import Membership, Person, PersonKey
from governance.identity.selectors.founding import is_founded
from ledger.single_file import FILE_NAME, build
from tests.corpus.cases import Input
from tests.e2e.conftest import Site, watch
from tests.e2e.test_accounts import PHRASE, ceremony, secret_on, wired
from tests.support.verify_page import reports_of
from tests.web.house import BY, PASSWORD, at, code_now

pytestmark = [pytest.mark.db, pytest.mark.e2e]
LOCK_S = 3
ADVICE = "pubKeyCredParams"
"""Chromium's advice on old authenticators that know RS256 alone."""
POLICY = Policy((
    Rule(
        name="everything", change="*", directions=frozenset(Direction), tier=Tier.MEDIUM, needs=(Need("ops", 2),),
        lock_s=LOCK_S, life_s=86_400, executor=ExecutorRule.NOT_AUTHOR_NOT_APPROVER, observation_s=3_600,
    ),
))  # fmt: skip
ROLES = {"ann": ("author", "compliance_officer"), "ben": ("approver",), "cyd": ("approver",), "eva": ("executor",)}
SHOTS = os.environ.get("COUNTERSIGN_SHOTS", "")
PAPER: Any = os.environ.get("COUNTERSIGN_PAPER", "light")


@dataclass
class Somebody:
    """A person in a browser of their own."""

    name: str
    site: Site
    page: Page
    folder: Path
    secret: bytes = field(default=b"", repr=False)

    @property
    def row(self) -> Person:
        return Person.objects.get(email=f"{self.name}@acme.test")

    def shot(self, name: str, page: Page | None = None) -> None:
        if SHOTS:
            (page or self.page).screenshot(path=Path(SHOTS) / f"{name}-{PAPER}.png", full_page=True)

    def begin(self, link: str) -> None:
        """Password and authenticator by the ticket's link, then a passkey, which is given at once."""
        page = self.page
        page.goto(link)
        self.secret = secret_on(page)
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_label("The same again").fill(PASSWORD)
        page.get_by_label("Code that it shows now").fill(code_now(self.secret))
        page.get_by_role("button", name="Begin").click()
        wired(page)
        page.get_by_role("link", name="Add a passkey").click()
        page.get_by_label("Name of the device").fill("laptop")
        page.get_by_role("button", name="Make the passkey").click()
        expect(page.get_by_role("cell", name="laptop", exact=True)).to_be_visible()
        self.be_present()

    def be_present(self) -> None:
        """The second factor, with the passkey."""
        self.page.goto(f"{self.site.url}/login/code/?next=/account/keys/")
        self.page.get_by_role("button", name="Use a passkey").click()
        expect(self.page).to_have_url(f"{self.site.url}/account/keys/")

    def make_key(self) -> None:
        """A key of their own on the signing page; it waits."""
        self.page.get_by_role("link", name="New key", exact=True).click()
        with self.page.expect_popup() as opened:
            self.page.get_by_role("button", name="Open the signing page").click()
        ceremony(opened.value, self.folder / f"{self.name}.json", "passphrase")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Decision keys")
        opened.value.close()

    def open(self, change: Change) -> None:
        self.page.goto(f"{self.site.url}/changes/{change.key}/")

    def sign(self, change: Change, deed: str) -> None:
        """Open the change, press, read, type, sign."""
        self.open(change)
        with self.page.expect_popup() as opened:
            self.page.get_by_role("button", name=deed, exact=True).click()
        signer = opened.value
        signer.get_by_label("Passphrase of your key").fill(PHRASE)
        words = signer.get_by_label("Type the six words")
        if words.count():
            words.fill(signer.locator("#code").inner_text())
        self.shot(f"signing-{deed.lower().replace(' ', '-')}", signer)
        self.page.evaluate("document.body.dataset.before = '1'")
        signer.get_by_role("button", name="Sign", exact=True).click()
        refused = self.page.locator("[data-sign-status] [role=status]").filter(has_text="Not signed")
        expect(self.page.locator("body:not([data-before])").or_(refused).first).to_be_visible(timeout=30_000)
        assert refused.count() == 0, refused.inner_text()
        signer.close()
        self.shot(f"after-{deed.lower().replace(' ', '-')}")

    def says(self, words: str) -> None:
        expect(self.page.locator(".answer")).to_contain_text(words)


Coming = Callable[[str], Somebody]


def test_founded_by_two_and_then_governed(site: Site, browser: Browser, tmp_path: Path) -> None:
    found_platform(by=BY, moment=at)
    with contextlib.ExitStack() as stack:

        def comes(name: str) -> Somebody:
            context = stack.enter_context(
                contextlib.closing(browser.new_context(color_scheme=PAPER, accept_downloads=True))
            )
            context.set_default_timeout(20_000)
            page = context.new_page()
            watch(page, site)
            return Somebody(name, site, page, tmp_path)

        cast = {name: comes(name) for name in ROLES}
        for name, one in cast.items():
            one.begin(invited(site, name))
            one.make_key()
        founding = genesis(cast, tmp_path)
        found(cast, founding)
        nora = comes("nora")
        nora.begin(invite(cast["ann"]))
        nora.make_key()
        enrol(cast, nora)
        grant_and_take_back(cast, nora)
    assert [one for one in site.complaints if ADVICE not in one] == []
    exported_and_verified(tmp_path / "desk", browser)


def told(*arguments: str) -> Any:
    out = io.StringIO()
    call_command(*arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def invited(site: Site, name: str) -> str:
    """The link that the server's own command prints."""
    link = urlsplit(str(told("person_invite", f"{name}@acme.test", name.title())["link"]))
    return f"{site.url}{link.path}"


def genesis(cast: dict[str, Somebody], folder: Path) -> Change:
    """The draft that the server's own command saves."""
    body = {
        "name": "Acme", "signers": 2, "people": [listed(one) for one in cast.values()],
        "groups": [{"id": "ops", "words": "Operations"}], "policy": POLICY.to_json(),
        "recovery": {"group": "ops", "count": 2, "lock_s": 0, "life_s": 86_400},
    }  # fmt: skip
    file = folder / "genesis.json"
    file.write_text(json.dumps(body))
    made = told("governance_found", str(file))
    shown = {words_of(bytes(key.public)) for key in PersonKey.objects.all()}
    assert {key["words"] for key in made["keys"]} == shown
    return Change.objects.get(public_id=made["id"])


def listed(one: Somebody) -> dict[str, Any]:
    key = PersonKey.objects.get(person=one.row)
    return {
        "person": str(one.row.public_id), "roles": [{"role": role, "tenant": None} for role in ROLES[one.name]],
        "groups": ["ops"] if "approver" in ROLES[one.name] else [],
        "keys": [{"kid": key.kid, "public": bytes(key.public).hex(), "custody": key.custody, "use": key.use}],
    }  # fmt: skip


def found(cast: dict[str, Somebody], founding: Change) -> None:
    """Two of them sign, before anybody has a role."""
    assert not Membership.objects.exists()
    ben, eva = cast["ben"], cast["eva"]
    ben.open(founding)
    ben.shot("founding")
    ben.says("The founding: 0 of 2 signatures are given.")
    ben.sign(founding, "Sign the founding")
    ben.says("The founding: 1 of 2 signatures are given.")
    assert not is_founded()
    eva.sign(founding, "Sign the founding")
    eva.says("Applied")
    assert is_founded()
    assert set(PersonKey.objects.values_list("state", flat=True)) == {"active"}


def invite(ann: Somebody) -> str:
    """The link for Nora, from the page of people."""
    ann.be_present()
    ann.page.goto(f"{ann.site.url}/people/invite/")
    ann.page.get_by_label("Name").fill("Nora")
    ann.page.get_by_label("E-mail").fill("nora@acme.test")
    ann.page.get_by_role("button", name="Make the link").click()
    return ann.page.locator("#link").inner_text()


def propose(ann: Somebody, kind: str, choices: dict[str, str], reason: str) -> Change:
    """By the form, with the effect computed beside it, and submitted."""
    page = ann.page
    page.goto(f"{ann.site.url}/changes/new/{kind}/")
    for label, value in choices.items():
        page.get_by_label(label, exact=True).select_option(value)
    page.get_by_label("Reason").fill(reason)
    expect(page.locator("#preview")).to_contain_text("2 people of ops sign it", timeout=15_000)
    ann.shot(f"form-{kind}")
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("button", name="Submit for review").click()
    ann.says("In review: 0 of 2 approvals are given.")
    return Change.objects.latest("pk")


def carry(cast: dict[str, Somebody], change: Change) -> None:
    """Two approve, the lock runs out, a third executes."""
    for name in ("ben", "cyd"):
        cast[name].sign(change, "Approve")
    cast["cyd"].says("Approved. Its time lock is over")
    eva = cast["eva"]
    end = time.monotonic() + 30
    eva.open(change)
    while not eva.page.get_by_role("button", name="Execute", exact=True).count():
        assert time.monotonic() < end, "the lock never ran out"
        time.sleep(0.5)
        eva.open(change)
    eva.sign(change, "Execute")
    eva.says("Applied")


def enrol(cast: dict[str, Somebody], nora: Somebody) -> None:
    """Nobody's key counts without others."""
    key = PersonKey.objects.get(person=nora.row)
    assert key.state == "pending"
    change = propose(cast["ann"], "key.enrol", {"Registered key": key.kid}, "Nora joins on Monday.")
    carry(cast, change)
    key.refresh_from_db()
    assert key.state == "active"


def grant_and_take_back(cast: dict[str, Somebody], nora: Somebody) -> None:
    """The declared way back works within its window."""
    choices = {"Person": str(nora.row.public_id), "Role": "executor"}
    change = propose(cast["ann"], "role.grant", choices, "A second executor.")
    carry(cast, change)
    assert Membership.objects.filter(person=nora.row, revoked__isnull=True).count() == 1
    eva = cast["eva"]
    eva.page.get_by_label("Take it back, because").fill("It was too early.")
    eva.page.get_by_role("button", name="Draft the way back").click()
    eva.says("A way back that was signed with the change.")
    eva.sign(Change.objects.get(reverts=change.public_id), "Apply the way back")
    eva.says("Applied")
    assert not Membership.objects.filter(person=nora.row, revoked__isnull=True).exists()
    eva.open(change)
    eva.says("It was taken back afterwards.")


def exported_and_verified(desk: Path, browser: Browser) -> None:
    """The bundle verifies with nothing but the trust sheet's files and either verifier, each one file, offline."""
    desk.mkdir()
    told("trust_sheet", "_governance/changes", "--files", str(desk))
    made = told("governance_export", "--out", str(desk / "governance.tar.gz"))
    assert (made["decisions"], made["judged"]) == ("verified", 4)
    (desk / FILE_NAME).write_bytes(build())
    command = [
        sys.executable, "-I", "-S", FILE_NAME, "governance", "governance.tar.gz", "--policy", "trust.policy",
        "--trust", "trust.json",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=desk, env={}, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert done.stdout.startswith("verified: governance export")
    assert in_a_browser(desk, browser) == ("verified", [], 4)


def in_a_browser(desk: Path, browser: Browser) -> tuple[str, list[Any], int]:
    """Outcome, problems and decisions by the saved page, with the network off."""
    (desk / PAGE_NAME).write_bytes(page_bytes())
    policy, evidence = (desk / "trust.policy").read_bytes(), (desk / "governance.tar.gz").read_bytes()
    trust = json.loads((desk / "trust.json").read_bytes())
    with contextlib.closing(browser.new_context(offline=True)) as context:
        page = context.new_page()
        page.goto((desk / PAGE_NAME).as_uri())
        (report,) = reports_of(page, [Input(evidence, policy, trust, int(time.time()), "governance")])
    return report["outcome"], report["problems"], report["counts"]["decisions"]
