"""A right that the runtime role lacks leaves a record, whichever door the statement came through."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.test import Client
from psycopg import sql

from governance.identity.core.roles import Role
from ledger import tasks
from ledger.selectors import leaves
from ledger.services.streams import ensure_platform
from ledger.task import RecordingTask
from tests.support.world import Place, person, signed_in


@pytest.fixture
def refused(acme: Place, admin_connection: psycopg.Connection[Any]) -> None:
    """The right to read windows and jobs is gone; what an append needs is left, so that the record is made."""
    role = sql.Identifier(connections["default"].settings_dict["USER"])
    for table in ("ledger_window", "ledger_job"):
        admin_connection.execute(sql.SQL("REVOKE SELECT ON {} FROM {}").format(sql.Identifier(table), role))


def doors() -> list[str]:
    stream = ensure_platform()[2]
    told = [json.loads(event.payload or b"null") for event in leaves.events(stream, 1, stream.size)]
    return [one["door"] for one in told if one.get("sqlstate") == "42501"]


def test_in_the_api(acme: Place, refused: None) -> None:
    answer = Client().get(f"{acme.path}windows/", headers=acme.bearer)
    assert answer.status_code == 500
    assert len(doors()) == 1


def test_in_a_page(acme: Place, refused: None) -> None:
    client = signed_in(person("ada@acme.test", Role.TENANT_VIEWER, acme.tenant))
    client.raise_request_exception = False
    assert client.get("/streams/acme/decisions/").status_code == 500
    (door,) = doors()
    assert door.startswith("page:")


def test_in_a_task(acme: Place, refused: None) -> None:
    from console.celery import app  # noqa: PLC0415 - Celery is loaded only where it is used

    assert issubclass(app.Task, RecordingTask)
    assert tasks.sweep_jobs.apply(throw=False).failed()
    assert doors() == ["task:ledger.tasks.sweep_jobs"]
