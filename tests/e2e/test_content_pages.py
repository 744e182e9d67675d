"""Erased, held, declared and lacking: axe finds nothing on either paper, on a desk and a phone; nothing runs wide."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from governance.identity.core.roles import Role
from ledger.models import LeafObject
from ledger.services import gaps
from ledger.services.append import append_events
from ledger.services.erasures import Asked, erase
from ledger.services.holds import place_hold
from ledger.services.terms import Change, declare
from tests.e2e.conftest import Site, sign_in
from tests.e2e.test_accessibility import faults
from tests.support.streams import event
from tests.web.house import House

pytestmark = [pytest.mark.db, pytest.mark.e2e]
STREAM = "/streams/acme/decisions/"
PAGES = ("", *(f"events/{index}/" for index in (3, 5, 7, 12, 62, 64, 65, 66, 67)))


def told(house: House) -> None:
    """Leaf 62 declares, 65 tells of a gap, 66 holds leaves 1 to 4, 67 erases 6 to 8; leaf 5 lacks its payload."""
    change = Change(payload_days=180, expected_every_s=600, sequence=True)
    declare(house.fresh(), change, reason="policy R-4", by="person:1")
    append_events(house.fresh(), [event("a", sequence="1"), event("b", sequence="5")], actor="machine:test")
    gaps.scan_all()
    place_hold(house.fresh(), [(1, 4)], case="2026-118", reason="court order", by="person:1")
    erase(house.fresh(), Asked([(6, 8)], ["payload"], "subject", "request 2026-7", "person:1"))
    erase(house.fresh(), Asked([(12, 12)], ["attrs", "payload"], "mistake", "sent twice", "person:1"))
    LeafObject.objects.filter(stream_id=house.stream.id, index=5, role="payload").delete()


@pytest.mark.parametrize("paper", ["light", "dark"])
def test_axe_finds_nothing_where_content_is_erased_held_or_lacking(site: Site, tab: Page, paper: str) -> None:
    told(site.house)
    site.house.person(Role.TENANT_ADMIN)
    sign_in(tab, site, "ada@acme.test")
    tab.get_by_role("button", name=paper, exact=True).click()
    found: list[str] = []
    for width in (1280, 390):
        tab.set_viewport_size({"width": width, "height": 900})
        for path in PAGES:
            tab.goto(f"{site.url}{STREAM}{path}")
            found += faults(tab)
            if (wide := tab.evaluate("document.documentElement.scrollWidth")) > width:
                found.append(f"{path} is {wide} wide on {width}")
    assert not found, "\n".join(found)
