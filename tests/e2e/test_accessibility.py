"""axe finds nothing on any page, on both papers, on a desk and on a phone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from governance.identity.actions.found_platform import found_platform
from governance.identity.core.roles import Role
from tests.e2e.conftest import Site, sign_in
from tests.web.house import BY, at

pytestmark = [pytest.mark.db, pytest.mark.e2e]
PAGES = (
    "/", "/account/", "/components/", "/streams/", "/streams/?q=nothing", "/streams/acme/decisions/",
    "/streams/acme/decisions/events/", "/streams/acme/decisions/events/?type=none",
    "/streams/acme/decisions/events/21/", "/streams/acme/decisions/trust-sheet/", "/bundles/", "/nowhere/", "/verify/",
    "/jobs/", "/jobs/?kind=seal", "/system/", "/system/?q=type:x", "/system/?of=changes&q=after:never",
    "/search/", "/search/?q=decis&stay=1", "/search/?q=nothing-at-all", "/streams/acme/decisions/windows/",
    "/streams/acme/decisions/windows/1/", "/streams/acme/decisions/checkpoints/",
    "/streams/acme/decisions/checkpoints/62/", "/streams/acme/decisions/keys/",
)  # fmt: skip


def faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{page.url}: {one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found]


@pytest.mark.parametrize("paper", ["light", "dark"])
def test_axe_finds_nothing(site: Site, context: object, paper: str) -> None:
    found_platform(by=BY, moment=at)
    site.house.person(Role.PLATFORM_OPERATOR, email="olga@acme.test")
    page = context.new_page()  # type: ignore[attr-defined]  # playwright's BrowserContext
    found: list[str] = []
    page.goto(f"{site.url}/login/")
    page.get_by_role("button", name=paper).click()
    found += faults(page)
    sign_in(page, site, "olga@acme.test")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for path in PAGES:
            page.goto(f"{site.url}{path}")
            found += faults(page)
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                found.append(f"{path} is {wide} wide on {width}")
    assert not found, "\n".join(found)


def test_a_phone_of_320_holds_every_page(site: Site, context: object) -> None:
    site.house.person(Role.TENANT_ADMIN)
    page = context.new_page()  # type: ignore[attr-defined]  # playwright's BrowserContext
    sign_in(page, site, "ada@acme.test")
    page.set_viewport_size({"width": 320, "height": 640})
    for path in (*PAGES, "/streams/acme/decisions/export/"):
        page.goto(f"{site.url}{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
