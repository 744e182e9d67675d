"""The database itself keeps words, ends, and the order of steps: for the runtime role, and for the owner."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from governance.change.core.verbs import Verb
from governance.change.models import Change, IssuedStatement, PolicyVersion, Revision, Word
from tests.support.clones import Clone
from tests.support.governed import World, world
from tests.support.world import moment

pytestmark = pytest.mark.db
APPEND_ONLY = ["change_policy", "change_revision", "change_word", "change_comment", "change_incidententry"]


@pytest.fixture
def it(ledger_db: Clone) -> World:
    return world()


@pytest.fixture
def row(it: World) -> Change:
    return it.approved(it.in_review())


def refused_to_everybody(owner: psycopg.Connection[Any], statement: str) -> None:
    with pytest.raises(psycopg.Error):
        owner.execute(statement)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_was_written_stays(row: Change, owner_connection: psycopg.Connection[Any], table: str) -> None:
    for statement in (f"UPDATE {table} SET id = id + 1000", f"DELETE FROM {table}"):  # noqa: S608 - constants
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with pytest.raises(psycopg.Error):
        owner_connection.execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    "change",
    [
        "state = 'applied'", "state = 'applied', index = index + 1",
        "revision = revision + 1", "author = 'person:x'", "index = index - 1", "type = 'thaw'",
    ],
)  # fmt: skip
def test_no_step_past_the_engine(row: Change, owner_connection: psycopg.Connection[Any], change: str) -> None:
    refused_to_everybody(owner_connection, f"UPDATE change_change SET {change}")  # noqa: S608 - constants


def test_no_step_without_its_event_even_one_of_the_table(
    row: Change, owner_connection: psycopg.Connection[Any]
) -> None:
    refused_to_everybody(owner_connection, "UPDATE change_change SET state = 'vetoed', index = index + 1")


def test_an_end_is_an_end(it: World, row: Change, owner_connection: psycopg.Connection[Any]) -> None:
    it.say(row, Verb.VETO, "fay")
    for change in ("state = 'timelocked'", "ready_at = 0", "outcome = 'nothing'"):
        refused_to_everybody(owner_connection, f"UPDATE change_change SET {change}")  # noqa: S608 - constants


def test_a_change_is_neither_deleted_nor_inserted_as_applied(
    row: Change, owner_connection: psycopg.Connection[Any]
) -> None:
    refused_to_everybody(owner_connection, "DELETE FROM change_change")
    with pytest.raises(DatabaseError), transaction.atomic():
        Change.objects.create(
            public_id=moment().new_id(), type="thaw", subject="x", state="applied", author="person:x",
            created=row.created, moved=row.moved,
        )  # fmt: skip


def test_a_word_needs_a_statement_that_was_issued_and_answered(it: World, row: Change) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Word.objects.create(
            change=row, revision=1, verb="approve", person=it["dov"].id, kid=it["dov"].kid, nonce="A" * 22,
            envelope=b"{}", statement=b"{}", index=1, at=1,
        )  # fmt: skip


def test_a_nonce_is_used_up_once(row: Change, owner_connection: psycopg.Connection[Any]) -> None:
    assert IssuedStatement.objects.filter(consumed__isnull=False).exists()
    refused_to_everybody(owner_connection, "UPDATE change_statement SET consumed = NULL")
    refused_to_everybody(owner_connection, "UPDATE change_statement SET consumed = now()")
    refused_to_everybody(owner_connection, "UPDATE change_statement SET person = 'person:x'")


def test_the_refusals_are_counted(row: Change, owner_connection: psycopg.Connection[Any]) -> None:
    def counted() -> int:
        counter = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ledger_refusals"
        found = owner_connection.execute(counter).fetchone()
        return int(found[0]) if found else 0

    before = counted()
    with pytest.raises(psycopg.Error):
        owner_connection.execute("UPDATE change_change SET state = 'applied'")
    assert counted() > before


def test_policies_and_revisions_have_one_row_for_each_number(row: Change) -> None:
    first = PolicyVersion.objects.get()
    first.pk = None
    with pytest.raises(DatabaseError), transaction.atomic():
        first.save(force_insert=True)
    text = Revision.objects.get()
    text.pk = None
    with pytest.raises(DatabaseError), transaction.atomic():
        text.save(force_insert=True)
