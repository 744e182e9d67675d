"""What is printed says on every page where it comes from and under which root, with nothing beneath it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from governance.identity.core.roles import Role
from ledger.services.exports import request_bundle, run_export
from tests.e2e.conftest import Site, sign_in, somebody

pytestmark = [pytest.mark.e2e]
PAGES = ("events/21/", "trust-sheet/", "")
A4 = {"width": 672, "height": 968}
"""210 by 297 mm without the margins of the style sheet, in pixels of 1/96 inch."""
BEYOND = """() => [...document.querySelectorAll('.page *')]
    .filter(one => one.getClientRects().length && one.getBoundingClientRect().right > innerWidth + 1)
    .map(one => one.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def site(shared_site: Site) -> Site:
    """Nothing here changes what another test reads."""
    return shared_site


@pytest.fixture(scope="module")
def bundle(site: Site) -> str:
    """The address of a bundle with its verdict."""
    made, export = request_bundle(site.house.fresh(), 0, 60, actor="machine:test")
    run_export(export.public_id)
    return f"/bundles/{made.public_id}/"


@pytest.fixture
def printed(site: Site, tab: Page) -> Iterator[Page]:
    sign_in(tab, site, somebody(site, Role.TENANT_ADMIN))
    tab.emulate_media(media="print")
    yield tab
    tab.emulate_media(media="screen")


@pytest.mark.parametrize("path", PAGES)
def test_the_foot_holds_address_and_root_and_is_repeated(printed: Page, site: Site, path: str) -> None:
    address = f"{site.url}/streams/acme/decisions/{path}"
    printed.goto(address)
    foot = printed.locator(".print-foot")
    expect(foot).to_be_visible()
    expect(foot).to_contain_text(address)
    expect(foot).to_contain_text(re.compile(r"root [0-9a-f]{64} of 62 leaves"))
    # The foot of a table is what browsers repeat on each page.
    assert foot.evaluate("element => getComputedStyle(element).display") == "table-footer-group"
    assert foot.evaluate("element => getComputedStyle(element.parentElement).display") == "table"


def test_buttons_and_rail_are_not_printed_and_hashes_are_whole(printed: Page, site: Site) -> None:
    printed.goto(f"{site.url}/streams/acme/decisions/events/21/")
    for selector in (".rail", ".topbar", ".page-foot", ".button"):
        assert not printed.locator(selector).first.is_visible()
    whole = printed.locator("#envelope .hash-print").first
    expect(whole).to_be_visible()
    assert re.fullmatch("[0-9a-f]{64}", whole.inner_text())


def test_the_report_of_a_bundle_is_printed_whole(printed: Page, site: Site, bundle: str) -> None:
    printed.set_viewport_size(A4)  # type: ignore[arg-type]  # a ViewportSize
    printed.goto(f"{site.url}{bundle}")
    steps = printed.locator("details.fold li")
    assert steps.count() > 10
    assert all(one.is_visible() for one in steps.all())
    expect(printed.locator(".print-foot")).to_contain_text(re.compile(r"bundle [0-9a-f]{64}"))
    expect(printed.locator(".hash-print").first).to_be_visible()
    assert printed.evaluate(BEYOND) == []


@pytest.mark.parametrize(
    ("role", "path"),
    [(Role.PLATFORM_OPERATOR, "/components/"), (Role.TENANT_ADMIN, "/streams/acme/decisions/trust-sheet/")],
    ids=["components", "trust sheet"],
)
def test_nothing_runs_out_of_the_paper(site: Site, tab: Page, role: Role, path: str) -> None:
    sign_in(tab, site, somebody(site, role))
    tab.emulate_media(media="print")
    tab.set_viewport_size(A4)  # type: ignore[arg-type]  # a ViewportSize
    tab.goto(f"{site.url}{path}")
    assert tab.locator(".page .hash-print, .page code").count() > 3
    assert tab.evaluate(BEYOND) == []
    assert not tab.locator(".page .button").first.is_visible()
