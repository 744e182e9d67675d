"""With the database away or silent every door answers soon, with 503 and its name."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import psycopg_pool
import pytest
from django.db import DataError, OperationalError, connections
from django.test import Client

from console.api.operation import problem_of
from tests.support.clones import Clone
from tests.support.world import Place


@pytest.fixture
def silent(ledger_db: Clone) -> Iterator[None]:
    """A server that takes connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        held = connections.settings["default"]
        before = {key: held[key] for key in ("HOST", "PORT", "OPTIONS")}
        connections["default"].close()
        held.update(HOST="127.0.0.1", PORT=server.getsockname()[1])
        yield
        connections["default"].close()
        held.update(before)


@pytest.fixture
def frozen(ledger_db: Clone, admin_connection: psycopg.Connection[Any]) -> Iterator[None]:
    """A database in which nothing that is asked comes back: all of its migrations' table is locked."""
    with psycopg.connect(ledger_db.admin_url) as other:
        other.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
        yield


def test_readiness_names_a_silent_database_within_three_seconds(silent: None) -> None:
    began = time.monotonic()
    answer = Client().get("/ready")
    assert time.monotonic() - began < 4  # three, and room for a busy machine
    checks = json.loads(answer.content)["checks"]
    assert (answer.status_code, checks["database"]["state"]) == (503, "fail")
    assert checks["worker"]["state"] == "fail"


def test_readiness_does_not_wait_for_a_lock(frozen: None) -> None:
    began = time.monotonic()
    answer = Client().get("/ready")
    assert time.monotonic() - began < 4
    checks = json.loads(answer.content)["checks"]
    assert (answer.status_code, checks["database"]["state"], checks["migrations"]["state"]) == (503, "pass", "fail")


@pytest.mark.parametrize("path", ["/api/v1/streams/acme/decisions/", "/login/", "/"])
def test_api_and_pages_say_503_and_what_is_away(acme: Place, silent: None, path: str) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["countersign"] = "some-session-key-of-32-characters"
    client.cookies["__Host-countersign"] = "some-session-key-of-32-characters"
    answer = client.get(path, headers=acme.bearer if path.startswith("/api") else {})
    if path == "/login/" and answer.status_code == 200:
        return  # the form itself needs no database
    assert answer.status_code == 503
    assert answer["Retry-After"]
    assert b"database" in answer.content


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("raw"),
        psycopg.InterfaceError("the connection is closed"),
        psycopg.errors.AdminShutdown("ended"),
        psycopg_pool.PoolTimeout("no connection"),
        OperationalError("Django's"),
    ],
)
def test_every_lost_connection_is_503(error: Exception) -> None:
    assert problem_of(error).code == "database_unavailable"
    later = RuntimeError("while cleaning up")
    later.__context__ = error
    assert problem_of(later).code == "database_unavailable"


def test_a_refused_statement_stays_500() -> None:
    assert problem_of(DataError("out of range")).code == "internal_error"
