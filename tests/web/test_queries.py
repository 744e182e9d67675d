"""How many queries a page takes, whatever the stream's size."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ledger.services.append import append_events
from ledger.services.seal import seal_window
from tests.web.house import House, decision

MOST = 12
PAGES = {
    "/": MOST,
    "/account/": MOST,
    "/jobs/": MOST,
    "/streams/acme/decisions/import/": MOST,
    "/streams/": MOST,
    "/keys/": MOST,
    "/help/problem-codes/": MOST,
    "/guides/request-an-export/?stream=acme/decisions": MOST,
    "/guides/inspect-health/?stream=acme/decisions": MOST,
    "/guides/pause-reliance/?stream=acme/decisions": MOST,
    "/streams/acme/decisions/reliance/": MOST,
    "/profiles/ai.decision/": MOST,
    "/notifications/": MOST,
    "/subscriptions/": MOST,
    "/streams/acme/decisions/health/": MOST,
    "/streams/acme/decisions/first-event/": MOST,
    "/keys/new/": MOST,
    "/bundles/": MOST,
    "/streams/acme/decisions/events/": MOST,
    "/streams/acme/decisions/events/5/": MOST,
    "/streams/acme/decisions/trust-sheet/": MOST,
    "/streams/acme/decisions/export/": MOST,
    "/streams/acme/decisions/": MOST,
    "/streams/acme/decisions/windows/": MOST,
    "/streams/acme/decisions/windows/1/": MOST,
    "/streams/acme/decisions/checkpoints/": MOST,
    "/streams/acme/decisions/checkpoints/14/": MOST,
    "/streams/acme/decisions/keys/": MOST,
    "/search/?q=decis": MOST,
    "/evidenceos/author/?example=buckets": MOST,
    "/evidenceos/claims/": MOST,
}


@pytest.mark.parametrize(("path", "most"), PAGES.items())
def test_a_page_takes_few_queries(house: House, admin: Client, path: str, most: int) -> None:
    append_events(house.fresh(), [decision(number) for number in range(100, 160)], actor="machine:test")
    seal_window(house.stream.id, reason="request")
    admin.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert admin.get(path).status_code == 200
    told = [
        query["sql"][:200]
        for query in queries.captured_queries
        if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))
    ]
    assert len(told) <= most, "\n".join(told)
