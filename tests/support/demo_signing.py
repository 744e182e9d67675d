"""People of the demo in a browser: they sign in, import their encrypted key file into the signing page, and sign."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from governance.identity.one_time import code_at, secret_of

SIGN_MS = 30_000


@dataclass
class Signer:
    """One person of the demo with their window and key file; `shot` is called with a name and a page at each step."""

    page: Page
    url: str
    user: dict[str, Any]
    shot: Callable[[str, Page], None] = field(default=lambda _name, _page: None)

    def enter(self) -> None:
        """Password, then the code of the authenticator."""
        self.page.goto(f"{self.url}/login/")
        self.page.get_by_label("E-mail").fill(self.user["email"])
        self.page.get_by_label("Password").fill(self.user["password"])
        self.page.get_by_role("button", name="Continue").click()
        code = code_at(secret_of(self.user["totp_secret"]), time.time())[0]
        self.page.get_by_label("Code from your authenticator").fill(code)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(f"{self.url}/")

    def open(self, change: str) -> None:
        """The page of a change."""
        self.page.goto(f"{self.url}/changes/{change}/")

    def press(self, deed: str) -> Page:
        """Press a button that is signed; the signing page, read."""
        with self.page.expect_popup() as opened:
            self.page.get_by_role("button", name=deed, exact=True).click()
        opened.value.get_by_role("heading", level=1).wait_for()
        return opened.value

    def sign(self, deed: str, name: str = "") -> None:
        """Press, import the key where this browser has none, type what is asked for, and sign."""
        signer = self.press(deed)
        self.keep(signer)
        words = signer.get_by_label("Type the six words")
        if words.count():
            words.fill(signer.locator("#code").inner_text())
        signer.get_by_label("Passphrase of your key").fill(self.user["password"])
        self.shot(f"sign-{name or deed.lower()}", signer)
        with self.page.expect_navigation(timeout=SIGN_MS):
            signer.get_by_role("button", name="Sign", exact=True).click()
        signer.close()

    def keep(self, signer: Page) -> None:
        """Import the key file under the statement."""
        passphrase, lacking = signer.get_by_label("Passphrase of your key"), signer.get_by_label("Encrypted key file")
        expect(passphrase.or_(lacking).first).to_be_visible()
        if lacking.count() and lacking.first.is_visible():
            lacking.set_input_files(Path(self.user["key_file"]))
            self.shot("sign-import", signer)
            signer.get_by_role("button", name="Keep this key here").click()
            expect(passphrase).to_be_visible()


@contextlib.contextmanager
def signer(browser: Browser, facts: dict[str, Any], name: str, **more: Any) -> Iterator[Signer]:
    """Somebody of the demo, signed in, in a browser of their own."""
    user = next(one for one in facts["users"] if one["email"].partition("@")[0] == name)
    shot = more.pop("shot", lambda _name, _page: None)
    with contextlib.closing(browser.new_context(**more)) as context:
        context.set_default_timeout(15_000)
        made = Signer(context.new_page(), facts["url"], user, shot)
        made.enter()
        yield made
