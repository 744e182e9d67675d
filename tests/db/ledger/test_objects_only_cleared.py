"""An object can be cleared or deleted and nothing else, whoever tries; each other try is counted."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection
from psycopg import errors, sql

from ledger.models import LeafObject
from ledger.selectors.streams import StreamView
from ledger.services.refusals import sweep_refusals
from ledger.services.streams import ensure_platform
from tests.support.streams import append, events, fresh, new_stream

pytestmark = pytest.mark.db

CHANGES = (
    "data = '2'",
    "salt = decode(repeat('00', 32), 'hex')",
    "media_type = 'text/plain'",
    "size = size + 1",
    "role = 'attrs', index = 99",
    "index = 99",
    "stream_id = 99",
    "blob = 'elsewhere', data = NULL",
    "fingerprint = '', fingerprint_key = ''",
    "fingerprint = NULL, data = '2'",
)
CLEARINGS = ("fingerprint = NULL, fingerprint_key = NULL", "fingerprint_key = NULL", "size = size")


@pytest.fixture
def stream(ledger_db: Any) -> StreamView:
    made = new_stream()
    append(made, *events("abc"))
    return fresh(made)


def counted() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ledger_refusals")
        return int(cursor.fetchone()[0])


def rows() -> list[Any]:
    return list(LeafObject.objects.order_by("stream_id", "index", "role").values())


def change(made: psycopg.Connection[Any], what: str) -> None:
    statement = sql.SQL("UPDATE ledger_object SET {} WHERE index = 2 AND role = 'payload'")
    made.execute(statement.format(sql.SQL(what)))


@pytest.fixture(params=["runtime_url", "owner_url", "admin_url"])
def anybody(request: pytest.FixtureRequest, ledger_db: Any) -> Any:
    with psycopg.connect(getattr(ledger_db, request.param), autocommit=True) as made:
        yield made


@pytest.mark.parametrize("what", CHANGES)
def test_nobody_changes_an_object(stream: StreamView, anybody: psycopg.Connection[Any], what: str) -> None:
    before, held = counted(), rows()
    with pytest.raises(errors.RestrictViolation, match="cleared or deleted, never changed"):
        change(anybody, what)
    assert counted() == before + 1
    assert rows() == held


@pytest.mark.parametrize("what", CLEARINGS)
def test_what_an_erasure_clears_is_cleared(stream: StreamView, anybody: psycopg.Connection[Any], what: str) -> None:
    change(anybody, what)
    assert counted() == 0


def test_what_was_cleared_is_never_filled_again(stream: StreamView, anybody: psycopg.Connection[Any]) -> None:
    change(anybody, "fingerprint = NULL, fingerprint_key = NULL")
    with pytest.raises(errors.RestrictViolation):
        change(anybody, "fingerprint = decode(repeat('00', 32), 'hex')")


def test_an_object_may_be_deleted(stream: StreamView, anybody: psycopg.Connection[Any]) -> None:
    anybody.execute("DELETE FROM ledger_object WHERE index = 2 AND role = 'payload'")
    assert LeafObject.objects.filter(index=2).count() == 1


def test_the_owner_may_not_empty_the_table(stream: StreamView, owner_connection: psycopg.Connection[Any]) -> None:
    held = rows()
    with pytest.raises(errors.RestrictViolation):
        owner_connection.execute("TRUNCATE ledger_object")
    assert (counted(), rows()) == (1, held)


def test_a_session_that_replays_a_replica_meets_the_trigger_too(
    stream: StreamView, admin_connection: psycopg.Connection[Any]
) -> None:
    admin_connection.execute("SET session_replication_role = replica")
    with pytest.raises(errors.RestrictViolation):
        change(admin_connection, "data = '2'")


def test_the_refusal_comes_into_the_system_ledger(stream: StreamView) -> None:
    ensure_platform()
    with pytest.raises(IntegrityError, match="never changed"):
        LeafObject.objects.filter(stream_id=stream.id, index=2, role="payload").update(data=b"2")
    assert sweep_refusals() == 1
