"""The two database roles: an owner that migrates, and a runtime role that owns nothing.

The runtime role gets its rights on tables through default privileges of the owner, at their creation;
migrations take UPDATE and DELETE away again where rows are append-only, and nothing here gives them back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

OWNER, RUNTIME, DATABASE = "countersign_owner", "countersign_runtime", "countersign"


@dataclass(frozen=True)
class RoleNames:
    """Names of the two roles; another pair on one server is another installation (the tests')."""

    owner: str = OWNER
    runtime: str = RUNTIME


@dataclass(frozen=True)
class Passwords:
    """Passwords of the two roles."""

    owner: str
    runtime: str


@dataclass(frozen=True)
class DatabaseUrls:
    """`runtime` serves; `owner` migrates, and is given to nothing else."""

    runtime: str
    owner: str | None


def is_admin(url: str) -> bool:
    """Tell whether the role of `url` may create roles."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT rolsuper OR (rolcreaterole AND rolcreatedb) FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    return bool(row and row[0])


def bootstrap(
    admin_url: str, passwords: Passwords, *, database: str | None = None, names: RoleNames | None = None
) -> DatabaseUrls:
    """Create roles and database where they are missing, set their passwords, and return both URLs.

    Idempotent. The database is the one named in `admin_url` unless that is a system database.
    """
    name, roles = database or _database_of(admin_url), names or RoleNames()
    with psycopg.connect(admin_url, autocommit=True) as admin:
        _role(admin, roles.owner, passwords.owner)
        _role(admin, roles.runtime, passwords.runtime)
        _database(admin, name, roles)
    with psycopg.connect(_with(admin_url, database=name), autocommit=True) as admin:
        admin.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(roles.owner)))
    urls = DatabaseUrls(
        runtime=_with(admin_url, roles.runtime, passwords.runtime, name),
        owner=_with(admin_url, roles.owner, passwords.owner, name),
    )
    grant(urls)
    return urls


def grant(urls: DatabaseUrls) -> None:
    """As owner, let the runtime role use what is created from now on. Does nothing without an owner URL."""
    if urls.owner is None:
        return
    runtime = sql.Identifier(_user_of(urls.runtime))
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        for statement in _GRANTS:
            owner.execute(sql.SQL(statement).format(runtime))


_GRANTS = (
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO {}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, USAGE ON SEQUENCES TO {}",
)


def _role(admin: psycopg.Connection[Any], name: str, password: str) -> None:
    known = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone()
    statement = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}" if known else "CREATE ROLE {} LOGIN PASSWORD {}")
    admin.execute(statement.format(sql.Identifier(name), sql.Literal(password)))
    if not known:
        admin.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(name)))


def _database(admin: psycopg.Connection[Any], name: str, roles: RoleNames) -> None:
    owner = sql.Identifier(roles.owner)
    if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
        statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'")
        admin.execute(statement.format(sql.Identifier(name), owner))
    admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))
    admin.execute(
        sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}, {}").format(
            sql.Identifier(name), owner, sql.Identifier(roles.runtime)
        )
    )


def _database_of(url: str) -> str:
    name = urlsplit(url).path.lstrip("/")
    return DATABASE if name in {"", "postgres", "template1"} else name


def _user_of(url: str) -> str:
    with psycopg.connect(url) as connection:
        return connection.info.user


def _with(url: str, user: str | None = None, password: str = "", database: str = "") -> str:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    who = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else parts.netloc[: -len(place) or None]
    return urlunsplit(parts._replace(netloc=who + place, path=f"/{quote(database, safe='')}"))
