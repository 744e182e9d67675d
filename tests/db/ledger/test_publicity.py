"""What of a stream is public: private at first, entries never without tiles, and rights that stay."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import transaction
from psycopg import errors

from ledger.errors import RequestError
from ledger.models import LoggedHead, Publicity
from ledger.selectors.outside import outside_of
from ledger.selectors.publicity import PRIVATE, PublicityView, publicity
from ledger.selectors.streams import StreamView
from ledger.services.publicity import set_publicity
from tests.support.clones import Clone
from tests.support.streams import new_stream

pytestmark = pytest.mark.db


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    return new_stream()


def set_to(stream: StreamView, *, tiles: bool | None = None, entries: bool | None = None) -> PublicityView:
    with transaction.atomic():
        return set_publicity(stream, tiles=tiles, entries=entries)


def test_a_stream_is_private_until_something_is_set(stream: StreamView) -> None:
    assert publicity("acme", "decisions") == publicity("acme", "nothing") == PRIVATE == PublicityView()
    assert set_to(stream, tiles=True) == PublicityView(tiles=True)
    assert publicity("acme", "decisions") == PublicityView(tiles=True)
    assert set_to(stream, entries=True) == PublicityView(tiles=True, entries=True)
    assert outside_of(stream).publicity == PublicityView(tiles=True, entries=True)
    assert set_to(stream, tiles=False, entries=False) == PRIVATE
    assert outside_of(stream).publicity == outside_of(new_stream("other")).publicity == PRIVATE


def test_entries_are_never_public_without_the_tiles_that_prove_them(stream: StreamView) -> None:
    with pytest.raises(RequestError):
        set_to(stream, entries=True)
    set_to(stream, tiles=True, entries=True)
    with pytest.raises(RequestError):
        set_to(stream, tiles=False)
    assert publicity("acme", "decisions") == PublicityView(tiles=True, entries=True)


def test_the_database_refuses_it_too(stream: StreamView, ledger_db: Clone) -> None:
    with psycopg.connect(ledger_db.runtime_url) as runtime, pytest.raises(errors.CheckViolation):
        runtime.execute("INSERT INTO ledger_publicity VALUES (%s, false, true)", [stream.id])


def test_the_runtime_role_keeps_its_rights_when_they_are_given_again(
    stream: StreamView, ledger_db: Clone, owner_connection: psycopg.Connection[Any]
) -> None:
    with psycopg.connect(ledger_db.runtime_url, autocommit=True) as runtime:
        owner_connection.execute("SELECT ledger_grant(%s::name)", [runtime.info.user])
        set_to(stream, tiles=True)
        assert Publicity.objects.count() == 1
        assert LoggedHead.objects.count() == 0
        for statement in (
            "DELETE FROM ledger_publicity", "TRUNCATE ledger_publicity", "UPDATE ledger_publicity SET stream_id = 0",
            "UPDATE ledger_loggedhead SET index = 0", "DELETE FROM ledger_loggedhead",
            "UPDATE ledger_leaf SET index = 0",
        ):  # fmt: skip
            with pytest.raises(errors.InsufficientPrivilege):
                runtime.execute(statement)
