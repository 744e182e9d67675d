from __future__ import annotations

import pytest
from django.test import Client

from governance.identity.core.roles import Role
from ledger.selectors import leaves, streams
from ledger.services.append import append_events
from tests.web.house import House, decision, signed_in


def test_the_overview_answers_over_all_streams_i_may_see(house: House, admin: Client) -> None:
    text = admin.get("/").content.decode()
    assert "stand under a signed root." in text
    assert "in 1 stream" in text
    assert "acme/decisions" in text


def test_the_stream_page_tells_five_paths_with_rule_and_next_step(admin: Client) -> None:
    text = admin.get("/streams/acme/decisions/").content.decode()
    for path in ("receipt", "window", "checkpoint", "witness", "bundle"):
        assert f'id="path-{path}"' in text
    assert "12 of 12 receipts derived and verified" in text
    assert "It is stale after 2 min and fails after 10 min." in text
    assert "Next:" in text
    assert "vkey" not in text.lower() or "test.localhost/log/acme/decisions+" in text


def test_not_evaluated_is_never_told_as_passed(admin: Client) -> None:
    text = admin.get("/streams/acme/decisions/").content.decode()
    assert "witness and bundle are not evaluated." in text
    assert "3 of 5 health paths pass" in text


def test_search_finds_by_a_part_of_the_name_and_says_when_nothing_matches(admin: Client) -> None:
    assert "acme/decisions" in admin.get("/streams/?q=Decis").content.decode()
    assert "No match" in admin.get("/streams/?q=zzz").content.decode()


def test_sealing_closes_the_window_and_says_so(house: House, admin: Client) -> None:
    append_events(house.fresh(), [decision(500)], actor="machine:test")
    before = house.fresh().window_number
    page = admin.post("/streams/acme/decisions/seal/", follow=True).content.decode()
    assert house.fresh().window_number == before + 1
    assert f"Window {before + 1} is closed over" in page


def test_sealing_an_empty_window_says_that_nothing_happened(house: House, admin: Client) -> None:
    page = admin.post("/streams/acme/decisions/seal/", follow=True).content.decode()
    assert "nothing was sealed" in page


def test_sealing_takes_post_alone(admin: Client) -> None:
    assert admin.get("/streams/acme/decisions/seal/").status_code == 405


def test_sealing_without_the_role_names_the_roles_that_may(house: House, viewer: Client) -> None:
    append_events(house.fresh(), [decision(501)], actor="machine:test")
    before = streams.stream("acme", "decisions")
    refused = viewer.post("/streams/acme/decisions/seal/")
    assert refused.status_code == 403
    assert "tenant admin, tenant developer" in refused.content.decode()
    assert "can propose the role" in refused.content.decode()
    assert streams.stream("acme", "decisions") == before


def test_a_refused_page_leaves_one_record_in_the_system_ledger(house: House, viewer: Client) -> None:
    system = streams.stream("_system", "events")
    viewer.post("/streams/acme/decisions/seal/", headers={"X-Request-ID": "the-denied-one"})
    after = streams.stream("_system", "events")
    assert after.size == system.size + 1
    payload = leaves.event(after, after.size - 1).payload or b""
    assert b'"role_missing"' in payload
    assert b"page:stream-seal" in payload
    assert b'"asked":{"namespace":"acme","stream":"decisions"}' in payload


@pytest.mark.parametrize("role", [Role.PLATFORM_OPERATOR, Role.TENANT_VIEWER, Role.GUEST_AUDITOR])
def test_whoever_cannot_do_it_is_not_offered_it(house: House, client: Client, role: Role) -> None:
    text = signed_in(client, house.person(role)).get("/streams/acme/decisions/").content.decode()
    assert "Seal now" not in text


def test_a_person_without_a_role_sees_no_stream(house: House, client: Client) -> None:
    nobody = signed_in(client, house.person(None))
    assert "No role yet" in nobody.get("/").content.decode()
    assert nobody.get("/streams/acme/decisions/").status_code == 404


def test_a_guest_is_told_until_when(house: House, client: Client) -> None:
    guest = signed_in(client, house.person(Role.GUEST_AUDITOR))
    text = guest.get("/").content.decode()
    assert "Guest auditor" in text
    assert "reads and exports, until" in text
