"""axe finds nothing on any page of the gallery, on both papers, and no page runs wide at 1280, 390 and 320.

The gallery holds every page of the console by a test, so no page is added without being looked at here.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import Site, sign_in, watch
from tests.e2e.gallery import ADMIN, BEFORE_SIGNING_IN, OPERATOR, PAGES
from tests.e2e.lively import lively
from tests.e2e.test_accessibility import faults

pytestmark = [pytest.mark.db, pytest.mark.e2e, pytest.mark.long]
WIDTHS = (1280, 390, 320)
REFUSED = frozenset({"forbidden", "nowhere"})
"""Pages that answer 403 and 404: the browser itself tells that in its console."""


@pytest.mark.parametrize("paper", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(site: Site, browser: Browser, paper: str) -> None:
    named, found = lively(site.house), list[str]()
    for reader in ("", OPERATOR, ADMIN):
        context = browser.new_context()
        page = context.new_page()
        watch(page, site)
        page.goto(f"{site.url}/login/")
        page.get_by_role("button", name=paper).click()
        if reader:
            sign_in(page, site, reader)
        places = {name: path for name, (who, path) in PAGES.items() if who == reader}
        for name, path in (places if reader else BEFORE_SIGNING_IN).items():
            found += on(page, f"{site.url}{path.format(**named)}")
            if name in REFUSED:
                site.complaints.clear()
        context.close()
    assert not found, "\n".join(found)
    assert not site.complaints, site.complaints


def on(page: Page, address: str) -> list[str]:
    """What is wrong on one page, at each width."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(address)
        found += faults(page)
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            found.append(f"{address} is {wide} wide on {width}")
    return found
