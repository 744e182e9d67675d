"""Whoever has to stop something does it on a phone, 390 pixels wide, with at most four taps from the change's page."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Locator, Page, expect

from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.identity.core.person_keys import Custody
from governance.identity.models import PersonKey
from governance.sign.keyfile import Whose, wrap
from tests.e2e.conftest import served
from tests.e2e.stages import deployment, looking
from tests.support.clones import Clone
from tests.support.governed import World
from tests.support.people import origin, planted_key

pytestmark = [pytest.mark.db, pytest.mark.e2e]
PHRASE = "five random words stand here"
MOST_TAPS = 4
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@dataclass
class Finger:
    """Counts what it taps."""

    taps: int = 0

    def on(self, what: Locator) -> None:
        what.tap()
        self.taps += 1

    def write(self, what: Locator, text: str) -> None:
        self.on(what)
        what.press_sequentially(text)


@dataclass
class Place:
    url: str
    it: World
    key: bytes


@pytest.fixture
def place(ledger_db: Clone, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A founded deployment under a server; fay has a key under a passphrase."""
    monkeypatch.setenv("COUNTERSIGN_STEP_UP", "totp")
    settings.COUNTERSIGN_STATE_DIR.mkdir(parents=True, exist_ok=True)
    it = deployment()
    fay = it["fay"]
    PersonKey.objects.filter(kid=fay.kid).update(state="revoked", until=1, revoked_at=it.now)
    row, fay.private = planted_key(fay.row, custody=Custody.PASSPHRASE)
    fay.kid = row.kid
    whose = Whose(fay.id, origin(), "decision", "passphrase")
    file = wrap(bytes(fay.private), PHRASE, whose, salt=secrets.token_bytes(16), nonce=secrets.token_bytes(12))
    with served(ledger_db, settings.COUNTERSIGN_STATE_DIR) as (url, _):
        yield Place(url, it, file.to_bytes())


def opened(page: Page, place: Place, row: Change) -> Page:
    page.goto(f"{place.url}/changes/{row.key}/")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    return page


def test_a_hold_and_a_veto_take_no_more_than_four_taps(place: Place, browser: Browser) -> None:
    row = place.it.approved(place.it.in_review())
    with looking(browser, place.it, place.url, "fay", **PHONE) as page:
        finger = Finger()
        opened(page, place, row)
        finger.write(page.get_by_label("Hold it, because"), "Something is odd.")
        finger.on(page.get_by_role("button", name="Hold", exact=True))
        expect(page.locator(".answer")).to_contain_text("Held")
        assert finger.taps <= MOST_TAPS
        keep(page, place)
        vetoed(page, opened(page, place, row), Finger())
    row.refresh_from_db()
    assert row.state == "vetoed"
    assert row.words.filter(verb=Verb.VETO.value).count() == 1


def keep(page: Page, place: Place) -> None:
    """The key is in this browser before anything has to be stopped."""
    page.goto(f"{place.url}/sign/")
    given: Any = {"name": "k.json", "mimeType": "application/json", "buffer": place.key}
    page.get_by_label("Encrypted key file").set_input_files(given)
    page.get_by_role("button", name="Keep this key here").click()
    expect(page.get_by_text("None yet.")).to_have_count(0)


def vetoed(page: Page, change: Page, finger: Finger) -> None:
    with page.expect_popup() as popped:
        finger.on(change.get_by_role("button", name="Veto", exact=True))
    signer = popped.value
    signer.set_viewport_size({"width": 390, "height": 844})  # a phone opens a tab, whatever size was asked for
    phrase, words = signer.get_by_label("Passphrase of your key"), signer.get_by_label("Type the six words")
    expect(phrase).to_be_visible()
    assert signer.evaluate("document.documentElement.scrollWidth") <= 390
    if words.count():
        finger.write(words, signer.locator("#code").inner_text())
    finger.write(phrase, PHRASE)
    with page.expect_navigation():
        finger.on(signer.get_by_role("button", name="Sign", exact=True))
    expect(page.locator(".answer")).to_contain_text("Vetoed")
    assert finger.taps <= MOST_TAPS
