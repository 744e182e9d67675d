"""A closed stream says so, leads to the log that continues it, and alarms nobody."""

from __future__ import annotations

import json

import pytest
from django.core.cache import cache
from django.test import Client

from ledger.services.successor import continue_stream
from tests.web.house import House

STREAM = "/streams/acme/decisions/"


@pytest.fixture
def closed(house: House) -> House:
    cache.clear()
    continue_stream(house.fresh(), "decisions-2", actor="machine:test", reason="the origin is to be renamed")
    return house


def test_its_page_leads_to_the_log_that_continues_it(closed: House, admin: Client) -> None:
    text = admin.get(STREAM).content.decode()
    assert "This stream is closed: it takes no event any more, and acme/decisions-2 continues it." in text
    assert '<a href="/streams/acme/decisions-2/">acme/decisions-2</a>' in text
    assert admin.get("/streams/acme/decisions-2/").status_code == 200


def test_lists_name_it_closed_and_nothing_is_stopped(closed: House, admin: Client) -> None:
    text = admin.get("/streams/").content.decode()
    assert text.count('<span class="quiet">closed</span>') == 1
    assert "acme/decisions is stopped" not in admin.get("/").content.decode()


def test_the_api_names_its_successor(closed: House, admin: Client) -> None:
    told = json.loads(admin.get("/api/v1/streams/acme/decisions/").content)
    assert told["successor"].endswith("/log/acme/decisions-2")
    assert json.loads(admin.get("/api/v1/streams/acme/decisions-2/").content)["successor"] is None
