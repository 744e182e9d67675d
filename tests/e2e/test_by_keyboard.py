"""The main flow of an auditor without a mouse: sign in, find an event, read its proof, export and wait."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from governance.identity.core.roles import Role
from tests.e2e.conftest import Site
from tests.web.house import PASSWORD, code_now

pytestmark = [pytest.mark.db, pytest.mark.e2e]
EMAIL = "ines@acme.test"
MOST_STEPS = 90
FOCUSED = """() => {
  const one = document.activeElement;
  const label = one.labels && one.labels[0] ? one.labels[0].innerText : "";
  const style = getComputedStyle(one);
  return {
    name: (one.getAttribute("aria-label") || label || one.innerText || one.value || "").trim(),
    seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    box: one.getBoundingClientRect().toJSON(),
  };
}"""


def reach(tab: Page, name: str) -> None:
    """Press Tab until the element of that name has the focus, which must be visible there."""
    met = []
    for _ in range(MOST_STEPS):
        tab.keyboard.press("Tab")
        found = tab.evaluate(FOCUSED)
        met.append(found["name"])
        if found["name"].splitlines()[:1] == [name]:
            assert found["seen"], f"{name} does not show that it has the focus"
            assert found["box"]["width"] * found["box"]["height"] > 0, f"{name} has no size"
            return
    pytest.fail(f"{name} is not reached by Tab on {tab.url}: {met}")


def open_by_keyboard(tab: Page, name: str, path: str) -> None:
    reach(tab, name)
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"**{path}")


def signed_in_by_keyboard(tab: Page, site: Site) -> None:
    tab.goto(f"{site.url}/login/")
    reach(tab, "E-mail")
    tab.keyboard.type(EMAIL)
    reach(tab, "Password")
    tab.keyboard.type(PASSWORD)
    tab.keyboard.press("Enter")
    expect(tab.get_by_label("Code from your authenticator")).to_be_focused()
    tab.keyboard.type(code_now())
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"{site.url}/")


def test_from_the_door_to_the_bundle_without_a_mouse(site: Site, worker: None, tab: Page) -> None:
    site.house.person(Role.COMPLIANCE_OFFICER, email=EMAIL)
    signed_in_by_keyboard(tab, site)
    open_by_keyboard(tab, "Streams", "/streams/")
    open_by_keyboard(tab, "acme/decisions", "/streams/acme/decisions/")
    open_by_keyboard(tab, "Export bundle", "/streams/acme/decisions/export/")
    reach(tab, "Last leaf")
    tab.keyboard.press("Control+A")
    tab.keyboard.type("20")
    tab.keyboard.press("Enter")
    expect(tab.get_by_text("Verified offline just after it was written")).to_be_visible(timeout=30_000)


def test_the_first_stop_leads_past_the_frame(site: Site, tab: Page) -> None:
    site.house.person(Role.COMPLIANCE_OFFICER, email=EMAIL)
    signed_in_by_keyboard(tab, site)
    tab.goto(f"{site.url}/streams/acme/decisions/events/21/")
    open_by_keyboard(tab, "Skip to the page", "#page")
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.closest('main') !== null")


def test_a_rung_of_the_proof_opens_and_closes_by_keyboard(site: Site, tab: Page) -> None:
    site.house.person(Role.COMPLIANCE_OFFICER, email=EMAIL)
    signed_in_by_keyboard(tab, site)
    tab.goto(f"{site.url}/streams/acme/decisions/events/21/")
    reach(tab, "see the bytes")
    opened = "document.activeElement.closest('details').open"
    for wanted in (True, False):
        tab.keyboard.press("Enter")
        assert tab.evaluate(opened) is wanted
