"""Databases for single tests: cloned from the migrated template, with real commits, dropped afterwards."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import dj_database_url
import psycopg
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from psycopg import sql

from ledger.services import committer
from ledger.storage.guards import FileGuard
from tests.support.server import Server

_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Clone:
    """One database with a head guard of its own; the URLs of both roles and of the administrator lead into it."""

    name: str
    runtime_url: str
    owner_url: str
    admin_url: str
    guard_url: str


@contextmanager
def cloned(server: Server) -> Iterator[Clone]:
    """Create a database like the template, and drop it in the end with whoever is still connected."""
    name = f"clone_{os.getpid()}_{next(_NUMBERS)}"
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        _create(admin, name, server.template)
        guard = FileGuard.initialise(Path(tempfile.mkdtemp(prefix="guard-", dir=server.guards)))
        runtime, owner, own = (_into(url, name) for url in (server.runtime_url, server.owner_url, server.admin_url))
        try:
            yield Clone(name, runtime, owner, own, guard_url=f"file://{guard.root}")
        finally:
            shutil.rmtree(guard.root, ignore_errors=True)
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def django_on(clone: Clone) -> Iterator[None]:
    """Point Django's aliases and the head guard at the clone, in all threads, with nothing remembered of another one;
    close this thread's connections in the end.
    """
    before = {alias: dict(connections.settings[alias]) for alias in ("default", "owner")}
    guard, settings.COUNTERSIGN_HEAD_GUARD = settings.COUNTERSIGN_HEAD_GUARD, clone.guard_url
    _point("default", clone.runtime_url)
    _point("owner", clone.owner_url)
    cache.clear()
    try:
        yield
    finally:
        settings.COUNTERSIGN_HEAD_GUARD = guard
        connections.close_all()
        committer.close()
        for alias, values in before.items():
            connections.settings[alias].update(values)


def _create(admin: psycopg.Connection[Any], name: str, template: str) -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {} STRATEGY file_copy")
    owner = admin.execute(
        "SELECT rolname FROM pg_database JOIN pg_roles ON datdba = pg_roles.oid WHERE datname = %s",
        [template],
    ).fetchone()
    assert owner is not None
    admin.execute(statement.format(sql.Identifier(name), sql.Identifier(template), sql.Identifier(owner[0])))
    admin.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO PUBLIC").format(sql.Identifier(name)))


def _point(alias: str, url: str) -> None:
    """Change the settings in place: every thread's connection is made from this one dictionary."""
    connections[alias].close()
    parsed = dj_database_url.parse(url)
    connections.settings[alias].update({key: parsed[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")})


def _into(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
