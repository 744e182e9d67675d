"""Guard and database compared by a test, and databases put back to an earlier moment."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connections
from psycopg import sql

from ledger.core.head_guard import GuardState, Receipted
from ledger.selectors.guard_verdict import verdict
from ledger.selectors.streams import StreamView
from ledger.services import committer
from ledger.services.recovery import recover
from ledger.storage.guards.configured import head_guard
from tests.support.clones import Clone
from tests.support.log_audit import Audit, audit
from tests.support.server import Server
from tests.support.streams import fresh


def held(stream: StreamView) -> GuardState:
    """What the guard holds."""
    return head_guard().read(stream.origin)


def guard_directory() -> Path:
    """Where the documents of this test's guard lie."""
    return Path(settings.COUNTERSIGN_HEAD_GUARD.removeprefix("file://"))


def code_of(stream: StreamView) -> str:
    """The code with which the stream is refused now; '' for none."""
    return verdict(fresh(stream)).code


def settled(stream: StreamView) -> Audit:
    """Everything verifies, and the guard holds exactly the newest leaf and the newest checkpoint."""
    found = audit(stream)
    size = found.sizes[-1] if found.sizes else 0
    last = Receipted(len(found.leaves), found.leaves[-1].leaf_hash)
    state = held(stream)
    assert state.receipted == last
    assert (state.head.size if state.head else 0) == size
    return found


def reconnected() -> None:
    """From now on this process works over new connections."""
    connections.close_all()
    committer.close()


def restarted(stream: StreamView) -> None:
    """What a process does that starts now: new connections, and recovery."""
    reconnected()
    recover(fresh(stream))


@contextmanager
def snapshot(server: Server, clone: Clone) -> Iterator[Callable[[], None]]:
    """A copy of the database as it is now; call what is yielded to put it back, as often as needed."""
    name = f"{clone.name}_{secrets.token_hex(3)}"
    _copy(server, clone.name, name)

    def restore() -> None:
        _drop(server, clone.name)
        _copy(server, name, clone.name)

    try:
        yield restore
    finally:
        _drop(server, name)


def _drop(server: Server, name: str) -> None:
    reconnected()
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _copy(server: Server, source: str, target: str) -> None:
    reconnected()
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    with psycopg.connect(server.admin_url, autocommit=True) as admin:
        admin.execute(statement.format(sql.Identifier(target), sql.Identifier(source)))
        admin.execute(sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO PUBLIC").format(sql.Identifier(target)))
