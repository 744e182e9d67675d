"""The page of a stream says where its head is logged, and what of it is public."""

from __future__ import annotations

from django.test import Client
from django.utils import timezone

from governance.identity.core.principal import machine
from governance.identity.moment import Moment
from governance.operations.actions.set_publicity import set_publicity
from ledger.selectors.streams import stream
from ledger.services.heads import log_heads
from ledger.services.seal import seal_window
from tests.web.house import House

PAGE = "/streams/acme/decisions/"


def text(client: Client) -> str:
    """The page, with single spaces."""
    return " ".join(client.get(PAGE).content.decode().split())


def test_the_page_names_the_leaf_of_its_head(house: House, admin: Client) -> None:
    assert "no checkpoint of this stream is entered yet" in text(admin)
    log_heads()
    assert "the head of 14 leaves is leaf 1 of it, not under its signed root yet" in text(admin)
    seal_window(stream("_platform", "heads").id, reason="request")
    assert "the head of 14 leaves is leaf 1 of it, under its signed root" in text(admin)


def test_the_page_says_what_is_public(house: House, admin: Client) -> None:
    assert "<code>/log/acme/decisions/</code>: private" in text(admin)
    at = Moment(timezone.now(), bytes)
    by = machine("machine:test")
    set_publicity(house.stream, tiles=True, reason="test", by=by, at=at)
    assert "<code>/log/acme/decisions/</code>: hash tiles are public, entries private" in text(admin)
    later = Moment(timezone.now(), lambda size: b"\1" * size)
    set_publicity(house.stream, entries=True, reason="test", by=by, at=later)
    assert "<code>/log/acme/decisions/</code>: hash tiles and entries are public" in text(admin)
