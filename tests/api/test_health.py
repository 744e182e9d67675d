from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from console import guard_place, health_checks
from ledger.models import WorkerBeat
from tests.support.clones import Clone
from tests.support.world import Place

CHECKS = {"database", "migrations", "signer", "worker", "passkeys", "broker", "head_guard", "clock", "preparation"}


@pytest.fixture
def beating(ledger_db: Clone) -> None:
    """A worker that was heard of just now."""
    now = datetime.now(UTC)
    WorkerBeat.objects.create(name="w", started=now, beat=now)


def ready(client: Client) -> tuple[int, dict[str, Any]]:
    answer = client.get("/ready")
    body = json.loads(answer.content)
    assert body["ready"] is (answer.status_code == 200)
    checks: dict[str, Any] = body["checks"]
    return answer.status_code, checks


def test_health_touches_nothing(client: Client) -> None:
    with CaptureQueriesContext(connections["default"]) as queries:
        assert client.get("/health").json() == {"status": "ok"}
    assert len(queries) == 0
    assert client.post("/health").status_code == 405


@pytest.mark.usefixtures("beating")
def test_ready_names_every_check(client: Client) -> None:
    status, checks = ready(client)
    assert checks.keys() == CHECKS
    assert status == 200, checks
    assert checks["head_guard"]["state"] in {"pass", "warn"}, "the guard may lie on the volume of the database"
    assert {check["state"] for name, check in checks.items() if name not in {"head_guard", "passkeys"}} == {"pass"}


@pytest.mark.usefixtures("beating")
def test_the_signer_signs_with_a_key_of_a_stream_where_there_is_one(client: Client, acme: Place) -> None:
    assert "registered keys of 4 streams (4 in force)" in ready(client)[1]["signer"]["detail"]


def test_a_signer_that_cannot_open_its_key_is_not_ready(client: Client, acme: Place, settings: Any) -> None:
    from ledger.storage import signer  # noqa: PLC0415 - the cache of opened keys must forget

    signer._open.cache_clear()
    settings.COUNTERSIGN_SEAL_KEY = bytes(32)
    status, checks = ready(client)
    assert (status, checks["signer"]["state"]) == (503, "fail")


@pytest.mark.parametrize(("age", "word"), [(None, "No worker"), (timedelta(minutes=2), "heartbeat")])
def test_a_silent_worker_is_not_ready(client: Client, age: timedelta | None, word: str) -> None:
    if age is not None:
        then = datetime.now(UTC) - age
        WorkerBeat.objects.create(name="w", started=then, beat=then)
    status, checks = ready(client)
    assert (status, checks["worker"]["state"]) == (503, "fail")
    assert word in checks["worker"]["detail"]


def test_a_migration_that_is_missing_or_unknown_is_not_ready(client: Client, ledger_db: Clone) -> None:
    with psycopg.connect(ledger_db.owner_url, autocommit=True) as owner:
        owner.execute("UPDATE django_migrations SET name = '0001_x' WHERE (app, name) = ('identity', '0001_initial')")
        assert "identity.0001_initial" in ready(client)[1]["migrations"]["detail"]
        owner.execute("UPDATE django_migrations SET name = '0001_initial' WHERE (app, name) = ('identity', '0001_x')")
        owner.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('ledger', '9999_later', now())")
    assert "newer code" in ready(client)[1]["migrations"]["detail"]


def test_a_role_that_owns_tables_is_not_ready(client: Client, ledger_db: Clone, admin_connection: Any) -> None:
    role = connections["default"].settings_dict["USER"]
    admin_connection.execute("CREATE TABLE stray (id int)")
    admin_connection.execute(psycopg.sql.SQL("ALTER TABLE stray OWNER TO {}").format(psycopg.sql.Identifier(role)))
    status, checks = ready(client)
    assert (status, checks["database"]["state"]) == (503, "fail")
    assert "owns tables" in checks["database"]["detail"]


def test_a_database_that_may_lose_commits_is_not_ready(client: Client, ledger_db: Clone, admin_connection: Any) -> None:
    statement = "ALTER DATABASE {} SET synchronous_commit = off"
    admin_connection.execute(psycopg.sql.SQL(statement).format(psycopg.sql.Identifier(ledger_db.name)))
    connections["default"].close()
    status, checks = ready(client)
    assert (status, checks["database"]["state"]) == (503, "fail")
    assert "synchronous_commit" in checks["database"]["detail"]


def test_a_database_that_is_away_is_said_without_its_address(client: Client, ledger_db: Clone) -> None:
    connections["default"].close()
    before = connections.settings["default"]["HOST"]
    connections["default"].settings_dict["HOST"] = "/nowhere"
    try:
        status, checks = ready(client)
    finally:
        connections["default"].settings_dict["HOST"] = before
    assert (status, checks["database"]["state"]) == (503, "fail")
    assert "nowhere" not in json.dumps(checks)


@pytest.mark.usefixtures("beating")
def test_preparation_holds_readiness_back(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.COUNTERSIGN_READY_MARK = str(tmp_path / "ready")
    assert ready(client)[0] == 503
    (tmp_path / "ready").touch()
    assert ready(client)[0] == 200


@pytest.mark.usefixtures("beating")
def test_the_broker_is_really_asked(client: Client, settings: Any, tmp_path: Path) -> None:
    settings.CELERY_BROKER_URL = "filesystem://"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path)}
    assert ready(client)[1]["broker"]["state"] == "pass"
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "missing")}
    assert ready(client)[1]["broker"]["state"] == "fail"
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    assert ready(client)[1]["broker"]["state"] == "fail"


def test_clocks_that_differ_are_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = datetime.now(UTC) + timedelta(minutes=6)
    monkeypatch.setattr("ledger.selectors.readiness.database_clock", lambda: ahead)
    assert ready(client)[1]["clock"]["state"] == "fail"


def test_every_check_that_fails_says_what_to_do(client: Client) -> None:
    findings = health_checks.run()
    assert all(finding.next for finding in findings.values() if finding.state == health_checks.FAIL)


@pytest.mark.usefixtures("beating")
def test_without_a_head_guard_nothing_is_ready(client: Client, settings: Any) -> None:
    settings.COUNTERSIGN_HEAD_GUARD = ""
    status, checks = ready(client)
    assert (status, checks["head_guard"]["state"]) == (503, "fail")
    assert "COUNTERSIGN_HEAD_GUARD" in checks["head_guard"]["next"]


@pytest.mark.usefixtures("beating")
def test_a_head_guard_that_is_away_is_told_without_its_place(client: Client, settings: Any) -> None:
    Path(settings.COUNTERSIGN_HEAD_GUARD.removeprefix("file://"), "countersign-guard").unlink()
    status, checks = ready(client)
    assert (status, checks["head_guard"]["state"]) == (503, "fail")
    assert "head_guard_unreachable" in checks["head_guard"]["detail"]
    assert settings.COUNTERSIGN_HEAD_GUARD.removeprefix("file://") not in json.dumps(checks)


@pytest.mark.usefixtures("beating")
def test_a_guard_on_the_volume_of_the_database_is_said(
    client: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Path(settings.COUNTERSIGN_HEAD_GUARD.removeprefix("file://"))
    for places, state in (([here], "warn"), ([Path("/proc")], "pass"), ([], "pass")):
        monkeypatch.setattr(guard_place, "_places", partial(list, places))
        status, checks = ready(client)
        assert (status, checks["head_guard"]["state"]) == (200, state)
