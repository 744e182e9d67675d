"""The README's pictures, from the real pages: `COUNTERSIGN_PICTURES=1 pytest tests/e2e/test_pictures.py`."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from governance.evidenceos.models import Target
from governance.identity.core.roles import Role
from governance.watching.services.sweep import sweep
from ledger.services.append import append_events
from ledger.services.seal import seal_window
from tests.e2e.conftest import Site, served, sign_in
from tests.e2e.stages import deployment, looking, staged
from tests.support.clones import Clone
from tests.support.evidenceos_registry import registry
from tests.support.signing import key_of, statement_for
from tests.support.signing_sites import Sites, answer_of
from tests.web.house import decision

pytestmark = [
    pytest.mark.db,
    pytest.mark.e2e,
    pytest.mark.optional,
    pytest.mark.skipif("COUNTERSIGN_PICTURES" not in os.environ, reason="pictures are taken when asked for"),
]
IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
EMAIL = "ada@acme.test"


@pytest.mark.parametrize("paper", ["light", "dark"])
def test_take_the_pictures(site: Site, worker: None, browser: Browser, paper: str) -> None:
    site.house.person(Role.TENANT_ADMIN, email=EMAIL)
    live(site)
    context = browser.new_context(viewport={"width": 1280, "height": 860}, device_scale_factor=1.5)
    page = context.new_page()
    sign_in(page, site, EMAIL)
    page.get_by_role("button", name=paper, exact=True).click()
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, take in PICTURES.items():
        take(page, site)
        page.screenshot(path=IMAGES / f"{name}-{paper}.png")
    context.close()


@pytest.mark.parametrize("paper", ["light", "dark"])
def test_take_the_picture_of_a_change(ledger_db: Clone, browser: Browser, paper: Any) -> None:
    it = deployment()
    who, path = staged(it)["change-review-one"]
    settings.COUNTERSIGN_STATE_DIR.mkdir(parents=True, exist_ok=True)
    wide: Any = {"viewport": {"width": 1280, "height": 1100}, "device_scale_factor": 1.5, "color_scheme": paper}
    with served(ledger_db, settings.COUNTERSIGN_STATE_DIR) as (url, _), looking(browser, it, url, who, **wide) as page:
        page.goto(f"{url}{path}")
        page.screenshot(path=IMAGES / f"change-{paper}.png")


@pytest.mark.parametrize("paper", ["light", "dark"])
def test_take_the_picture_of_the_signing_page(sites: Sites, paper: Any) -> None:
    key = key_of(custody="passphrase")
    sites.keep(key)
    sites.given = answer_of(statement_for(key))
    _, signer = sites.press()
    signer.emulate_media(color_scheme=paper)
    signer.set_viewport_size({"width": 900, "height": 1100})
    expect(signer.locator("#code")).to_be_visible()
    signer.screenshot(path=IMAGES / f"sign-{paper}.png")


def live(site: Site) -> None:
    """Some windows of different sizes, so that the pictures show a stream that is used."""
    for window in range(8):
        events = [decision(1_000 * (window + 1) + number) for number in range(11 + window * 37 % 60)]
        append_events(site.house.fresh(), events, actor="machine:test")
        seal_window(site.house.stream.id, reason="request")


def stream(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/streams/acme/decisions/")


def proof(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/streams/acme/decisions/events/21/")
    expect(page.locator("[data-told=root]")).to_contain_text("Your browser recomputed")


def bundle(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/streams/acme/decisions/export/")
    page.get_by_role("button", name="Export bundle").click()
    expect(page.get_by_text("Verified offline just after it was written")).to_be_visible(timeout=30_000)


def first_event(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/streams/acme/decisions/first-event/")


def health(page: Page, site: Site) -> None:
    """A day of checks, of which some found the window late."""
    now = timezone.now()
    for back in range(70, -1, -1):
        sweep(now - timedelta(minutes=15 * back) + timedelta(minutes=30 if back in {22, 23, 51} else 0))
    page.goto(f"{site.url}/streams/acme/decisions/health/")


def guide(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/guides/request-an-export/?stream=acme/decisions")


def evidenceos(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/evidenceos/author/?example=buckets")
    expect(page.locator(".plot--lines")).to_be_visible()


def evidenceos_directory(page: Page, site: Site) -> None:
    """A directory in which something waits; it is adopted once for both papers."""
    if not Target.objects.filter(slug="lab").exists():
        registry(Path(mkdtemp(dir=settings.COUNTERSIGN_STATE_DIR)).resolve(), epoch_seconds=21_600)
    page.goto(f"{site.url}/evidenceos/targets/lab/")


PICTURES: dict[str, Callable[[Page, Site], None]] = {
    "stream": stream, "proof": proof, "bundle": bundle, "first-event": first_event, "health": health, "guide": guide,
    "evidenceos": evidenceos, "evidenceos-directory": evidenceos_directory,
}  # fmt: skip
