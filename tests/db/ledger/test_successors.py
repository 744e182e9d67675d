"""A log that cannot go on is closed, and another one continues it; readers follow and know where the old one ends."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from ledger.core.report import Report
from ledger.core.trust import Reader, parse_trust
from ledger.core.verify import verify_bundle
from ledger.core.witness_policy import parse_policy
from ledger.errors import LedgerError, StreamClosed
from ledger.models import LoggedHead
from ledger.selectors import checkpoints
from ledger.selectors.heads import newest_logged, proof_of_head
from ledger.selectors.keys import log_vkeys
from ledger.selectors.leaves import leaf
from ledger.selectors.outside import outside_of
from ledger.selectors.streams import StreamView, stream
from ledger.services import successor
from ledger.services.heads import log_heads
from ledger.services.seal import due_streams, seal_window
from ledger.services.streams import ensure_platform
from ledger.services.successor import continue_stream
from ledger.services.system_events import flush_spool
from ledger.services.verify_store import verify_store
from ledger.storage.guards.errors import HeadGuardAhead
from tests.support.clones import Clone
from tests.support.failpoints import KilledError, killed
from tests.support.guarded import reconnected, snapshot
from tests.support.server import Server
from tests.support.streams import append, event, events, fresh, new_stream

pytestmark = pytest.mark.db
continued = partial(continue_stream, actor="command:tests", reason="the database was put back")


@pytest.fixture
def old(ledger_db: object) -> StreamView:
    made = new_stream()
    append(made, *events(range(5)))
    seal_window(made.id, reason="request")
    return made


@pytest.fixture
def restore(old: StreamView, server: Server, db_clone: Clone) -> Iterator[Callable[[], None]]:
    with snapshot(server, db_clone) as back:
        yield back


def bundle_of(made: StreamView, tmp_path: Path, *logs: StreamView, **trust: Any) -> Report:
    """The offline verifier on a bundle of the whole log, under a policy that names the keys of `logs`."""
    target = tmp_path / f"{made.name}.tar.gz"
    call_command("bundle_export", f"{made.namespace}/{made.name}", "--out", str(target))
    lines = "".join(f"log {vkey}\n" for one in logs for vkey in log_vkeys(one.id))
    reader = Reader(parse_policy(f"{lines}quorum none\n".encode()), parse_trust(json.dumps(trust).encode()), None)
    return verify_bundle(io.BytesIO(target.read_bytes()), io.BytesIO(), reader)


def codes(report: Report) -> set[str]:
    return {problem.code for problem in report.problems}


def test_a_log_is_continued_and_both_name_each_other(old: StreamView, tmp_path: Path) -> None:
    append(old, event("the last"))
    found = continued(old, "decisions-2")
    now, new = fresh(old), stream("acme", "decisions-2")
    assert (found.linked_back, found.given_up, found.stopped, now.successor) == (True, 0, "", new.origin)
    closing = leaf(now, now.size - 2)
    assert (closing.kind, closing.parsed.fields["successor"]) == (
        "closed",
        {"origin": new.origin, "log": new.log.hex()},
    )
    newest = checkpoints.newest(now)
    assert newest is not None
    assert newest.size == now.size
    with pytest.raises(StreamClosed, match="decisions-2"):
        append(old, event("late"))
    append(new, *events(range(3)))
    seal_window(new.id, reason="request")
    report = bundle_of(new, tmp_path, old, new)
    assert (report.outcome, "predecessor" in report.checked) == ("verified", True)
    assert codes(bundle_of(old, tmp_path, old)) == set()
    for one in (now, fresh(new)):
        assert verify_store(one, "full", lambda _: None).outcome == "verified"


def test_a_restored_database_walks_the_documented_way_out(
    old: StreamView, restore: Callable[[], None], client: Client, tmp_path: Path
) -> None:
    promised = append(old, event("promised, and lost")).appended[0]
    restore()
    assert "head_guard_ahead" in json.loads(client.get("/ready").content)["checks"]["head_guard"]["detail"]
    with pytest.raises(HeadGuardAhead):
        append(old, event("refused"))
    with pytest.raises(HeadGuardAhead):
        seal_window(old.id, reason="request")
    call_command("stream_continue", "acme/decisions", "decisions-2", "--reason", "yesterday's backup")
    assert json.loads(client.get("/ready").content)["checks"]["head_guard"]["state"] in {"pass", "warn"}
    with pytest.raises(StreamClosed, match="head_guard_ahead"):
        append(old, event("refused"))
    new = stream("acme", "decisions-2")
    assert append(new, event("promised, and lost")).appended[0].index == 1
    seal_window(new.id, reason="request")
    report = bundle_of(new, tmp_path, old, new)
    assert (report.outcome, codes(report)) == ("verified", set())
    assert due_streams() == []
    newest = checkpoints.newest(fresh(old))
    assert newest is not None
    ended = {"origin": old.origin, "size": newest.size, "root": newest.root.hex()}
    assert codes(bundle_of(old, tmp_path, old, ended=[ended])) == set()
    assert promised.index >= newest.size


@pytest.mark.parametrize(
    "place", ["_close", "_opened", "create_stream", "carry_terms", "_link_back", "insert_leaf", "tell", "_record"]
)
def test_killed_anywhere_it_is_gone_on_with(old: StreamView, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    with monkeypatch.context() as dead:
        dead.setattr(successor, place, lambda *_, **__: killed())
        with pytest.raises(KilledError):
            continued(old, "decisions-2")
    reconnected()
    found = continued(fresh(old), "decisions-2")
    assert found.linked_back
    now = fresh(old)
    assert [leaf(now, index).kind for index in range(now.size)].count("closed") == 1
    assert now.signed_size == now.size
    assert verify_store(now, "full", lambda _: None).outcome == "verified"


def test_another_successor_is_refused(old: StreamView) -> None:
    continued(old, "decisions-2")
    with pytest.raises(StreamClosed):
        continued(fresh(old), "decisions-3")
    with pytest.raises(LedgerError):
        continue_stream(old, "decisions-2", actor="command:tests", reason=" ")


def test_it_takes_over_where_it_is_told_to(old: StreamView) -> None:
    append(old, event("given up"))
    seal_window(old.id, reason="request")
    found = continued(old, "decisions-2", size=7)
    assert (found.head.size, found.given_up) == (7, 1)
    nothing = new_stream("without-checkpoint")
    append(nothing, event("a"))
    assert continued(nothing, "from-nothing", size=0).head.size == 0


def test_a_dry_run_changes_nothing(old: StreamView, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("stream_continue", "acme/decisions", "decisions-2", "--reason", "x", "--dry-run", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["done"], told["size"], fresh(old).successor) == (False, 7, None)
    call_command("stream_continue", "acme/decisions", "decisions-2", "--reason", "x", "--dry-run")
    assert capsys.readouterr().out.startswith("Nothing was done. Would:")
    with pytest.raises(CommandError):
        call_command("stream_continue", "acme/none", "decisions-2", "--reason", "x")


def test_the_platforms_own_logs_go_on_in_their_successors(ledger_db: object) -> None:
    governance, _, system = ensure_platform()
    for one in (governance, system):
        continued(one, f"{one.name}-2")
    new_stream("made-later")
    flush_spool()
    seen = [leaf(stream("_governance", "changes-2"), 1).kind, stream("_system", "events-2").size > 1]
    assert seen == ["event", True]


def test_the_log_of_heads_goes_on_in_its_successor(old: StreamView) -> None:
    first = ensure_platform()[1]
    log_heads()
    seal_window(first.id, reason="request")
    assert proof_of_head(fresh(old)).checkpoint.size == fresh(old).signed_size
    continued(first, "heads-2")
    append(old, event("later"))
    seal_window(old.id, reason="request")
    log_heads()
    second = stream("_platform", "heads-2")
    assert outside_of(fresh(old)).logged == newest_logged(fresh(old))
    seal_window(second.id, reason="request")
    found = proof_of_head(fresh(old))
    assert (found.checkpoint.size, found.proof.index < second.size + 10) == (fresh(old).signed_size, True)
    assert LoggedHead.objects.get(stream_id=old.id, size=found.checkpoint.size).log_id == second.id
    for one in (old, first, second):
        assert verify_store(fresh(one), "full", lambda _: None).outcome == "verified"
