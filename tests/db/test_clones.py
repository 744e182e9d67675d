from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections

from tests.support.clones import Clone


@pytest.mark.db
@pytest.mark.parametrize("round_", [1, 2])
def test_it_gives_every_test_a_database_of_its_own_with_real_commits(round_: int) -> None:
    assert not ContentType.objects.filter(model="left-behind").exists()
    ContentType.objects.create(app_label="tests", model="left-behind")
    assert connections["default"].get_autocommit()


@pytest.mark.db
def test_it_connects_as_the_runtime_role_which_owns_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)


def test_the_runtime_role_may_not_create_or_truncate_tables(
    db_clone: Clone, owner_connection: psycopg.Connection[Any]
) -> None:
    owner_connection.execute("CREATE TABLE probe (id int)")
    with psycopg.connect(db_clone.runtime_url, autocommit=True) as runtime:
        runtime.execute("INSERT INTO probe VALUES (1)")
        for refused in (
            "TRUNCATE probe",
            "CREATE TABLE mine (id int)",
            "ALTER TABLE probe DISABLE TRIGGER ALL",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                runtime.execute(refused)


@pytest.mark.db
def test_all_threads_see_the_clone(ledger_db: Clone) -> None:
    from threading import Thread  # noqa: PLC0415  (this test alone)

    seen: list[str] = []

    def look() -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT current_database()")
            seen.append(cursor.fetchone()[0])
        connections["default"].close()

    thread = Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [ledger_db.name]


def test_the_server_is_durable_as_in_production(admin_connection: psycopg.Connection[Any]) -> None:
    for name in ("fsync", "synchronous_commit"):
        assert admin_connection.execute(f"SHOW {name}").fetchone() == ("on",)
