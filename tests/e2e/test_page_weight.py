"""What a first visit costs: under 150 kB on the wire, from this server alone."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from governance.identity.core.roles import Role
from tests.e2e.conftest import Site, sign_in, somebody

pytestmark = [pytest.mark.e2e]
MOST_BYTES = 150_000
PAGES = ("/", "/streams/acme/decisions/", "/streams/acme/decisions/events/21/")


@pytest.fixture(scope="module")
def site(shared_site: Site) -> Site:
    """Nothing here changes what another test reads."""
    return shared_site


def visited(page: Page, url: str) -> tuple[int, set[str]]:
    """Bytes on the wire (heads included) and the hosts asked, with nothing in the browser's cache."""
    weighed: list[float] = []
    hosts: set[str] = set()
    network = page.context.new_cdp_session(page)
    network.on("Network.requestWillBeSent", lambda told: hosts.add(_host(told)))
    network.on("Network.loadingFinished", lambda told: weighed.append(told["encodedDataLength"]))
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto(url)
    page.wait_for_load_state("networkidle")
    network.detach()
    return int(sum(weighed)), hosts


def _host(told: dict[str, Any]) -> str:
    return str(urlsplit(told["request"]["url"]).netloc)


def test_the_way_in_is_light(site: Site, tab: Page) -> None:
    weight, hosts = visited(tab, f"{site.url}/login/")
    assert 0 < weight < MOST_BYTES
    assert hosts == {urlsplit(site.url).netloc}


@pytest.mark.parametrize("path", PAGES)
def test_a_first_page_is_light_and_comes_from_here(site: Site, tab: Page, path: str) -> None:
    sign_in(tab, site, somebody(site, Role.TENANT_ADMIN))
    weight, hosts = visited(tab, f"{site.url}{path}")
    assert 0 < weight < MOST_BYTES, weight
    assert hosts == {urlsplit(site.url).netloc}
