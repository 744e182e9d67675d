"""axe finds nothing on any page of the tenants' face, on both papers, on a desk and on a phone; nothing runs wide."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from governance.identity.core.roles import Role
from ledger.services.append import append_events
from ledger.services.seal import seal_window
from tests.e2e.conftest import Site, sign_in
from tests.e2e.test_accessibility import faults
from tests.web.house import decision

pytestmark = [pytest.mark.db, pytest.mark.e2e]
PAGES = (
    "/keys/", "/keys/new/", "/streams/acme/decisions/first-event/", "/streams/acme/decisions/first-event/?after=9999",
    "/streams/acme/decisions/health/", "/streams/acme/decisions/health/?span=month",
    "/notifications/", "/subscriptions/", "/profiles/", "/profiles/ai.decision/",
    "/streams/acme/decisions/reliance/", "/streams/acme/decisions/reliance/change/",
    "/help/", "/help/problem-codes/", "/help/first-hour-tenant/",
    "/guides/", "/guides/pause-reliance/?stream=acme/decisions", "/guides/rotate-a-key/",
)  # fmt: skip


@pytest.mark.parametrize("paper", ["light", "dark"])
def test_axe_finds_nothing_on_the_tenants_pages(site: Site, tab: Page, paper: str) -> None:
    site.house.person(Role.TENANT_ADMIN)
    sign_in(tab, site, "ada@acme.test")
    tab.get_by_role("button", name=paper, exact=True).click()
    found: list[str] = []
    for width in (1280, 390, 320):
        tab.set_viewport_size({"width": width, "height": 900})
        for path in PAGES:
            tab.goto(f"{site.url}{path}")
            found += faults(tab)
            if (wide := tab.evaluate("document.documentElement.scrollWidth")) > width:
                found.append(f"{path} is {wide} wide on {width}")
    assert not found, "\n".join(found)


def test_a_key_is_made_by_keyboard_alone_and_its_token_copied(site: Site, context: object, tab: Page) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)  # type: ignore[attr-defined]  # playwright's BrowserContext
    site.house.person(Role.TENANT_ADMIN)
    sign_in(tab, site, "ada@acme.test")
    tab.goto(f"{site.url}/keys/new/")
    tab.get_by_label("Name of the program").focus()
    tab.keyboard.type("scoring")
    tab.keyboard.press("Enter")
    copy = tab.get_by_role("button", name="Copy token")
    copy.focus()
    tab.keyboard.press("Enter")
    assert tab.evaluate("navigator.clipboard.readText()") == tab.locator("#token").text_content()


def test_the_page_that_waits_tells_an_event_by_itself(site: Site, tab: Page) -> None:
    site.house.person(Role.TENANT_ADMIN)
    sign_in(tab, site, "ada@acme.test")
    newest = site.house.fresh().size - 1
    tab.goto(f"{site.url}/streams/acme/decisions/first-event/?after={newest}")
    expect(tab.locator("#arrival")).to_contain_text("Waiting for an event of acme/decisions")
    append_events(site.house.fresh(), [decision(900)], actor="machine:test")
    expect(tab.locator("#arrival")).to_contain_text("arrived, and its receipt verified")
    seal_window(site.house.stream.id, reason="request")
    expect(tab.locator("#arrival")).to_contain_text("stands under a signed root")
    tab.get_by_role("link", name="See its proof").click()
    expect(tab.locator("[data-verdict]")).to_contain_text("Your browser recomputed this root just now: equal.")
