"""Asks by signed webhook: posted once, tried again with pauses, to no private network, and approving nothing."""

from __future__ import annotations

import base64
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

import pytest

from governance.change.actions.ask import ask_to_sign
from governance.change.models import Change
from governance.identity.errors import NameInvalid, NotAllowed
from governance.watching.actions.webhooks import end_webhook, set_webhook
from governance.watching.core.webhooks import MOST_TRIES
from governance.watching.models import Notice, Post, Webhook
from governance.watching.services.tell_changes import tell_changes
from governance.watching.services.webhooks import deliver_posts, webhook_of
from ledger.selectors.leaves import event, events_in
from ledger.selectors.streams import stream
from tests.support.clones import Clone
from tests.support.governed import World, payload_of, world
from tests.support.world import moment

pytestmark = pytest.mark.db
LOOPBACK = (ip_network("127.0.0.0/8"),)


class _Receiver(ThreadingHTTPServer):
    status = 204
    taken: list[tuple[str, dict[str, str], bytes]]


class _Post(BaseHTTPRequestHandler):
    server: _Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.taken.append((self.path, {name.lower(): text for name, text in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.send_header("Location", f"http://127.0.0.1:{self.server.server_address[1]}/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the base's name)
        """Nothing."""


@pytest.fixture
def receiver() -> Iterator[_Receiver]:
    server = _Receiver(("127.0.0.1", 0), _Post)
    server.taken = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def it(ledger_db: Clone, settings: Any) -> World:
    settings.COUNTERSIGN_WEBHOOK_NETWORKS = LOOPBACK
    return world()


def url(receiver: _Receiver) -> str:
    return f"http://127.0.0.1:{receiver.server_address[1]}/hook?team=ops"


def give(it: World, receiver: _Receiver, who: str = "ben") -> Webhook:
    return set_webhook(it[who].row, url(receiver), by=it[who].principal(it.now), at=moment(it.now))


def asked(it: World, *who: str) -> Change:
    row = it.in_review()
    for one in who or ("ben",):
        ask_to_sign(row.key, it[one].id, by=it["ada"].principal(it.now), at=moment(it.now))
    tell_changes(moment(it.now))
    return row


def test_whoever_is_asked_gets_one_signed_message_with_a_link_that_approves_nothing(
    it: World, receiver: _Receiver
) -> None:
    give(it, receiver)
    row = asked(it)
    assert deliver_posts(it.now) == 1
    assert deliver_posts(it.now) == 0
    ((path, headers, body),) = receiver.taken
    assert path == "/hook?team=ops"
    told = json.loads(body)
    assert told["data"]["what"].endswith("Ada asks you to sign")
    assert told["data"]["link"].endswith(f"/changes/{row.key}/")
    assert "suspended" not in body.decode()
    row.refresh_from_db()
    assert row.words.count() == 0
    view = webhook_of(it["ben"].row)
    assert view is not None
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    secret = base64.b64decode(view.secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.digest(secret, signed, sha256().name)).decode()
    assert headers["webhook-signature"] == f"v1,{wanted}"
    assert abs(int(headers["webhook-timestamp"]) - it.now.timestamp()) < 2
    assert view.last == "sent"


def test_nobody_else_gets_it(it: World, receiver: _Receiver) -> None:
    give(it, receiver, "cyd")
    asked(it, "ben")
    assert deliver_posts(it.now) == 0
    assert receiver.taken == []


def test_a_receiver_that_refuses_is_tried_again_with_growing_pauses_under_the_same_id(
    it: World, receiver: _Receiver
) -> None:
    give(it, receiver)
    asked(it)
    receiver.status = 503
    now, pauses = it.now, []
    for _ in range(MOST_TRIES):
        assert deliver_posts(now) == 0
        row = Post.objects.get()
        if row.next is not None:
            pauses.append(row.next - now)
            assert deliver_posts(row.next - timedelta(seconds=1)) == 0
            now = row.next
    assert (row.state, row.tries, row.why) == ("failed", MOST_TRIES, "it answered 503")
    assert pauses == [timedelta(minutes=2**tries) for tries in range(1, MOST_TRIES)]
    assert len(receiver.taken) == MOST_TRIES
    assert len({headers["webhook-id"] for _, headers, _ in receiver.taken}) == 1
    assert len({headers["webhook-timestamp"] for _, headers, _ in receiver.taken}) == MOST_TRIES


def test_no_redirect_is_followed(it: World, receiver: _Receiver) -> None:
    give(it, receiver)
    asked(it)
    receiver.status = 307
    assert deliver_posts(it.now) == 0
    assert [path for path, _, _ in receiver.taken] == ["/hook?team=ops"]
    assert Post.objects.get().why == "it answered 307, which is not followed"


def test_a_private_address_is_reached_only_where_its_network_was_named(
    it: World, receiver: _Receiver, settings: Any
) -> None:
    give(it, receiver)
    port = receiver.server_address[1]
    Webhook.objects.update(url=f"https://localhost:{port}/")
    asked(it)
    settings.COUNTERSIGN_WEBHOOK_NETWORKS = ()
    assert deliver_posts(it.now) == 0
    assert Post.objects.get().why == "its host is inside of a private network"
    assert receiver.taken == []
    with pytest.raises(NameInvalid):
        set_webhook(it["ben"].row, url(receiver), by=it["ben"].principal(it.now), at=moment(it.now))


def test_a_receiver_that_is_away_is_told_without_its_address(it: World, receiver: _Receiver) -> None:
    give(it, receiver)
    Webhook.objects.update(url="http://127.0.0.1:1/")
    asked(it)
    assert deliver_posts(it.now) == 0
    assert Post.objects.get().why == "it was not reached: ConnectionRefusedError"


def test_an_address_that_was_taken_back_gets_nothing_that_waits(it: World, receiver: _Receiver) -> None:
    give(it, receiver)
    asked(it)
    end_webhook(it["ben"].row, by=it["ben"].principal(it.now), at=moment(it.now))
    assert deliver_posts(it.now) == 0
    assert (receiver.taken, Post.objects.get().state) == ([], "failed")
    assert webhook_of(it["ben"].row) is None


def test_a_person_gives_their_own_address_and_has_one_at_a_time(it: World, receiver: _Receiver) -> None:
    give(it, receiver)
    give(it, receiver)
    assert Webhook.objects.filter(ended__isnull=True).count() == 1
    with pytest.raises(NotAllowed):
        set_webhook(it["ben"].row, url(receiver), by=it["cyd"].principal(it.now), at=moment(it.now))


def test_the_record_names_the_host_and_never_the_address(it: World, receiver: _Receiver) -> None:
    give(it, receiver)
    log = stream("_governance", "changes")
    rows = [row.index for row in events_in(log, None, 500) if row.type == "watching:webhook:set"]
    told = [payload_of(event(log, index).payload) for index in rows]
    assert told == [{"host": "127.0.0.1", "actor": it["ben"].id}]


def test_what_is_not_mailed_is_not_posted(it: World, receiver: _Receiver) -> None:
    give(it, receiver)
    it.in_review()
    tell_changes(moment(it.now))
    assert Notice.objects.filter(person=it["ben"].row).exists()
    assert not Post.objects.exists()
