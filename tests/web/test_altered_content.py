"""Content that was put in place of what a leaf commits to is told as what it is, on its page and to every reader."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from governance.identity.core.roles import Role
from ledger.selectors import leaves, streams
from ledger.services.append import append_events
from ledger.services.seal import seal_window
from tests.support.tampering import replace_object
from tests.web.house import House, decision, signed_in

EVENT = "/streams/acme/decisions/events/3/"
FORGED = b'{"model":"m-3","outcome":"accept","score":2}'
TOLD = "The stored payload is not the one this leaf commits to."


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


def page(client: Client, path: str = EVENT) -> str:
    return client.get(path).content.decode()


def test_what_opens_its_commitment_is_told_to(admin: Client) -> None:
    text = page(admin)
    assert text.count("Opened just now: this is what the leaf commits to.") == 2
    assert TOLD not in text


def test_an_altered_payload_is_no_green_seal(house: House, admin: Client) -> None:
    replace_object(house.stream.id, 3, "payload", data=FORGED, size=len(FORGED))
    text = page(admin)
    assert f'<p class="answer is-fail tone">{TOLD} Do not rely on what is shown.' in text
    assert "content altered" in text
    assert text.count("Opened just now") == 1
    assert "Recomputed just now: equal." in text


@pytest.mark.parametrize("columns", [{"salt": bytes(32)}, {"media_type": "text/plain"}, {"size": 9}])
def test_a_changed_salt_or_type_or_size_is_told_as_well(
    house: House, admin: Client, columns: dict[str, object]
) -> None:
    replace_object(house.stream.id, 3, "attrs", **columns)
    assert "The stored attributes are not the ones this leaf commits to." in page(admin)


def test_it_is_recorded_once_in_the_system_ledger(house: House, admin: Client) -> None:
    replace_object(house.stream.id, 3, "payload", data=FORGED, size=len(FORGED))
    before = streams.stream("_system", "events").size
    page(admin)
    page(admin)
    system = streams.stream("_system", "events")
    assert system.size == before + 1
    told = leaves.event(system, system.size - 1)
    assert (told.type, b'"door":"page:event"' in (told.payload or b"")) == ("ledger:object:altered", True)


def test_who_may_not_read_learns_that_it_was_altered_and_gets_neither_salt_nor_bytes(
    house: House, client: Client
) -> None:
    replace_object(house.stream.id, 3, "payload", data=FORGED, size=len(FORGED))
    operator = signed_in(client, house.person(Role.PLATFORM_OPERATOR))
    text = page(operator)
    assert TOLD in text
    assert "accept" not in text
    assert "data-salt" not in text
    assert "data-octets" not in text


def test_readers_get_the_bytes_with_which_their_browser_opens_the_commitment(house: House, admin: Client) -> None:
    text = page(admin)
    assert text.count('data-salt="') == text.count('data-octets="') == 2
    assert f'data-envelope="{leaves.leaf(house.stream, 3).bytes.hex()}"' in text


def test_what_is_too_large_for_the_page_is_said_to_be_checked_by_the_server_alone(house: House, admin: Client) -> None:
    large = decision(900)
    object.__setattr__(large, "payload", b"x" * 70_000)
    placed = append_events(house.fresh(), [large], actor="machine:test").appended[0]
    seal_window(house.stream.id, reason="request")
    text = page(admin, f"/streams/acme/decisions/events/{placed.index}/")
    assert "Too large for your browser to check here: only this server has." in text
    assert text.count("Opened just now") == 2
