"""What every test can ask for.

`@pytest.mark.db` or the fixture `ledger_db`: a database of its own, as runtime role, with real commits.
`owner_connection`, `admin_connection`: psycopg connections into the same clone. `client`: Django's browser
on it. `eager_tasks`: Celery tasks run where they are called.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.test import Client

from tests.support.clones import Clone, cloned, django_on
from tests.support.server import Server, discard, held, new_run_directory, server_of
from tests.support.skips import NoSilentSkips

RUN = pytest.StashKey[Path]()
LOCK = pytest.StashKey[Any]()


def pytest_configure(config: pytest.Config) -> None:
    """The controlling process holds the run's directory and the lock that its keeper waits for."""
    config.pluginmanager.register(NoSilentSkips(), "no-silent-skips")
    given = getattr(config, "workerinput", {}).get("run")
    config.stash[RUN] = Path(given) if given else new_run_directory()
    if given is None:
        config.stash[LOCK] = held(config.stash[RUN] / "alive.lock")
        config.stash[LOCK].__enter__()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker where the run's directory is."""
    node.workerinput["run"] = str(node.config.stash[RUN])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Files that share a server stay on one worker, unless another way was asked for."""
    from tests.support.spread import Spread  # noqa: PLC0415  (xdist is loaded only where it is used)

    return Spread(config, log) if config.getvalue("dist") == "load" else None


def pytest_unconfigure(config: pytest.Config) -> None:
    """Let go: the keeper takes server and files away. Without a keeper the directory is ours to remove."""
    lock = config.stash.get(LOCK, None)
    if lock is None:
        return
    discard(config.stash[RUN])
    lock.__exit__(None, None, None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`db` brings its fixture along; pytest-django's own database would be the wrong one."""
    for item in items:
        if item.get_closest_marker("django_db"):
            raise pytest.UsageError(f"{item.nodeid}: use @pytest.mark.db; every test gets a clone of its own.")
        if item.get_closest_marker("db"):
            item.fixturenames.insert(0, "ledger_db")  # type: ignore[attr-defined]  # pytest's Function has it


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Nothing: clones are made from a migrated template, never by Django's test runner."""


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> Server:
    """The PostgreSQL of this run, with a migrated template."""
    return server_of(pytestconfig.stash[RUN])


@pytest.fixture
def db_clone(server: Server) -> Iterator[Clone]:
    """A database of this test's own, by URL, without Django."""
    with cloned(server) as clone:
        yield clone


@pytest.fixture
def ledger_db(db_clone: Clone, django_db_blocker: Any) -> Iterator[Clone]:
    """The same, with Django's `default` (runtime role) and `owner` on it, in every thread."""
    with django_db_blocker.unblock(), django_on(db_clone):
        yield db_clone


@pytest.fixture
def owner_connection(db_clone: Clone) -> Iterator[psycopg.Connection[Any]]:
    """An autocommit connection as the role that owns the tables."""
    with psycopg.connect(db_clone.owner_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def admin_connection(db_clone: Clone) -> Iterator[psycopg.Connection[Any]]:
    """An autocommit connection as superuser: the attacker with everything."""
    with psycopg.connect(db_clone.admin_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def client(ledger_db: Clone) -> Client:
    """Django's test client, on a database of its own; failures of views reach the test."""
    return Client()


@pytest.fixture
def eager_tasks() -> Iterator[None]:
    """Celery tasks run at once, where they are called, and raise there."""
    from console.celery import app  # noqa: PLC0415  (Celery is loaded only by tests that use it)

    before = app.conf.task_always_eager, app.conf.task_eager_propagates
    app.conf.task_always_eager = app.conf.task_eager_propagates = True
    yield
    app.conf.task_always_eager, app.conf.task_eager_propagates = before


@pytest.fixture(autouse=True)
def _state_in_a_directory_of_its_own(tmp_path: Path) -> Iterator[None]:
    """No test writes into the checkout's var/."""
    before = settings.COUNTERSIGN_STATE_DIR
    settings.COUNTERSIGN_STATE_DIR = tmp_path / "var"
    yield
    settings.COUNTERSIGN_STATE_DIR = before
