"""The page that waits for a stream's first event: what it hands out, what it tells, and when it tells nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.test import Client

from governance.identity.actions.set_tenant_state import set_tenant_state
from governance.identity.core.roles import Role
from governance.identity.models.tenant import TenantState
from ledger.errors import IntegrityLost
from ledger.selectors import streams
from ledger.selectors.streams import StreamView
from ledger.services.append import append_events
from ledger.services.seal import seal_window
from ledger.services.stop import stop
from ledger.services.streams import create_stream
from tests.web.house import BY, House, at, decision, signed_in

PAGE = "/streams/acme/fresh/first-event/"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def fresh(house: House) -> StreamView:
    """A stream without an event."""
    return create_stream("acme", "fresh", actor="machine:test")


def told(client: Client, path: str = PAGE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def poll_of(text: str) -> str:
    found = re.search(r'hx-get="([^"]+)"', text)
    assert found
    return found[1].replace("&amp;", "&")


def test_it_waits_and_hands_out_everything_but_the_secret(fresh: StreamView, admin: Client) -> None:
    text = told(admin)
    assert "Waiting for the first event of acme/fresh." in text
    assert "http://testserver/api/v1/streams/acme/fresh/events/" in text
    assert "test.localhost/log/acme/fresh+" in text
    assert 'http-equiv="refresh"' in text
    assert "/client/" in text
    assert "cs_key_..." in text


def test_it_follows_the_event_from_receipt_to_signed_root(fresh: StreamView, admin: Client) -> None:
    waiting = poll_of(told(admin))
    assert admin.get(waiting).status_code == 204
    append_events(fresh, [decision(1)], actor="machine:test")
    arrived = told(admin, waiting)
    assert "arrived, and its receipt verified. A signed root is still to come." in arrived
    assert "ai.decision is leaf 1" in arrived
    assert admin.get(poll_of(arrived)).status_code == 204
    seal_window(fresh.id, reason="request")
    done = told(admin, poll_of(arrived))
    assert "stands under a signed root, and its receipt verified." in done
    assert "hx-get" not in done
    assert "/streams/acme/fresh/events/1/" in done


def test_without_a_script_the_page_tells_the_same(fresh: StreamView, admin: Client) -> None:
    append_events(fresh, [decision(1)], actor="machine:test")
    seal_window(fresh.id, reason="request")
    text = told(admin)
    assert "stands under a signed root" in text
    assert 'http-equiv="refresh"' not in text


def test_it_can_wait_for_the_next_one(house: House, admin: Client) -> None:
    page = "/streams/acme/decisions/first-event/"
    first = told(admin, page)
    assert "The event at leaf 1 of acme/decisions" in first
    newest = house.fresh().size - 1
    assert f"?after={newest}" in first
    waiting = told(admin, f"{page}?after={newest}")
    assert f"Waiting for an event of acme/decisions behind leaf {newest}." in waiting
    append_events(house.fresh(), [decision(900)], actor="machine:test")
    assert "ai.decision is leaf" in told(admin, poll_of(waiting))


def test_the_line_it_shows_is_a_call_that_the_api_takes(fresh: StreamView, admin: Client) -> None:
    key = admin.post("/keys/new/", {"namespace": "acme", "name": "first", "scopes": ["append"]}).content.decode()
    token = re.search(r'<pre id="token">([^<]+)</pre>', key)
    line = re.search(r"-d &#x27;(\{.*\})&#x27;", told(admin))
    assert token
    assert line
    body = line[1].replace("&quot;", '"')
    answer = Client().post(
        "/api/v1/streams/acme/fresh/events/",
        json.loads(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token[1]}"},
    )
    assert answer.status_code == 201, answer.content
    assert "note.written is leaf 1" in told(admin)


def test_a_stopped_stream_is_not_waited_for(fresh: StreamView, admin: Client) -> None:
    stop(fresh.id, IntegrityLost("Planted by a test"))
    text = told(admin)
    assert "acme/fresh is stopped (integrity)" in text
    assert "hx-get" not in text


def test_the_client_is_the_file_of_the_checkout(admin: Client) -> None:
    answer = admin.get("/client/")
    assert answer.content == (ROOT / "countersign_client.py").read_bytes()
    assert answer["Content-Disposition"] == 'attachment; filename="countersign_client.py"'


@pytest.mark.parametrize("after", ["x", "-1", "9" * 17, "٣"])
def test_what_is_no_index_is_a_404(fresh: StreamView, admin: Client, after: str) -> None:
    assert admin.get(PAGE, {"after": after}).status_code == 404


@pytest.mark.parametrize("path", ["", "state/"])
def test_a_foreign_stream_is_an_unknown_one(fresh: StreamView, stranger: Client, path: str) -> None:
    assert stranger.get(f"{PAGE}{path}").status_code == 404
    assert stranger.get(f"/streams/beta/nothing/first-event/{path}").status_code == 404


def test_a_viewer_is_told_who_makes_keys(fresh: StreamView, viewer: Client) -> None:
    text = told(viewer)
    assert "A tenant admin makes one under Keys." in text
    assert "Make a key" not in text


def test_a_suspended_tenant_is_offered_no_key(house: House, fresh: StreamView) -> None:
    ada = signed_in(Client(), house.person(Role.TENANT_ADMIN, email="eve@acme.test"))
    set_tenant_state(house.acme, TenantState.SUSPENDED, by=BY, at=at(), reason="a test")
    assert "Make a key" not in told(ada)
    assert streams.stream("acme", "fresh").size == 1
