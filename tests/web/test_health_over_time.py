"""The page of a stream's health over time: one line, a strip for each path with its words, events, last receipts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from governance.watching.core.buckets import FINE
from governance.watching.services.sweep import sweep
from ledger.errors import IntegrityLost
from ledger.health import ROWS
from ledger.services.append import append_events
from ledger.services.gaps import scan
from ledger.services.stop import stop
from ledger.services.terms import Change, declare
from tests.web.house import House, decision

PAGE = "/streams/acme/decisions/health/"


def text_of(client: Client, path: str = PAGE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_before_the_first_check_it_says_so_and_shows_nothing_as_good(admin: Client) -> None:
    text = text_of(admin)
    assert "has not been checked on the schedule yet" in text
    assert '<g class="is-pass">' not in text
    assert "not checked in the last 24 hours" in text


def test_after_a_check_each_path_has_a_strip_with_its_words(house: House, admin: Client) -> None:
    sweep(timezone.now())
    text = text_of(admin)
    assert "No path was off pass in the last 24 hours, in 1 check." in text
    for row in ROWS.values():
        assert f'aria-label="{row.title} over the last 24 hours: ' in text
    assert "pass in 1 of 1 checked interval of 15 min" in text
    assert "not evaluated in 1 of 1 checked interval" in text
    assert "12 events in the last 24 hours; at most 12 in one bar." in text


def test_a_trouble_that_is_over_is_still_told(house: House, admin: Client) -> None:
    now = timezone.now()
    append_events(house.fresh(), [decision(500)], actor="machine:test")
    sweep(now + timedelta(hours=1))
    assert "Off pass at the last check: window." in text_of(admin)


def test_the_month_is_another_view_and_anything_else_is_a_404(admin: Client) -> None:
    sweep(timezone.now())
    assert "in the last 30 days" in text_of(admin, f"{PAGE}?span=month")
    assert admin.get(f"{PAGE}?span=year").status_code == 404


def test_gaps_at_the_source_stand_beside_the_rate(house: House, admin: Client) -> None:
    assert "No gap was told." in text_of(admin)
    declare(house.fresh(), Change(sequence=True), reason="a test", by="machine:test")
    for number in ("5", "9"):
        append_events(house.fresh(), [replace(decision(int(number) + 700), sequence=number)], actor="machine:test")
    assert scan(house.fresh()) == 1
    assert "Numbers 6 to 8 of a source were skipped: 3 events" in text_of(admin)


def test_states_have_shapes_and_the_table_tells_the_same(house: House, admin: Client) -> None:
    sweep(timezone.now())
    text = text_of(admin)
    assert re.search(r'<g class="is-pass"><rect [^>]+/><title>from [^<]+: pass</title></g>', text)
    assert re.search(r'<g class="is-none"><circle [^>]+/><title>from [^<]+: not evaluated</title></g>', text)
    assert text.count("<caption") == 0
    assert "Worst state seen" in text


def test_a_stopped_stream_says_so_first(house: House, admin: Client) -> None:
    stop(house.stream.id, IntegrityLost("Planted by a test"))
    assert "This stream is stopped (integrity)" in text_of(admin)


def test_a_foreign_stream_is_an_unknown_one(stranger: Client) -> None:
    assert stranger.get(PAGE).status_code == stranger.get("/streams/beta/nothing/health/").status_code == 404


def test_a_viewer_sees_it(viewer: Client) -> None:
    assert "Last receipts" in text_of(viewer)


@pytest.mark.parametrize("hours", [0, 1, 23])
def test_the_scale_ends_with_now(hours: int) -> None:
    now = datetime(2026, 11, 21, hours, 59, tzinfo=UTC)
    assert now - FINE.starts(now)[-1] < FINE.length
