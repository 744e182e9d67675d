"""`make gallery`: every page on both papers, on a desk and on a phone, into one folder, to be looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from governance.identity.actions.create_system_key import create_system_key
from governance.identity.actions.found_platform import found_platform
from governance.identity.core.principal import Scope
from governance.identity.core.roles import Role
from governance.identity.models import Namespace
from ledger.services.append import append_events
from ledger.services.exports import request_bundle, run_export
from ledger.services.profiles import PROFILES
from ledger.services.seal import seal_window
from ledger.services.system_index import index_system
from ledger.services.verifying import request_verify
from tests.e2e.conftest import Site, sign_in
from tests.e2e.gallery import ADMIN, BEFORE_SIGNING_IN, OPERATOR, PAGES
from tests.support.server import ROOT
from tests.web.house import BY, at, decision

pytestmark = [pytest.mark.db, pytest.mark.e2e, pytest.mark.long]
PLACE = Path(os.environ.get("COUNTERSIGN_GALLERY") or ROOT / "var" / "gallery")
WIDTHS = (1280, 390)


@pytest.mark.parametrize("paper", ["light", "dark"])
def test_every_page_is_taken(site: Site, browser: Browser, paper: str) -> None:
    found = lively(site)
    PLACE.mkdir(parents=True, exist_ok=True)
    site.house.person(Role.PLATFORM_OPERATOR, email=OPERATOR)
    site.house.person(Role.TENANT_ADMIN, email=ADMIN)
    taken = 0
    for reader in ("", OPERATOR, ADMIN):
        context = browser.new_context(color_scheme="dark" if paper == "dark" else "light")
        page = context.new_page()
        mine = {name: path for name, (who, path) in PAGES.items() if who == reader}
        if reader:
            sign_in(page, site, reader)
        for name, path in (mine if reader else BEFORE_SIGNING_IN).items():
            taken += take(page, f"{site.url}{path.format(**found)}", f"{name}-{paper}")
        context.close()
    assert taken == (len(PAGES) + len(BEFORE_SIGNING_IN)) * len(WIDTHS)


def take(page: Page, address: str, name: str) -> int:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(address)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=PLACE / f"{name}-{width}.png", full_page=True)
    return len(WIDTHS)


def lively(site: Site) -> dict[str, str]:
    """Windows, a bundle, a job, a key: so that no page is empty. Returns what stands in addresses."""
    found_platform(by=BY, moment=at)
    for window in range(6):
        events = [decision(1_000 * (window + 1) + number) for number in range(11 + window * 37 % 60)]
        append_events(site.house.fresh(), events, actor="machine:test")
        seal_window(site.house.stream.id, reason="request")
    bundle, export = request_bundle(site.house.fresh(), 0, 60, actor="person:ada")
    run_export(export.public_id)
    job = request_verify(site.house.fresh(), "full", actor="person:ada")
    namespace = Namespace.objects.get(name="acme")
    key = create_system_key(namespace, "scoring", frozenset({Scope.APPEND, Scope.READ}), by=BY, at=at())
    index_system()
    return {
        "size": str(site.house.fresh().signed_size), "bundle": str(bundle.public_id), "job": str(job.public_id),
        "key": str(key.key.public_id), "guide": "rotate-a-key", "profile": next(iter(PROFILES)),
        "person": str(site.house.person(Role.APPROVER, email="pia@acme.test").public_id),
    }  # fmt: skip
