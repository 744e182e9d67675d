"""People of a governed data directory in browsers of their own: a passkey, two key files, and what they sign."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from nacl.signing import SigningKey
from playwright.sync_api import Browser, FilePayload, Locator, Page, expect

from governance.change.core.policy import ExecutorRule, Policy, Tier
from governance.identity.core.person_keys import Custody
from governance.sign.keyfile import KeyFile, Whose, wrap
from tests.support.evidenceos import RECORD
from tests.support.evidenceos_gate import Gate
from tests.support.governed import rule
from tests.support.people import origin
from tests.support.signing import PASSPHRASE
from tests.support.signing_sites import as_file
from tests.support.world import signed_in

LOCK_S = 3
POLICY = Policy((
    rule("*", name="everything", tier=Tier.HIGH, lock_s=LOCK_S, executor=ExecutorRule.NOT_AUTHOR_NOT_APPROVER),
))  # fmt: skip
AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "hasPrf": True, "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip
COOKIE = "countersign"
SHOTS = os.environ.get("COUNTERSIGN_SHOTS", "")
PAPERS: tuple[Any, ...] = ("light", "dark")
WIDTHS = (1280, 390)
SIGN_MS = 30_000


class Room(Gate):
    """The laboratory with keys that browsers may hold, a short lock, and a record that production takes."""

    def __init__(self, root: Path, now: int, **more: Any) -> None:
        self.signed_at = now - 60
        super().__init__(root, policy=POLICY, custody=Custody.PASSPHRASE, **more)

    @property
    def calibration(self) -> bytes:
        """Of the oracle's record in force."""
        return bytes.fromhex(str(RECORD.calibration_manifest_hash_hex))

    def key_files(self, who: str) -> list[KeyFile]:
        """Encrypted files of a person's decision key and, where there is one, native key."""
        one = self.it[who]
        pairs: list[tuple[str, SigningKey]] = [("decision", one.private)]
        pairs += [("native", self.private(who))] if who in self.keys else []
        return [
            wrap(bytes(private), PASSPHRASE, Whose(one.id, origin(), use, "passphrase"), salt=os.urandom(16),
                 nonce=os.urandom(12))
            for use, private in pairs
        ]  # fmt: skip


@dataclass
class Hand:
    """One person in a window of their own."""

    name: str
    page: Page
    url: str

    def goes(self, path: str) -> None:
        """Open a page of the portal."""
        self.page.goto(f"{self.url}{path}")

    def becomes_present(self) -> None:
        """Add a passkey of a virtual authenticator, and give it as the second factor."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("WebAuthn.enable")
        session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
        self.goes("/account/factors/passkey/")
        self.page.get_by_label("Name of the device").fill("laptop")
        self.page.get_by_role("button", name="Make the passkey").click()
        expect(self.page.get_by_role("cell", name="laptop", exact=True)).to_be_visible()
        self.goes("/login/code/?next=/changes/")
        self.page.get_by_role("button", name="Use a passkey").click()
        expect(self.page).to_have_url(f"{self.url}/changes/")

    def keeps(self, files: list[KeyFile]) -> None:
        """Import key files on the signing page."""
        self.goes("/sign/")
        for key in files:
            given: FilePayload = as_file(key.to_bytes(), f"{key.use}.json")
            self.page.get_by_label("Encrypted key file").set_input_files(given)
            self.page.get_by_role("button", name="Keep this key here").click()
            expect(self.page.get_by_text(key.kid)).to_be_visible()

    def presses(self, deed: str) -> Page:
        """Press a button that is signed: the signing page, read."""
        with self.page.expect_popup() as opened:
            self.page.get_by_role("button", name=deed, exact=True).click()
        refused = opened.value.get_by_role("heading", name="Nothing can be signed")
        expect(opened.value.locator("#code").or_(refused).first).to_be_visible()
        return opened.value

    def signs(self, signer: Page) -> None:
        """Type what is asked for, and sign."""
        words = signer.get_by_label("Type the six words")
        if words.count():
            words.fill(signer.locator("#code").inner_text())
        signer.get_by_label("Passphrase of your key").fill(PASSPHRASE)
        signer.get_by_role("button", name="Sign", exact=True).click()

    def does(self, deed: str, shot: str = "") -> None:
        """Press, read, sign; the portal shows what came of it."""
        signer = self.presses(deed)
        taken(signer, shot and f"{shot}-signing")
        self.page.evaluate("document.body.dataset.before = '1'")
        self.signs(signer)
        expect(self.page.locator("body:not([data-before])").or_(self.told("Not signed")).first).to_be_visible(
            timeout=SIGN_MS
        )
        assert self.told("Not signed").count() == 0, self.told("Not signed").inner_text()
        signer.close()
        self.shot(shot)

    def told(self, words: str) -> Locator:
        """What the page of a change says about a signature, where it holds these words."""
        return self.page.locator("[data-sign-status] [role=status]").filter(has_text=words)

    def says(self, words: str) -> None:
        """The first line of the page."""
        expect(self.page.locator(".answer")).to_contain_text(words)

    def shot(self, name: str) -> None:
        """A picture of the page on both papers and widths, where pictures are asked for."""
        taken(self.page, name)


def taken(page: Page, name: str) -> None:
    """Take them; nothing without a name, or where nobody asked."""
    if not SHOTS or not name:
        return
    Path(SHOTS).mkdir(parents=True, exist_ok=True)
    before = page.viewport_size or {"width": 1280, "height": 900}
    page.evaluate("window.scrollTo(0, 0)")
    for paper in PAPERS:
        page.emulate_media(color_scheme=paper)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=Path(SHOTS) / f"eos-{name}-{paper}-{width}.png", full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(before)


@contextlib.contextmanager
def cast(browser: Browser, room: Room, url: str, *names: str) -> Iterator[dict[str, Hand]]:
    """These people, each signed in, present, and with their keys."""
    with contextlib.ExitStack() as stack:
        found = {}
        for name in names:
            cookie = signed_in(room.it[name].row).cookies[settings.SESSION_COOKIE_NAME]
            context = stack.enter_context(contextlib.closing(browser.new_context(accept_downloads=True)))
            context.set_default_timeout(20_000)
            context.add_cookies([{"name": COOKIE, "value": cookie.value, "url": url}])
            one = found[name] = Hand(name, context.new_page(), url)
            one.becomes_present()
            one.keeps(room.key_files(name))
        yield found
