from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Site

pytestmark = pytest.mark.e2e


def test_the_api_can_be_read_in_a_browser_under_the_strict_policy(tab: Page, site: Site) -> None:
    tab.goto(f"{site.url}/api/docs/")
    tab.wait_for_selector(".opblock")
    assert tab.locator(".opblock").count() >= 15
    tab.locator("#operations-events-append_events .opblock-summary-control").click()
    tab.wait_for_selector("#operations-events-append_events .opblock-body .responses-wrapper")
