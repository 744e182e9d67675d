from __future__ import annotations

import re

from django.test import Client

from governance.identity.core.roles import Role
from ledger.core.proof import parse_proof
from ledger.selectors import leaves
from ledger.services.append import append_events
from tests.web.house import House, decision, signed_in

EVENT = "/streams/acme/decisions/events/3/"


def test_the_event_page_recomputes_the_root_on_the_server(admin: Client) -> None:
    text = admin.get(EVENT).content.decode()
    assert "Recomputed just now: equal." in text
    assert "its path leads to the signed root" in text
    assert 'data-root="' in text


def test_it_carries_the_bytes_from_which_the_browser_recomputes(house: House, admin: Client) -> None:
    text = admin.get(EVENT).content.decode()
    given = re.search(r'data-leaf="([0-9a-f]+)"', text)
    assert given
    assert bytes.fromhex(given[1]) == leaves.leaf(house.stream, 3).bytes


def test_a_leaf_that_no_checkpoint_covers_says_so(house: House, admin: Client) -> None:
    placed = append_events(house.fresh(), [decision(700)], actor="machine:test").appended[0]
    text = admin.get(f"/streams/acme/decisions/events/{placed.index}/").content.decode()
    assert "no checkpoint covers it yet" in text
    assert admin.get(f"/streams/acme/decisions/events/{placed.index}/proof/").status_code == 404


def test_the_proof_is_a_file_that_the_core_reads(admin: Client) -> None:
    answer = admin.get(f"{EVENT}proof/")
    assert answer["Content-Disposition"] == 'attachment; filename="acme-decisions-3.tlog-proof"'
    assert parse_proof(answer.content).index == 3


def test_window_manifests_have_a_page_too(house: House, admin: Client) -> None:
    text = admin.get(f"/streams/acme/decisions/events/{house.stream.size - 1}/").content.decode()
    assert "This window leaf stands at place" in text
    assert "Root of the window" in text


def test_whoever_may_only_see_is_shown_that_it_is_there_and_not_what_it_says(house: House, client: Client) -> None:
    operator = signed_in(client, house.person(Role.PLATFORM_OPERATOR))
    text = operator.get(EVENT).content.decode()
    assert "not what it says" in text
    assert "dec-2" not in text
    assert "refer" not in text.partition("<main")[2].partition("</main>")[0].replace("Referrer", "")
    assert "case-" not in operator.get("/streams/acme/decisions/events/").content.decode()


def test_filters_of_what_one_may_not_read_are_ignored(house: House, client: Client) -> None:
    operator = signed_in(client, house.person(Role.PLATFORM_OPERATOR))
    guess = operator.get("/streams/acme/decisions/events/?subject=no-such-case").content.decode()
    assert "ai.decision" in guess


def test_the_list_pages_by_keyset_and_keeps_its_filters(house: House, admin: Client) -> None:
    append_events(house.fresh(), [decision(1000 + number) for number in range(60)], actor="machine:test")
    first = admin.get("/streams/acme/decisions/events/?type=ai.decision").content.decode()
    following = re.search(r'href="(\?[^"]*after=\d+[^"]*)"\s+rel="next"', first)
    assert following
    assert "type=ai.decision" in following[1]
    rest = admin.get("/streams/acme/decisions/events/" + following[1].replace("&amp;", "&")).content.decode()
    shown = [set(re.findall(r"events/(\d+)/", page)) for page in (first, rest)]
    assert len(shown[0]) == 50
    assert not shown[0] & shown[1]


def test_no_match_is_not_an_empty_stream(admin: Client) -> None:
    assert "No match" in admin.get("/streams/acme/decisions/events/?type=nothing").content.decode()
