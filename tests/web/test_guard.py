"""A stream that the head guard refuses is shown as stopped, with the guard's code."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from ledger.services.append import append_events
from tests.web.house import House, decision

PAGE = "/streams/acme/decisions/"


@pytest.fixture
def lost(house: House, admin: Client) -> House:
    """The guard's documents are gone; an event waits for its window."""
    append_events(house.fresh(), [decision(900)], actor="machine:test")
    for document in Path(settings.COUNTERSIGN_HEAD_GUARD.removeprefix("file://")).glob("*.json"):
        document.unlink()
    cache.clear()
    return house


def test_the_page_says_stopped_and_the_code(lost: House, admin: Client) -> None:
    text = admin.get(PAGE).content.decode()
    assert "This stream is stopped (head_guard_missing)" in text
    assert "Close the window" not in text


def test_a_stream_that_goes_on_is_not_called_stopped(house: House, admin: Client) -> None:
    cache.clear()
    assert "stopped" not in admin.get(PAGE).content.decode()


def test_a_seal_that_the_guard_refuses_is_told_on_the_page(lost: House, admin: Client) -> None:
    answer = admin.post(f"{PAGE}seal/", follow=True)
    assert answer.status_code == 200
    assert "There is no guard for this origin" in answer.content.decode()


def test_the_page_of_an_event_says_why_there_is_no_receipt(house: House, admin: Client) -> None:
    made = append_events(house.fresh(), [decision(900)], actor="machine:test").appended[0]
    for document in Path(settings.COUNTERSIGN_HEAD_GUARD.removeprefix("file://")).glob("*.json"):
        document.unlink()
    answer = admin.get(f"{PAGE}events/{made.index}/")
    assert answer.status_code == 200
    assert "There is no guard for this origin" in answer.content.decode()
