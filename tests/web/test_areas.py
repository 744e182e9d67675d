"""The rail holds the reader's own areas, and each entry opens."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.test import Client

from governance.change.actions.draft import draft_change
from governance.identity.actions.found_platform import found_platform
from governance.identity.core.roles import Role
from tests.support.clones import Clone
from tests.support.governed import POLICY, genesis_body, put_in_force, unfounded
from tests.support.world import SEED, moment
from tests.support.world import signed_in as world_signed_in
from tests.web.house import BY, House, at, signed_in

pytestmark = pytest.mark.db
OPERATORS = ["Overview", "Streams", "Bundles", "Verify", "Jobs", "Changes", "EvidenceOS", "Integrity", "Incidents"]
COMPLIANCE = [
    "Overview", "Streams", "Search", "Bundles", "Verify", "Jobs", "Changes", "EvidenceOS", "Integrity", "Incidents",
    "People",
]  # fmt: skip
RAILS = {
    Role.AUTHOR: OPERATORS,
    Role.APPROVER: OPERATORS,
    Role.EXECUTOR: OPERATORS,
    Role.PLATFORM_OPERATOR: [*OPERATORS, "People", "System ledger", "Administration"],
    Role.COMPLIANCE_OFFICER: COMPLIANCE,
    Role.INTERNAL_AUDITOR: COMPLIANCE,
    Role.GUEST_AUDITOR: ["Overview", "Streams", "Search", "Bundles", "Verify", "Jobs"],
    Role.TENANT_ADMIN: [
        "Health", "Streams", "Exports", "Verify", "Jobs", "Changes", "EvidenceOS", "Incidents", "Keys", "Guides",
        "People",
    ],
    Role.TENANT_DEVELOPER: ["Health", "Streams", "Exports", "Verify", "Jobs", "Keys", "Guides"],
    Role.TENANT_VIEWER: ["Health", "Streams", "Exports", "Verify", "Jobs", "Keys", "Guides"],
    Role.WITNESS_OPERATOR: ["Overview", "Streams", "Bundles", "Verify", "Jobs"],
}  # fmt: skip


def rail(page: str) -> dict[str, str]:
    """Names and addresses of the entries."""
    nav = page.partition('<nav class="nav"')[2].partition("</nav>")[0]
    return {name: href for href, name in re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', nav)}


def current(page: str) -> list[str]:
    nav = page.partition('<nav class="nav"')[2].partition("</nav>")[0]
    return re.findall(r'aria-current="page">([^<]+)</a>', nav)


def test_every_role_has_a_rail_that_is_known_here() -> None:
    assert set(RAILS) == set(Role)


@pytest.mark.parametrize("role", RAILS, ids=str)
def test_every_entry_leads_somewhere(house: House, client: Client, role: Role) -> None:
    found_platform(by=BY, moment=at)
    here = signed_in(client, house.person(role))
    found = rail(here.get("/").content.decode())
    assert list(found) == RAILS[role]
    assert [href for href in found.values() if here.get(href).status_code != 200] == []


@pytest.mark.parametrize(
    ("path", "area"),
    [
        ("/", "Health"), ("/streams/acme/decisions/", "Streams"), ("/changes/", "Changes"), ("/policy/", "Changes"),
        ("/founding/", "Changes"), ("/incidents/", "Incidents"), ("/keys/new/", "Keys"),
    ],
)  # fmt: skip
def test_the_area_one_is_in_is_marked(admin: Client, path: str, area: str) -> None:
    put_in_force(POLICY)
    assert current(admin.get(path).content.decode()) == [area]


def test_whom_a_genesis_names_finds_the_way_to_it_without_a_role(ledger_db: Clone) -> None:
    it = unfounded()
    for one in it.people.values():
        one.row.memberships.all().delete()
    here = world_signed_in(it["ben"].row)
    assert "Changes" not in rail(here.get("/account/").content.decode())
    draft_change("genesis", genesis_body(it), "The beginning.", by=SEED, at=moment(it.now))
    cache.clear()
    found = rail(here.get("/account/").content.decode())
    assert "Changes" in found
    assert here.get(found["Changes"]).status_code == 200
    assert "Incidents" not in found
