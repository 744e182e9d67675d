"""A person with a real browser: sign in, open a stream, see a proof recomputed. Under the real policy."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from governance.identity.core.roles import Role
from tests.e2e.conftest import Site, sign_in, somebody

pytestmark = [pytest.mark.e2e]


@pytest.fixture(scope="module")
def site(shared_site: Site) -> Site:
    """Nothing here changes what another test reads."""
    return shared_site


@pytest.fixture
def ada(site: Site) -> str:
    return somebody(site, Role.TENANT_ADMIN)


def test_the_browser_recomputes_the_proof_by_itself(ada: str, site: Site, tab: Page) -> None:
    sign_in(tab, site, ada)
    tab.get_by_role("link", name="acme/decisions").first.click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("acme/decisions")
    tab.goto(f"{site.url}/streams/acme/decisions/events/21/")
    verdict = tab.locator("[data-verdict]")
    expect(verdict.locator("[data-told=root]")).to_have_text("Your browser recomputed this root just now: equal.")
    expect(verdict).to_have_class(re.compile("is-pass"))


def test_the_browser_notices_a_leaf_that_was_changed(ada: str, site: Site, tab: Page) -> None:
    sign_in(tab, site, ada)

    def forge(route: object) -> None:
        answer = route.fetch()  # type: ignore[attr-defined]  # playwright's Route
        text = answer.text()
        found = re.search(r'data-leaf="([0-9a-f]{2})', text)
        assert found
        other = "00" if found[1] != "00" else "01"
        route.fulfill(response=answer, body=text.replace(found[0], f'data-leaf="{other}', 1))  # type: ignore[attr-defined]  # the same

    tab.route("**/events/21/", forge)
    tab.goto(f"{site.url}/streams/acme/decisions/events/21/")
    verdict = tab.locator("[data-verdict]")
    expect(verdict.locator("[data-told=root]")).to_have_text("Your browser recomputed this root just now: NOT equal.")
    expect(verdict).to_have_class(re.compile("is-fail"))


def test_everything_of_the_proof_is_there_without_javascript(ada: str, site: Site, browser: object) -> None:
    context = browser.new_context(java_script_enabled=False)  # type: ignore[attr-defined]  # playwright's Browser
    page = context.new_page()
    sign_in(page, site, ada)
    page.goto(f"{site.url}/streams/acme/decisions/events/21/")
    expect(page.locator("[data-told=root]")).to_have_text("Recomputed just now: equal.")
    expect(page.get_by_text("see the bytes").first).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_label("Show the areas").check()
    expect(page.get_by_role("link", name="Exports")).to_be_visible()
    context.close()


def test_the_paper_is_kept_and_needs_no_script(ada: str, site: Site, tab: Page) -> None:
    sign_in(tab, site, ada)
    tab.get_by_role("button", name="dark").click()
    expect(tab.locator("html")).to_have_attribute("data-theme", "dark")
    tab.goto(f"{site.url}/streams/")
    expect(tab.locator("html")).to_have_attribute("data-theme", "dark")


def test_times_turn_local_and_hashes_are_copied_whole(ada: str, site: Site, context: object, tab: Page) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.url)  # type: ignore[attr-defined]  # playwright's BrowserContext
    sign_in(tab, site, ada)
    tab.goto(f"{site.url}/streams/acme/decisions/")
    tab.get_by_role("button", name="Show times in my zone").click()
    expect(tab.locator("time.time").first).to_have_text(re.compile(r"UTC[+-]\d\d:\d\d$"))
    tab.locator(".hash-short").first.click()
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(r"[0-9a-f]{64}", copied)
