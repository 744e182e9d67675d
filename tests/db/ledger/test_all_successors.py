"""After a restore that lost what was promised every stopped log is continued by one command, the platform's first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from ledger.errors import StreamClosed
from ledger.selectors.notices import terms
from ledger.selectors.streams import StreamView, stream
from ledger.services import successor, successors
from ledger.services.seal import seal_window
from ledger.services.streams import ensure_platform
from ledger.services.successors import continue_all, planned
from ledger.services.system_events import SystemEvent, flush_spool, record
from ledger.services.terms import Change, declare
from ledger.services.verify_store import verify_store
from tests.support.clones import Clone
from tests.support.failpoints import KilledError, killed
from tests.support.guarded import code_of, reconnected, snapshot
from tests.support.server import Server
from tests.support.streams import append, event, fresh, new_stream

PLATFORM = ["_governance/changes", "_system/events", "_platform/heads"]
TENANTS = ["acme/decisions", "acme/orders"]
BY: dict[str, Any] = {"actor": "command:tests", "reason": "put back to last night"}


def named(one: StreamView) -> str:
    return f"{one.namespace}/{one.name}"


def command(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    call_command("stream_continue", "--all", "--reason", "put back to last night", "--json", *words)
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["streams"]
    return found


@pytest.fixture
def restored(ledger_db: Clone, server: Server) -> Iterator[None]:
    """A database put back behind promises of every log of the platform and of two tenants' streams, not of a third."""
    governance, heads, system = ensure_platform()
    orders, decisions, quiet = new_stream("orders"), new_stream("decisions"), new_stream("quiet")
    declare(decisions, Change(payload_days=9), reason="agreed", by="person:1")
    for one in (decisions, quiet):
        append(one, event("before"))
        seal_window(one.id, reason="request")
    with snapshot(server, ledger_db) as back:
        for one in (orders, decisions, governance, heads, system):
            append(fresh(one), event("promised, and lost"))
        reconnected()
        back()
        reconnected()
        yield


def test_the_order_is_told_before_and_nothing_is_done(restored: None, capsys: pytest.CaptureFixture[str]) -> None:
    told = command(capsys, "--dry-run")
    assert [one["origin"].partition("/log/")[2] for one in told] == [*PLATFORM, *TENANTS]
    assert [one["successor"].rpartition("/")[2] for one in told] == [
        "changes-2", "events-2", "heads-2", "decisions-2", "orders-2",
    ]  # fmt: skip
    assert {one["done"] for one in told} == {False}
    assert [named(one.stream) for one in planned()] == [*PLATFORM, *TENANTS]
    call_command("stream_continue", "--all", "--reason", "x", "--dry-run")
    assert capsys.readouterr().out.count("Nothing was done. Would: ") == 5


def test_all_that_are_stopped_go_on_in_their_successors_and_the_others_are_left_alone(
    restored: None, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    told = command(capsys)
    assert [one["done"] for one in told] == [True] * 5
    guard = json.loads(client.get("/ready").content)["checks"]["head_guard"]["state"]
    assert guard in {"pass", "warn"}
    for name in TENANTS:
        old = stream(*name.split("/"))
        with pytest.raises(StreamClosed, match=f"{old.name}-2"):
            append(old, event("late"))
        assert append(stream("acme", f"{old.name}-2"), event("again")).appended
    assert terms(stream("acme", "decisions-2")).payload_days == 9
    assert append(stream("acme", "quiet"), event("goes on")).appended[0].index == 3
    record(SystemEvent.EXPORT_FAILED, {"bundle": "x"})
    flush_spool()
    assert stream("_system", "events-2").size > 5
    for name in (*TENANTS, *PLATFORM):
        assert verify_store(stream(*f"{name}-2".split("/")), "full", lambda _: None).outcome == "verified"
    assert command(capsys) == []
    call_command("stream_continue", "--all", "--reason", "x")
    assert capsys.readouterr().out.startswith("No stream is stopped for good")


@pytest.mark.parametrize("place", ["_close", "_opened", "carry_terms"])
def test_killed_in_the_middle_it_goes_on_with_what_was_begun(
    restored: None, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    whole = getattr(successor, place)

    def dying(*given: Any) -> Any:
        if given[0].name == "decisions":
            made = whole(*given) if place == "_close" else None
            killed()
            return made
        return whole(*given)

    with monkeypatch.context() as dead:
        dead.setattr(successor, place, dying)
        with pytest.raises(KilledError):
            continue_all(**BY)
    reconnected()
    assert [named(one.stream) for one in planned()] == TENANTS
    assert [named(one.old) for one in continue_all(**BY)] == TENANTS
    assert planned() == []
    assert terms(stream("acme", "decisions-2")).payload_days == 9


def test_a_tenants_log_that_cannot_be_continued_keeps_no_other_back(
    restored: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = successor.continue_stream

    def refusing(one: StreamView, *given: Any, **named: Any) -> Any:
        if one.name == "decisions":
            raise StreamClosed("Another log continues this one already", why="somewhere")
        return whole(one, *given, **named)

    monkeypatch.setattr(successors, "continue_stream", refusing)
    with pytest.raises(CommandError, match=r"1 of 5 streams could not be continued: acme/decisions \(stream_closed"):
        call_command("stream_continue", "--all", "--reason", "x")
    assert stream("acme", "orders-2").size == 1
    assert code_of(stream("acme", "decisions")) == "head_guard_ahead"


def test_names_go_on_counting_and_none_is_taken_twice(restored: None) -> None:
    first = planned()[0]
    successor.continue_stream(first.stream, first.name, **BY, size=0)
    new_stream("decisions-2")
    found = {one.old.name: one.origin.rpartition("/")[2] for one in continue_all(**BY)}
    assert found["decisions"] == "decisions-3"
    assert successors.next_name(stream("acme", "decisions-3")) == "decisions-4"
    assert successors.next_name(stream("acme", "decisions-2")) == "decisions-2-2"
    assert successors.next_name(new_stream("a" * 63)) == f"{'a' * 61}-2"


@pytest.mark.parametrize("more", [("--head-size", "0"), ("acme/decisions", "x"), ("--post-quantum",)])
def test_what_is_meant_for_one_is_refused_for_all(restored: None, more: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="not for --all"):
        call_command("stream_continue", *more, "--all", "--reason", "x")
    with pytest.raises(CommandError, match="Name the stream and its successor"):
        call_command("stream_continue", "--reason", "x")
    with pytest.raises(CommandError, match="A reason is needed"):
        call_command("stream_continue", "--all", "--reason", " ")
