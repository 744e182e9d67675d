"""After a crash of the database a pool hands out no connection from before it."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import Any

import dj_database_url
import psycopg
import pytest
from django.db import OperationalError, connections

from console import configuration
from console.database.base import DatabaseWrapper
from console.supervisor.layout import Layout
from console.supervisor.postgres import Cluster
from tests.support.clones import Clone
from tests.support.server import new_run_directory

MANY = 6
POOLED = {"COUNTERSIGN_DB_POOL": "1", "COUNTERSIGN_DB_POOL_SIZE": str(MANY)}


@dataclass(frozen=True)
class Pooled:
    """A pool on a database, as the web server's threads use it."""

    alias: str

    def asked(self, wait: Callable[[], object] = lambda: None) -> int:
        """What a request does: borrow, ask, give back. Returns the session's number."""
        try:
            with connections[self.alias].cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                wait()
                return int(cursor.fetchone()[0])
        finally:
            connections[self.alias].close()

    def filled(self) -> set[int]:
        """As many idle connections as the pool may have; their sessions."""
        together = Barrier(MANY)
        with ThreadPoolExecutor(MANY) as threads:
            found = set(threads.map(lambda _: self.asked(lambda: together.wait(30)), range(MANY)))
        assert len(found) == MANY
        return found


@pytest.fixture
def pooled(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[Callable[[str], Pooled]]:
    """Makes a pool on a database; it does not outlive the test."""
    alias = f"pooled-{request.node.name}"

    def made(url: str) -> Pooled:
        values = dj_database_url.parse(url, engine="console.database") | {"OPTIONS": configuration.pool(POOLED)}
        connections.settings[alias] = connections.configure_settings({"default": {}, alias: values})[alias]
        return Pooled(alias)

    with django_db_blocker.unblock():
        yield made
        wrapper = connections[alias]
        assert isinstance(wrapper, DatabaseWrapper)
        wrapper.close_pool()
        del connections[alias], connections.settings[alias]


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL of this test's own, to be killed."""
    where = new_run_directory()
    state = where / "state"
    state.mkdir(mode=0o711)
    made = Cluster(Layout.at(state), "only-for-this-test", settings={"dynamic_shared_memory_type": "mmap"})
    made.start(log=where / "postgres.log")
    try:
        yield made
    finally:
        made.stop(how=signal.SIGINT)
        made.layout.wipe()
        shutil.rmtree(where, ignore_errors=True)


def test_sessions_that_were_ended_are_replaced_unseen(
    pooled: Callable[[str], Pooled], db_clone: Clone, admin_connection: psycopg.Connection[Any]
) -> None:
    pool = pooled(db_clone.runtime_url)
    before = pool.filled()
    admin_connection.execute("SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s::int[]) AS pid", [[*before]])
    after = [pool.asked() for _ in range(MANY)]
    assert not before & {*after}


def test_a_connection_with_news_is_asked_and_kept(
    pooled: Callable[[str], Pooled], db_clone: Clone, admin_connection: psycopg.Connection[Any]
) -> None:
    pool = pooled(db_clone.runtime_url)
    with connections[pool.alias].cursor() as cursor:
        cursor.execute("LISTEN news")
    listener = pool.asked()
    admin_connection.execute("NOTIFY news")
    assert listener in {pool.asked() for _ in range(MANY)}  # they are lent in turn


def test_nobody_is_refused_once_a_killed_server_is_back(pooled: Callable[[str], Pooled], cluster: Cluster) -> None:
    pool = pooled(cluster.admin_url)
    before = pool.filled()
    log = Path(cluster.layout.home).parent / "again.log"
    assert cluster.process is not None
    cluster.process.kill()
    cluster.process.wait()
    with pytest.raises((OperationalError, psycopg.OperationalError)):
        pool.asked()
    cluster.start(log=log)
    with ThreadPoolExecutor(MANY) as threads:
        after = set(threads.map(lambda _: pool.asked(), range(4 * MANY)))
    assert after
    assert not before & after
