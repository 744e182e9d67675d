from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from console.supervisor import roles
from console.supervisor.environment import complete
from tests.support.clones import Clone
from tests.support.server import NAMES, PASSWORDS, Server


def into(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def test_it_can_be_repeated_and_never_gives_rights_back(server: Server, db_clone: Clone) -> None:
    with psycopg.connect(db_clone.owner_url, autocommit=True) as owner:
        owner.execute("CREATE TABLE probe (id int)")
        owner.execute(f"REVOKE DELETE ON probe FROM {NAMES.runtime}")
    roles.bootstrap(server.admin_url, PASSWORDS, database=db_clone.name, names=NAMES)
    with psycopg.connect(db_clone.runtime_url, autocommit=True) as runtime:
        runtime.execute("INSERT INTO probe VALUES (1)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            runtime.execute("DELETE FROM probe")


def test_it_tells_an_administrator_from_a_runtime_role(server: Server, db_clone: Clone) -> None:
    assert roles.is_admin(server.admin_url)
    assert not roles.is_admin(db_clone.runtime_url)
    assert not roles.is_admin(db_clone.owner_url)


def test_a_runtime_url_alone_is_used_as_it_is(db_clone: Clone, tmp_path: Path) -> None:
    environ = {"COUNTERSIGN_STATE_DIR": str(tmp_path), "DATABASE_URL": db_clone.runtime_url}
    complete(environ, command="serve")
    assert environ["DATABASE_URL"] == db_clone.runtime_url
    assert "DATABASE_OWNER_URL" not in environ


def test_the_runtime_role_reads_what_is_applied_and_cannot_write_it(db_clone: Clone) -> None:
    with psycopg.connect(db_clone.runtime_url, autocommit=True) as runtime:
        assert runtime.execute("SELECT count(*) FROM django_migrations").fetchone() != (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            runtime.execute("DELETE FROM django_migrations")
