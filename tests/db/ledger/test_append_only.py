"""Two roles, the same rows: the runtime role lacks the right, the owner meets a trigger that counts."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import errors, sql

from ledger.selectors import leaves
from ledger.selectors.streams import StreamView
from ledger.services.refusals import record_insufficient, sweep_refusals
from ledger.services.seal import seal_window
from ledger.services.streams import ensure_platform
from tests.support.log_audit import audit
from tests.support.streams import append, events, fresh, new_stream

pytestmark = pytest.mark.db

TABLES = ("ledger_leaf", "ledger_window", "ledger_checkpoint", "ledger_receipt", "ledger_policytext",
          "ledger_acceptance")  # fmt: skip
PARTITIONS = tuple(f"ledger_leaf_{number:02}" for number in range(16))
CHANGES = (
    "UPDATE {} SET {column} = {column}", "DELETE FROM {}", "TRUNCATE {}", "TRUNCATE {} CASCADE",
)  # fmt: skip
COLUMN = {"ledger_policytext": "digest", "ledger_acceptance": "batch"}


@pytest.fixture
def stream(ledger_db: Any) -> StreamView:
    """A stream with a row in each table."""
    made = new_stream()
    append(made, *events("abc"))
    seal_window(made.id, reason="request")
    return fresh(made)


@pytest.fixture
def runtime(ledger_db: Any) -> Any:
    with psycopg.connect(ledger_db.runtime_url, autocommit=True) as made:
        yield made


def _statement(change: str, table: str) -> sql.Composed:
    column = sql.Identifier(COLUMN.get(table, "stream_id"))
    return sql.SQL(change).format(sql.Identifier(table), column=column)


@pytest.mark.parametrize("table", [*TABLES, PARTITIONS[0]])
@pytest.mark.parametrize("change", CHANGES)
def test_the_runtime_role_may_not_change_evidence(
    stream: StreamView, runtime: psycopg.Connection[Any], table: str, change: str
) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        runtime.execute(_statement(change, table))
    assert len(audit(stream).leaves) == 5


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE {} DISABLE TRIGGER append_only_rows",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "DROP TRIGGER append_only_table ON {}",
        "ALTER TABLE {} ADD COLUMN more text",
        "DROP TABLE {}",
    ],
)
@pytest.mark.parametrize("table", TABLES)
def test_the_runtime_role_may_not_touch_triggers_or_tables(
    stream: StreamView, runtime: psycopg.Connection[Any], table: str, change: str
) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        runtime.execute(sql.SQL(change).format(sql.Identifier(table)))


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = replica",
        "SELECT setval('ledger_refusals', 1)",
        "SELECT nextval('ledger_refusals')",
        "ALTER SEQUENCE ledger_refusals RESTART",
        "SELECT ledger_grant(current_user)",
        "UPDATE ledger_stream SET origin = 'elsewhere'",
        "UPDATE ledger_stream SET max_merge_delay_s = 1",
        "UPDATE ledger_signingkey SET public = ''",
        "UPDATE ledger_watermark SET digest = ''",
        "DELETE FROM ledger_watermark",
        "DELETE FROM ledger_stream",
        "DELETE FROM ledger_signingkey",
        "CREATE TABLE mine ()",
        "ALTER FUNCTION ledger_append_only() RENAME TO gone",
    ],
)
def test_the_runtime_role_may_not_prepare_a_change(
    stream: StreamView, runtime: psycopg.Connection[Any], statement: str
) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        runtime.execute(statement)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", CHANGES)
def test_the_owner_meets_the_trigger_and_is_counted(
    stream: StreamView, owner_connection: psycopg.Connection[Any], table: str, change: str
) -> None:
    before = _counted()
    with pytest.raises(errors.RestrictViolation, match="append-only"):
        owner_connection.execute(_statement(change, table))
    assert _counted() == before + 1
    assert len(audit(stream).leaves) == 5


@pytest.mark.parametrize("table", PARTITIONS)
def test_no_partition_is_a_way_around(owner_connection: psycopg.Connection[Any], table: str) -> None:
    with pytest.raises(errors.RestrictViolation):
        owner_connection.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier(table)))


def test_the_row_trigger_stands_on_every_partition(
    stream: StreamView, owner_connection: psycopg.Connection[Any]
) -> None:
    refused = 0
    for table in PARTITIONS:
        try:
            owner_connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        except errors.RestrictViolation:
            refused += 1
    assert refused == 1  # the one partition that holds the stream's leaves
    assert len(audit(stream).leaves) == 5


def test_a_session_that_replays_a_replica_meets_the_trigger_too(
    stream: StreamView, admin_connection: psycopg.Connection[Any]
) -> None:
    admin_connection.execute("SET session_replication_role = replica")
    with pytest.raises(errors.RestrictViolation):
        admin_connection.execute("DELETE FROM ledger_leaf")


def test_refusals_are_entered_once(stream: StreamView, owner_connection: psycopg.Connection[Any]) -> None:
    ensure_platform()
    for _ in range(3):
        with pytest.raises(errors.RestrictViolation):
            owner_connection.execute("DELETE FROM ledger_leaf")
    assert (sweep_refusals(), sweep_refusals()) == (3, 0)
    told = leaves.event(_system_events(), _system_events().size - 1)
    assert told.type == "ledger:append_only:refused"
    assert told.payload == b'{"count":3,"counter":3,"refused_by":"trigger"}'


def test_a_counter_that_was_set_back_is_told_once(
    stream: StreamView, owner_connection: psycopg.Connection[Any]
) -> None:
    ensure_platform()
    for _ in range(3):
        with pytest.raises(errors.RestrictViolation):
            owner_connection.execute("DELETE FROM ledger_leaf")
    sweep_refusals()
    owner_connection.execute("ALTER SEQUENCE ledger_refusals RESTART")
    assert (sweep_refusals(), sweep_refusals()) == (0, 0)
    told = leaves.event(_system_events(), _system_events().size - 1)
    assert told.payload == b'{"count":0,"counter":0,"counter_told_before":3,"refused_by":"trigger"}'


def test_marks_and_search_columns_cannot_silence_the_counter(
    stream: StreamView, owner_connection: psycopg.Connection[Any], runtime: psycopg.Connection[Any]
) -> None:
    ensure_platform()
    for expected in (1, 2):
        with pytest.raises(errors.RestrictViolation):
            owner_connection.execute("DELETE FROM ledger_leaf")
        runtime.execute("INSERT INTO ledger_watermark (name, digest) VALUES ('append_only_refusals', '9')")
        runtime.execute("DELETE FROM ledger_eventindex")
        assert sweep_refusals() == expected  # told again rather than not at all


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_stream SET origin = 'elsewhere'",
        "UPDATE ledger_stream SET namespace = 'others'",
        "UPDATE ledger_stream SET lookup_key = ''",
        "DELETE FROM ledger_stream",
        "TRUNCATE ledger_stream CASCADE",
        "UPDATE ledger_signingkey SET public = ''",
        "UPDATE ledger_signingkey SET use = 'export'",
        "UPDATE ledger_signingkey SET kid = left(kid, 30) || 'zz'",
        "UPDATE ledger_signingkey SET sealed = ''",
        "UPDATE ledger_signingkey SET sealed = NULL",
        "UPDATE ledger_signingkey SET sealed = NULL, valid_to = 5",
        "DELETE FROM ledger_signingkey",
        "TRUNCATE ledger_signingkey",
        "UPDATE ledger_watermark SET digest = ''",
        "DELETE FROM ledger_watermark",
    ],
)
def test_what_a_stream_or_a_key_is_stays_for_everybody(
    stream: StreamView, owner_connection: psycopg.Connection[Any], runtime: psycopg.Connection[Any], statement: str
) -> None:
    runtime.execute("INSERT INTO ledger_watermark (name, digest) VALUES ('spool', '')")
    before = _counted()
    with pytest.raises(errors.RestrictViolation):
        owner_connection.execute(sql.SQL(statement))
    assert _counted() == before + 1


def test_settings_change_and_an_ended_key_is_destroyed(stream: StreamView, runtime: psycopg.Connection[Any]) -> None:
    runtime.execute("UPDATE ledger_stream SET window_count = 7, profile_mode = 'warn'")
    runtime.execute("UPDATE ledger_signingkey SET valid_to = 5 WHERE use = 'export'")
    for statement in ("SET valid_to = NULL", "SET valid_to = 6", "SET sealed = '1'"):
        with pytest.raises(errors.RestrictViolation):
            runtime.execute(sql.SQL("UPDATE ledger_signingkey {} WHERE use = 'export'").format(sql.SQL(statement)))
    assert runtime.execute("UPDATE ledger_signingkey SET sealed = NULL WHERE use = 'export'").rowcount == 1


def test_the_runtime_roles_refusal_is_recorded_by_the_caller(runtime: psycopg.Connection[Any]) -> None:
    ensure_platform()
    with pytest.raises(errors.InsufficientPrivilege) as refused:
        runtime.execute("DELETE FROM ledger_leaf")
    assert record_insufficient(refused.value, door="test", request_id="r-1")
    told = leaves.event(_system_events(), 1).payload_object
    assert told is not None
    assert isinstance(told.json, dict)
    assert (told.json["sqlstate"], told.json["refused_by"], told.json["request_id"]) == (
        "42501",
        "role",
        "r-1",
    )


def test_other_errors_are_not_recorded_as_refusals() -> None:
    ensure_platform()
    assert not record_insufficient(ZeroDivisionError(), door="test")
    assert _system_events().size == 1


def _counted() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ledger_refusals")
        return int(cursor.fetchone()[0])


def _system_events() -> StreamView:
    return ensure_platform()[2]
