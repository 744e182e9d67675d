"""`make gallery`: every page on both papers, on a desk and on a phone, into one folder, to be looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import Site, sign_in
from tests.e2e.gallery import ADMIN, BEFORE_SIGNING_IN, OPERATOR, PAGES
from tests.e2e.lively import lively
from tests.support.server import ROOT

pytestmark = [pytest.mark.db, pytest.mark.e2e, pytest.mark.long]
PLACE = Path(os.environ.get("COUNTERSIGN_GALLERY") or ROOT / "var" / "gallery")
WIDTHS = (1280, 390)


@pytest.mark.parametrize("paper", ["light", "dark"])
def test_every_page_is_taken(site: Site, browser: Browser, paper: str) -> None:
    found = lively(site.house)
    PLACE.mkdir(parents=True, exist_ok=True)
    taken = 0
    for reader in ("", OPERATOR, ADMIN):
        context = browser.new_context(color_scheme="dark" if paper == "dark" else "light")
        page = context.new_page()
        mine = {name: path for name, (who, path) in PAGES.items() if who == reader}
        if reader:
            sign_in(page, site, reader)
        for name, path in (mine if reader else BEFORE_SIGNING_IN).items():
            taken += take(page, f"{site.url}{path.format(**found)}", f"{name}-{paper}")
        context.close()
    assert taken == (len(PAGES) + len(BEFORE_SIGNING_IN)) * len(WIDTHS)


def take(page: Page, address: str, name: str) -> int:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(address)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PLACE / f"{name}-{width}.png", full_page=True)
    return len(WIDTHS)
