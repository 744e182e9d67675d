"""The words for the day (docs/durability.md), each walked on a real installation."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

import countersign_client as client
from tests.support.as_documented import WORDS, words_of
from tests.support.caller import Caller, intact, says
from tests.support.dying_seal import DEAD
from tests.support.installation import Installation, installed, until
from tests.support.killing import victims
from tests.support.load import tenant
from tests.support.server import ROOT

pytestmark = pytest.mark.long
PLATFORM = ("_system/events", "_governance/changes", "_platform/heads")


@pytest.fixture
def callers() -> Iterator[dict[str, Caller]]:
    """An installation, and a caller for each of its streams, whose windows close on request alone."""
    with installed() as where:
        token, streams = tenant(where, "decisions", "quiet", window_age=3600)
        yield {one.name: Caller(where, token, one) for one in streams}


def documented(caller: Caller, command: str, **given: str) -> dict[str, Any]:
    """What a command tells that stands in the documents exactly so."""
    return caller.where.command(*words_of(WORDS, command, **given))


def embedded(caller: Caller, spool: Path) -> client.Client:
    """The shipped client, which remembers heads and receipts in its spool."""
    told = (caller.where.url, "acme", caller.stream.name, caller.token)
    return client.Client(*told, spool_dir=spool, vkey=caller.stream.vkey)


def sent(caller: Caller, spool: Path, name: str) -> client.Head:
    """One event through it, receipted, sealed, and the head remembered."""
    with closing(embedded(caller, spool)) as ours:
        ours.append("t.test", name, id=name)
        until(lambda: caller.about("GET", "")[0] == 200, caller.where.tail)
        ours.flush()
        caller.sealed()
        return ours.check_head()


def test_i_restored_last_nights_backup(callers: dict[str, Caller], tmp_path: Path) -> None:
    caller, quiet = callers["decisions"], callers["quiet"]
    where, spool = caller.where, tmp_path / "spool"
    quiet.appended("before")
    quiet.sealed()
    sent(caller, spool, "before")
    for name in PLATFORM:
        where.command("window_seal", name)
    where.stop()
    last_night = where.copy_database("last-night")
    where.start()
    newest = sent(caller, spool, "after the backup")
    where.stop()
    now = where.copy_database("now")

    where.put_back(last_night)
    it_refuses_and_says_why(caller)
    the_client_notices(caller, spool, newest)

    where.stop()
    where.put_back(now)
    where.start()
    for evidence in spool.glob("misbehaviour-*.json"):
        evidence.unlink()
    assert sent(caller, spool, "the newest backup is back").size > newest.size
    intact(caller)

    where.stop()
    where.put_back(last_night)
    it_refuses_and_says_why(caller)
    it_is_continued(caller)
    quiet.appended("a stream that had promised nothing since")
    quiet.sealed()
    intact(quiet)


def it_refuses_and_says_why(caller: Caller) -> None:
    """It comes up, signs nothing, and `/ready` and every answer tell the reason; reads go on."""
    caller.where.launch()
    until(lambda: caller.where.ready().get("status") == 503, caller.where.tail)
    says(caller, "head_guard", "fail", "head_guard_ahead")
    size = caller.size()
    caller.refused("head_guard_ahead")
    assert (caller.size(), caller.about("GET", "events/1/")[0]) == (size, 200)


def the_client_notices(caller: Caller, spool: Path, newest: client.Head) -> None:
    """It holds the head that it remembers against the server, keeps the evidence, and sends nothing."""
    with closing(embedded(caller, spool)) as ours:
        ours.append("t.test", "kept in the spool", id="kept")
        with pytest.raises(client.MisbehaviourError, match=f"went back from {newest.size}"):
            ours.check_head()
        with pytest.raises(client.MisbehaviourError):
            ours.flush()
        assert (ours.status()["pending"], len(ours.status()["evidence"])) == (1, 1)


def it_is_continued(caller: Caller) -> None:
    """Where what was lost cannot be had: the platform's own logs first, then the tenant's."""
    told = documented(caller, "stream_continue --all --reason WHY", WHY="put back to last night")["streams"]
    names = [one["origin"].partition("/log/")[2] for one in told]
    assert names[-1:] == ["acme/decisions"]
    assert set(names[:-1]) <= set(PLATFORM)
    assert all(one["done"] for one in told)
    caller.where.await_ready()
    status, told = caller.append("too late")
    assert (status, told["code"]) == (409, "stream_closed")
    what_is_left_of_the_lost_leaves_is_named(caller)


def what_is_left_of_the_lost_leaves_is_named(caller: Caller) -> None:
    """Tiles of the closed logs lie behind their end; nothing else is wrong, and every other log verifies."""
    done = caller.where.manage("ledger_verify", "--mode", "full", "--json")
    found = {one["origin"].partition("/log/")[2]: one for one in json.loads(done.stdout)["streams"]}
    wrong = {name: one for name, one in found.items() if one["outcome"] != "verified"}
    assert "acme/decisions" in wrong
    assert wrong.keys() <= {*PLATFORM, "acme/decisions"}
    assert {row["code"] for one in wrong.values() for row in one["problems"]} == {"tile_unexpected"}


def test_the_guards_disk_died(callers: dict[str, Caller]) -> None:
    caller = callers["decisions"]
    where, guard = caller.where, caller.where.guard
    caller.appended("before")
    caller.sealed()
    shutil.rmtree(guard)
    guard.mkdir(mode=0o700)
    caller.refused("head_guard_unreachable")
    documented(caller, "head_guard_init --mark")
    caller.refused("head_guard_missing")
    says(caller, "head_guard", "fail", "head_guard_missing")
    asked = documented(caller, "head_guard_init --all")
    assert caller.stream.origin in {row["origin"] for row in asked["streams"]}
    caller.refused("head_guard_missing")
    made = "head_guard_init --all --asked --by WHO --reason WHY"
    assert documented(caller, made, WHO="tests", WHY="the disk died")["made"]
    caller.goes_on("after")
    where.await_ready()
    intact(caller)


def test_a_machine_died_between_the_prepared_row_and_the_signature(callers: dict[str, Caller]) -> None:
    where = callers["quiet"].where
    texts = {}
    for name, point in (("decisions", "D4"), ("quiet", "D6")):
        callers[name].appended("before")
        texts[name] = prepared_and_dead(where, callers[name], point)
    where.kill()
    where.start()
    for name, text in texts.items():
        caller = callers[name]
        until(lambda caller=caller: bool(notes(caller)), where.tail)  # type: ignore[misc]  # bound at once
        assert [note[: len(text)] for note in notes(caller)] == [text]
        caller.goes_on("after")
        intact(caller)


def prepared_and_dead(where: Installation, caller: Caller, point: str) -> str:
    """The text of the row that a sealer prepared before it died; the scheduler is held meanwhile."""
    for process in victims(where, "scheduler"):
        process.suspend()
    command = [sys.executable, "-m", "tests.support.dying_seal", "acme", caller.stream.name, point]
    assert subprocess.run(command, cwd=ROOT, env=where.environ(), check=False).returncode == DEAD
    with psycopg.connect(where.clone.runtime_url) as connection:
        row = connection.execute(
            "SELECT text FROM ledger_prepared JOIN ledger_stream AS stream ON stream.id = stream_id WHERE origin = %s",
            [caller.stream.origin],
        ).fetchone()
    assert row is not None
    return str(row[0])


def notes(caller: Caller) -> list[str]:
    """The stream's checkpoints."""
    status, told = caller.about("GET", "checkpoints/")
    return [one["note"] for one in told["items"]] if status == 200 else []
