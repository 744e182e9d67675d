"""The search by keyboard: `/` and Ctrl+K lead there from anywhere, Enter opens the one hit."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from governance.identity.core.roles import Role
from tests.e2e.conftest import Site, sign_in

pytestmark = [pytest.mark.db, pytest.mark.e2e]


def test_keys_lead_to_the_search_and_enter_opens_the_hit(site: Site, tab: Page) -> None:
    site.house.person(Role.TENANT_ADMIN)
    sign_in(tab, site, "ada@acme.test")
    for shortcut in ("/", "Control+k"):
        tab.goto(f"{site.url}/streams/acme/decisions/")
        tab.keyboard.press(shortcut)
        tab.keyboard.type("21")
        tab.keyboard.press("Enter")
        tab.wait_for_url(f"{site.url}/streams/acme/decisions/events/21/")


def test_a_slash_that_is_typed_stays_a_slash(site: Site, tab: Page) -> None:
    site.house.person(Role.TENANT_ADMIN)
    sign_in(tab, site, "ada@acme.test")
    tab.keyboard.press("/")
    tab.keyboard.type("acme/decisions")
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"{site.url}/streams/acme/decisions/")


def test_switched_off_the_keys_do_nothing(site: Site, tab: Page) -> None:
    site.house.person(Role.TENANT_ADMIN)
    sign_in(tab, site, "ada@acme.test")
    tab.goto(f"{site.url}/account/")
    tab.get_by_role("button", name="Switch them off").click()
    tab.wait_for_url(f"{site.url}/account/#shortcuts")
    tab.goto(f"{site.url}/streams/")
    tab.keyboard.press("/")
    assert tab.evaluate("document.activeElement.id") != "search"
