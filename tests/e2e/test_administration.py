"""The stock administration works under the policy of every page: no violation, no error in the browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from governance.identity.core.roles import Role
from tests.e2e.conftest import Site, sign_in

pytestmark = [pytest.mark.db, pytest.mark.e2e]


def test_an_operator_reads_lists_and_rows_without_a_complaint(site: Site, tab: Page) -> None:
    site.house.person(Role.PLATFORM_OPERATOR, email="olga@acme.test")
    sign_in(tab, site, "olga@acme.test")
    tab.get_by_role("link", name="Administration").click()
    expect(tab.get_by_role("heading", name="What this installation holds")).to_be_visible()
    tab.get_by_role("link", name="Streams", exact=True).click()
    tab.get_by_role("link", name="acme/decisions").first.click()
    expect(tab.get_by_text("machine:test").first).to_be_visible()
    assert tab.get_by_role("button", name="Save").count() == 0
    for path in ("/admin/ledger/job/", "/admin/identity/person/", "/admin/identity/membership/?role=tenant_admin"):
        tab.goto(f"{site.url}{path}")
        expect(tab.locator("#changelist")).to_be_visible()
    tab.get_by_role("link", name="Back to the console").click()
    tab.wait_for_url(f"{site.url}/")
