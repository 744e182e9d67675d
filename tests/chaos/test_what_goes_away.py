"""What the running product says while something is gone, and that it goes on by itself once it is back."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import psutil
import psycopg
import pytest

from ledger.core.head_guard import GuardHead, GuardState, Receipted, encode
from ledger.core.types import Hash
from ledger.storage.guards import FileGuard
from tests.support.caller import SILENCE, Caller, intact, says
from tests.support.installation import Installation, installed, until
from tests.support.killing import victims
from tests.support.load import tenant
from tests.support.volumes import mounted

pytestmark = pytest.mark.long
NAMES = ("broker", "database", "volume", "gone", "behind", "ahead", "conflict", "corrupt", "missing")
OTHER = Hash(b"\7" * 32)
_TOLD = """
SELECT 1 FROM ledger_eventindex JOIN ledger_object USING (stream_id, index)
WHERE type = %s AND role = 'payload' AND convert_from(data, 'UTF8') LIKE %s
"""
LARGE = "x" * 300_000


@pytest.fixture(scope="module")
def callers() -> Iterator[dict[str, Caller]]:
    """One installation for all tests here, and a stream for each."""
    with installed() as where:
        token, streams = tenant(where, *NAMES, window_age=3600)
        yield {one.name: Caller(where, token, one) for one in streams}


def document(caller: Caller) -> Path:
    return caller.where.guard / f"{sha256(caller.stream.origin.encode()).hexdigest()}.json"


def restarted(caller: Caller) -> None:
    """New web processes, which compare guard and database before they write."""
    before = victims(caller.where, "web server")[0]
    before.kill()
    psutil.wait_procs([before], timeout=10)
    until(lambda: caller.about("GET", "")[0] == 200, caller.where.tail)


def recorded(caller: Caller, kind: str) -> bool:
    """Whether an event of this type tells of the stream."""
    with psycopg.connect(caller.where.clone.runtime_url) as connection:
        rows = connection.execute(_TOLD, [kind, f"%{caller.stream.origin}%"]).fetchall()
    return bool(rows)


@contextmanager
def supervisor_stopped(where: Installation) -> Iterator[None]:
    """It starts nobody again while the block lasts."""
    assert where.process is not None
    where.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        where.process.send_signal(signal.SIGCONT)


def test_without_a_broker_events_are_taken_and_a_job_waits_and_takes_effect_once(callers: dict[str, Caller]) -> None:
    caller = callers["broker"]
    caller.appended("before")
    caller.sealed()
    caller.where.broker.kill()
    caller.appended("without")
    caller.sealed()
    asked = {"namespace": "acme", "stream": "broker", "from": 0, "to": 2}
    began = time.monotonic()
    status, told = caller.call("POST", "bundles/", asked)
    assert (status, time.monotonic() - began < 20) == (202, True), told
    assert caller.call("GET", f"jobs/{told['job']['id']}/")[1]["state"] == "queued"
    says(caller, "broker", "fail", "")
    caller.where.broker.start()
    until(lambda: caller.call("GET", f"jobs/{told['job']['id']}/")[1]["state"] == "done", lambda: "the bundle")
    caller.where.await_ready()
    bundles = caller.call("GET", "bundles/")[1]["items"]
    assert [one["id"] for one in bundles] == [told["id"]]
    intact(caller)


def test_without_a_database_every_call_is_503_and_it_recovers_by_itself(callers: dict[str, Caller]) -> None:
    caller = callers["database"]
    caller.appended("before")
    server = victims(caller.where, "database server")[0]
    with supervisor_stopped(caller.where):
        server.kill()
        psutil.wait_procs(victims(caller.where, "database session"), timeout=10)
        answers = [caller.append("during"), caller.seal(), caller.about("GET", "events/1/")]
        assert {status for status, _ in answers} == {503}
        assert {told["code"] for _, told in answers} == {"database_unavailable"}
        says(caller, "database", "fail", "")
    caller.goes_on("during")
    caller.where.await_ready()
    intact(caller)


def test_a_database_that_does_not_sync_is_not_ready(callers: dict[str, Caller]) -> None:
    caller = callers["database"]
    with psycopg.connect(caller.where.clone.admin_url, autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET fsync = off")
        admin.execute("SELECT pg_reload_conf()")
        says(caller, "database", "fail", "fsync off")
        admin.execute("ALTER SYSTEM RESET fsync")
        admin.execute("SELECT pg_reload_conf()")
    caller.where.await_ready()


@pytest.mark.optional
def test_a_full_volume_takes_no_large_payload_and_loses_none(callers: dict[str, Caller]) -> None:
    caller = callers["volume"]
    blobs = caller.where.state / "store" / "blobs"
    with mounted(blobs, "1m"):
        kept = [name for name in "abcdef" if caller.append(name, LARGE)[0] == 201]
        status, told = caller.append("full", LARGE)
        assert (status, told["code"], 0 < len(kept) < 6) == (507, "storage_full", True)
        assert caller.size() == 1 + len(kept)
        caller.appended("small")
        assert [path for path in blobs.rglob(".new-*") if path.is_file()] == []
        report = caller.where.command("ledger_verify", "acme/volume", "--mode", "full")
        assert report["outcome"] == "verified"
    caller.appended("full", LARGE)
    caller.sealed()
    intact(caller)


def test_a_guard_that_is_gone_gives_no_receipt_and_loses_none(callers: dict[str, Caller]) -> None:
    caller = callers["gone"]
    caller.appended("before")
    away = caller.where.guard.rename(caller.where.guard.with_name("guard-away"))
    caller.refused("head_guard_unreachable")
    says(caller, "head_guard", "fail", "head_guard_unreachable")
    assert caller.about("GET", "events/1/")[0] == 200
    away.rename(caller.where.guard)
    caller.goes_on("after")
    caller.where.await_ready()
    intact(caller)


def test_a_guard_that_lost_writes_is_given_them(callers: dict[str, Caller]) -> None:
    caller = callers["behind"]
    caller.appended("before")
    caller.sealed()
    saved = document(caller).read_bytes()
    caller.appended("later")
    caller.sealed()
    document(caller).write_bytes(saved)
    restarted(caller)
    caller.goes_on("after")
    until(lambda: recorded(caller, "ledger:head_guard:behind"), lambda: "the event that tells it")
    intact(caller)


@pytest.mark.parametrize("code", ["ahead", "conflict", "corrupt", "missing"])
def test_a_guard_that_says_something_else_stops_and_ends_by_itself(callers: dict[str, Caller], code: str) -> None:
    caller = callers[code]
    caller.appended("before")
    caller.sealed()
    saved = document(caller).read_bytes()
    held = FileGuard(caller.where.guard).read(caller.stream.origin)
    other = {
        "ahead": GuardState(Receipted(99, OTHER), held.head),
        "conflict": GuardState(held.receipted, GuardHead(held.head.size, OTHER) if held.head else None),
    }.get(code)
    document(caller).write_bytes(encode(caller.stream.origin, other) if other else b"{}")
    if code == "missing":
        document(caller).unlink()
    restarted(caller)
    until(lambda: caller.append("probe")[1].get("code") == f"head_guard_{code}", lambda: str(caller.append("probe")))
    size = caller.size()
    caller.refused(f"head_guard_{code}")
    says(caller, "head_guard", "fail", f"head_guard_{code}")
    assert (caller.size(), caller.about("GET", "events/1/")[0]) == (size, 200)
    document(caller).write_bytes(saved)
    caller.goes_on("after")
    caller.where.await_ready()
    intact(caller)


def test_a_silent_web_server_is_no_answer(callers: dict[str, Caller]) -> None:
    caller = callers["gone"]
    with supervisor_stopped(caller.where):
        for process in (*victims(caller.where, "web server"), *victims(caller.where, "web process")):
            process.kill()
        assert caller.append("unanswered")[0] == SILENCE
    caller.goes_on("unanswered")
    intact(caller)
