"""Pages tell what is erased, held, declared and lacking: who, when, why, and by which leaf."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from ledger.models import LeafObject
from ledger.services import gaps
from ledger.services.append import append_events
from ledger.services.erasures import Asked, erase
from ledger.services.holds import place_hold, release_hold
from ledger.services.terms import Change, declare
from tests.support.streams import event
from tests.web.house import House

STREAM = "/streams/acme/decisions/"


def text_of(client: Client, path: str) -> str:
    """What a reader sees, in one line."""
    body = client.get(path).content.decode()
    return " ".join(re.sub(r"<[^>]*>", " ", body.partition("<main")[2]).split())


def erased(house: House, *spans: tuple[int, int]) -> None:
    erase(house.fresh(), Asked(spans, ["payload"], "subject", "request 7", "person:1"))


def test_the_page_of_an_erased_event_says_who_when_and_why_and_its_proof_holds(house: House, admin: Client) -> None:
    erased(house, (3, 4))
    told = text_of(admin, f"{STREAM}events/3/")
    assert "Erased: payload of leaves 3 to 4" in told
    assert "By person:1, subject: request 7. Backups may hold it until" in told
    assert "Erased. The proof of the leaf still holds; its content is gone." in told
    assert "its path leads to the signed root" in told
    assert "Do not rely" not in told
    assert "Erased" not in text_of(admin, f"{STREAM}events/5/")


def test_content_that_is_missing_without_a_leaf_is_told_as_a_fault(house: House, admin: Client) -> None:
    LeafObject.objects.filter(stream_id=house.stream.id, index=3, role="payload").delete()
    told = text_of(admin, f"{STREAM}events/3/")
    assert "Payload: the content is not there, and no erasure leaf says why. Do not rely on what is shown." in told


def test_the_page_of_a_held_event_names_the_case_until_it_is_released(house: House, admin: Client) -> None:
    place_hold(house.fresh(), [(3, 5)], case="C-7", reason="court order", by="person:1")
    told = text_of(admin, f"{STREAM}events/4/")
    assert (
        "Held: leaves 3 to 5, case C-7. By person:1: court order. Nobody erases it before the case is released." in told
    )
    release_hold(house.fresh(), case="C-7", reason="closed", by="person:1")
    assert "Held:" not in text_of(admin, f"{STREAM}events/4/")


def test_a_stream_that_declares_nothing_says_so(house: House, admin: Client) -> None:
    told = text_of(admin, STREAM)
    assert "Completeness at source not evaluated" in told
    assert "declares neither rhythm nor sequence" in told
    assert "Content is kept for ever: no retention is declared" in told
    assert "0 holds in force, 0 erasure leaves, 0 gap leaves" in told


def test_a_stream_shows_what_it_declares_holds_erased_and_lacks(house: House, admin: Client) -> None:
    change = Change(payload_days=180, expected_every_s=600, sequence=True)
    declare(house.fresh(), change, reason="R-4", by="person:1")
    append_events(house.fresh(), [event("a", sequence="1"), event("b", sequence="5")], actor="machine:test")
    gaps.scan_all()
    place_hold(house.fresh(), [(1, 2)], case="C-7", reason="audit", by="person:1")
    erased(house, (6, 8))
    told = text_of(admin, STREAM)
    assert "payloads for 180 days; attributes for ever, as leaf 14 declares" in told
    assert "1 hold in force, 1 erasure leaf, 1 gap leaf" in told
    assert "1 gap was told in the last 24 hours; leaf 14 declares an event every 10 min" in told
    assert "Numbers 2 to 4 of a source were skipped: 3 events" in told
    assert "Held: leaves 1 to 2, case C-7." in told
    assert "Erased: payload of leaves 6 to 8." in told


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (14, ["Kept payloads for 180 days; attributes for ever", "an event every 10 min", "counts without gaps"]),
        (17, ["Cause sequence", "Lacking 3", "After leaf 15", "Before leaf 16"]),
        (18, ["Leaves 1 to 2", "Case C-7", "State set"]),
        (19, ["Leaves 6 to 8", "Erased of them payload", "Reason code subject", "By person:1", "Gone from backups by"]),
    ],
)
def test_the_leaves_themselves_are_told_in_words(house: House, admin: Client, index: int, words: list[str]) -> None:
    test_a_stream_shows_what_it_declares_holds_erased_and_lacks(house, admin)
    told = text_of(admin, f"{STREAM}events/{index}/")
    assert [one for one in words if one not in told] == []
