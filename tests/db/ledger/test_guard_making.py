"""`head_guard_init`: a guard for a database from before the guard, and for no other."""

from __future__ import annotations

import io
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from ledger.core.head_guard import GuardState, Receipted, encode
from ledger.selectors import leaves
from ledger.selectors.streams import StreamView
from ledger.selectors.streams import stream as stream_named
from ledger.selectors.system_facts import TROUBLES
from ledger.services.recovery import recover_all
from ledger.services.seal import seal_window
from ledger.services.streams import ensure_platform
from ledger.services.system_events import flush_spool
from tests.support.decided import founded_ledger
from tests.support.guarded import code_of, guard_directory, held, settled
from tests.support.streams import append, events, fresh, new_stream

pytestmark = pytest.mark.db


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    """Streams from before the guard: one with a checkpoint and events behind it, and the platform's."""
    ensure_platform()
    made = new_stream()
    append(made, *events("abc"))
    seal_window(made.id, reason="request")
    append(made, *events("de"))
    for document in guard_directory().glob("*.json"):
        document.unlink()
    connections.close_all()
    return fresh(made)


def run(*words: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("head_guard_init", *words, "--json", stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def test_it_first_says_what_witnesses_have_to_be_asked_and_does_nothing(stream: StreamView) -> None:
    told = run("acme/decisions")
    assert (told["made"], [row["size"] for row in told["streams"]]) == (False, [7])
    out = io.StringIO()
    call_command("head_guard_init", "acme/decisions", stdout=out)
    assert "no checkpoint over more than 5 leaves" in out.getvalue()
    assert told["streams"][0]["root"] in out.getvalue()
    assert "no receipt for leaf 7 or later" in out.getvalue()
    assert "--asked" in out.getvalue()
    assert code_of(stream) == "head_guard_missing"


def test_once_they_were_asked_it_makes_the_guard_as_the_database_is(stream: StreamView) -> None:
    assert run("acme/decisions", "--asked")["made"] is True
    settled(stream)
    append(stream, *events("f"))
    seal_window(stream.id, reason="request")
    settled(stream)
    assert code_of(stream_named("_system", "events")) == "head_guard_missing"


def test_it_makes_all_that_are_missing_and_says_so_in_the_system_ledger(stream: StreamView) -> None:
    assert recover_all() == 0
    assert len(run("--all", "--asked")["streams"]) == 4
    assert recover_all() == 4
    assert run("--all")["streams"] == []
    flush_spool()
    system = stream_named("_system", "events")
    told = [leaves.event(system, index).type for index in range(1, system.size)]
    assert told.count("ledger:head_guard:made") == 4


@pytest.mark.parametrize("words", [["acme/decisions"], ["acme/decisions", "--asked"]])
def test_a_guard_that_is_there_is_left_alone(stream: StreamView, words: list[str]) -> None:
    run("acme/decisions", "--asked")
    before = held(stream)
    with pytest.raises(CommandError, match="not missing"):
        run(*words)
    assert held(stream) == before


def test_a_guard_that_is_ahead_or_away_is_not_missing(stream: StreamView) -> None:
    run("acme/decisions", "--asked")
    state = GuardState(Receipted(99, fresh(stream).head_hash), held(stream).head)
    _write(stream, state)
    with pytest.raises(CommandError, match="head_guard_ahead"):
        run("acme/decisions", "--asked")
    guard_directory().rename(guard_directory().with_suffix(".away"))
    with pytest.raises(CommandError, match="head_guard_unreachable"):
        run("acme/decisions", "--asked")


def test_a_database_that_contradicts_itself_gets_no_guard(stream: StreamView, owner_connection: Any) -> None:
    owner_connection.execute("UPDATE ledger_streamhead SET size = size + 1 WHERE stream_id = %s", [stream.id])
    with pytest.raises(CommandError, match="contradicts itself"):
        run("acme/decisions", "--asked")
    assert code_of(stream) == "head_guard_missing"


@pytest.mark.parametrize("words", [[], ["acme/decisions", "--all"]])
def test_it_wants_one_stream_or_all(stream: StreamView, words: list[str]) -> None:
    with pytest.raises(CommandError, match="--all"):
        run(*words)


def test_it_marks_the_directory_of_a_new_guard(ledger_db: object, settings: Any, tmp_path: Path) -> None:
    settings.COUNTERSIGN_HEAD_GUARD = f"file://{tmp_path / 'volume'}"
    assert run("--mark")["marked"] == str(tmp_path / "volume")
    settled(new_stream())
    settings.COUNTERSIGN_HEAD_GUARD = "redis://localhost"
    with pytest.raises(CommandError, match="in files"):
        run("--mark")


def _write(stream: StreamView, state: GuardState) -> None:
    name = f"{sha256(stream.origin.encode()).hexdigest()}.json"
    (guard_directory() / name).write_bytes(encode(stream.origin, state))


@pytest.mark.parametrize("words", [[], ["--by", "Ada"], ["--reason", "the disk died"], ["--by", " ", "--reason", "x"]])
def test_once_founded_nobody_makes_a_guard_namelessly(stream: StreamView, words: list[str]) -> None:
    founded_ledger()
    with pytest.raises(CommandError, match="--by WHO --reason WHY"):
        run("acme/decisions", "--asked", *words)
    assert code_of(stream) == "head_guard_missing"


def test_who_made_a_guard_and_why_and_that_nobody_decided_it_is_told_as_trouble(stream: StreamView) -> None:
    founded_ledger()
    run("--all", "--asked", "--by", "Ada", "--reason", "the disk died")
    flush_spool()
    system = stream_named("_system", "events")
    found = [leaves.event(system, index) for index in range(1, system.size)]
    told = [json.loads(one.payload or b"") for one in found if one.type == "ledger:head_guard:made"]
    assert {(one["by"], one["reason"], one["decision"]) for one in told} == {("Ada", "the disk died", None)}
    assert "ledger:head_guard:made" in TROUBLES
