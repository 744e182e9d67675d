from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from governance.identity.core.roles import Role
from governance.identity.models import ApproverGroup, GroupMember, PersonKey, Ticket
from tests.support.people import planted_founding, planted_key
from tests.support.world import Place, moment, person

NOW = datetime.now(UTC)
FINAL = {
    "identity_founding": "UPDATE identity_founding SET change = 'another'",
    "identity_approvergroup": "UPDATE identity_approvergroup SET words = 'others'",
    "identity_groupmember": "UPDATE identity_groupmember SET group_id = 'science'",
    "identity_personkey": "UPDATE identity_personkey SET person_id = person_id, custody = 'passkey'",
    "identity_ticket": "UPDATE identity_ticket SET expires = expires + interval '1 year'",
}


@pytest.fixture
def rows(acme: Place) -> None:
    somebody = person("ann@acme.test", Role.APPROVER, acme.tenant)
    for name in ("ops", "science"):
        ApproverGroup.objects.create(id=name, words=name, created=NOW)
    GroupMember.objects.create(person=somebody, group_id="ops", created=NOW)
    planted_key(somebody)
    planted_founding()
    Ticket.objects.create(
        public_id=moment().new_id(), digest=b"d" * 32, person=somebody, purpose="invitation", created_by="machine:test",
        created=NOW, expires=NOW + timedelta(days=1),
    )  # fmt: skip


@pytest.mark.parametrize("table", FINAL)
def test_not_even_the_owner_changes_what_a_row_is(
    rows: None, owner_connection: psycopg.Connection[Any], table: str
) -> None:
    for statement in (FINAL[table], f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):  # noqa: S608  (own names)
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner_connection.execute(statement)
    told = owner_connection.execute("SELECT last_value FROM ledger_refusals").fetchone()
    assert told is not None
    assert told[0] == 3


@pytest.mark.parametrize("table", FINAL)
def test_the_runtime_role_has_no_right_to_try(rows: None, table: str) -> None:
    for statement in (FINAL[table], f"DELETE FROM {table}"):  # noqa: S608  (own names)
        with (
            pytest.raises(Exception, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_a_key_moves_forward_and_never_back(rows: None) -> None:
    PersonKey.objects.update(state="revoked", until=9, revoked_at=NOW)
    for back in ({"state": "active"}, {"until": 12}, {"since": 3}):
        with pytest.raises(Exception, match="what a row is stays"), transaction.atomic():
            PersonKey.objects.update(**back)


def test_a_public_key_belongs_to_one_person_for_ever(acme: Place) -> None:
    first, second = person("a@acme.test", None, None), person("b@acme.test", None, None)
    row, _ = planted_key(first)
    PersonKey.objects.update(state="revoked", until=4, revoked_at=NOW)
    copy = {name: getattr(row, name) for name in ("use", "custody", "name", "possession", "created")}
    with pytest.raises(IntegrityError, match="public"), transaction.atomic():
        PersonKey.objects.create(
            public_id=moment().new_id(), person=second, kid="0" * 32, public=row.public, **copy
        )  # fmt: skip


def test_there_is_one_founding(rows: None) -> None:
    with pytest.raises(IntegrityError):
        planted_founding()
