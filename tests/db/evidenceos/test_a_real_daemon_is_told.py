"""A daemon in a process of its own is told to reload, and what is said of it afterwards was seen, never assumed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from django.db import connections

from governance.evidenceos.actions import reload
from governance.evidenceos.actions.reload import AGAIN, send
from governance.evidenceos.actions.watch import tend
from governance.evidenceos.core.directory import EVENT_LOG, LOCK
from governance.evidenceos.files.command import run_command
from governance.evidenceos.files.lock import alone_in
from governance.evidenceos.models import Effective, Plan, Reload
from governance.evidenceos.selectors.files import sightings
from governance.evidenceos.selectors.targets import TargetView, any_target
from ledger.selectors.leaves import EventFilter, events_in
from ledger.selectors.streams import stream
from ledger.services.system_events import flush_spool
from tests.support.clones import Clone, cloned
from tests.support.evidenceos_portal import OURS
from tests.support.evidenceos_running import NAME, Running, is_alive, now, reloading, running, until, view
from tests.support.evidenceos_target import arrived, decided
from tests.support.hangups import HEARS_HANGUPS
from tests.support.ledger_writer import environment
from tests.support.server import Server
from tests.support.world import moment

pytestmark = pytest.mark.db
ROOT = Path(__file__).resolve().parents[3]
EPOCH = "epoch_control.json"
RELOADED, REFUSED = "event=config_reload ", "event=config_reload_rejected"


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Running]:
    yield from running(tmp_path)


def system(kind: str) -> int:
    flush_spool()
    return len(events_in(stream("_system", "events"), None, 100, EventFilter(type=kind)))


def advanced(daemon: Running, epoch: int = 77) -> Plan:
    """What a change decided: another forced epoch (its signature is none of the daemon's here)."""
    control = json.loads((daemon.root / EPOCH).read_text())
    return decided(files={EPOCH: json.dumps({**control, "forced_epoch": epoch}).encode()}, effective=Effective.RELOAD)


def signalled(daemon: Running, **more: str) -> TargetView:
    return daemon.adopted(reload=Reload.SIGNAL, pid_file=str(daemon.pid), **more)


def test_it_is_applied_then_sent_then_observed_and_each_is_said_alone(daemon: Running) -> None:
    daemon.start()
    one = signalled(daemon, program=NAME)
    advanced(daemon)
    assert (view().state, view().reload_sent, view().observed) == ("written", None, None)
    assert reloading(one).state == "stale"
    tend(moment())
    assert view().reload_sent is not None
    assert (reloading(one).state, view().observed) == ("not_evaluated", None)
    until(lambda: daemon.lines(RELOADED) == 1)
    assert daemon.lines("forced_epoch=Some(77)") == 1
    tend(moment())
    assert (view().observed_as, reloading(one).state) == ("reload", "pass")
    tend(moment())
    assert daemon.lines(RELOADED) == 1
    assert system("evidenceos:daemon:told") == system("evidenceos:daemon:observed") == 1


def test_one_that_ignores_the_signal_is_observed_by_its_restart_alone(daemon: Running) -> None:
    daemon.start("deaf")
    one = signalled(daemon)
    advanced(daemon)
    for _ in range(3):
        tend(moment())
    step = reloading(one)
    assert (step.state, view().observed) == ("not_evaluated", None)
    assert "that it reloaded was not seen: its log has no line about it since." in step.found
    daemon.stop()
    tend(moment())
    assert view().observed is None
    daemon.start("deaf")
    tend(moment())
    assert (view().observed_as, reloading(one).state) == ("restart", "pass")


def test_without_a_log_a_reload_that_was_sent_is_not_evaluated_and_says_why(daemon: Running) -> None:
    daemon.start()
    one = signalled(daemon, log_file="")
    advanced(daemon)
    tend(moment())
    until(lambda: daemon.lines(RELOADED) == 1)
    tend(moment())
    step = reloading(one)
    assert (step.state, view().observed) == ("not_evaluated", None)
    assert "no log of it is known here, so no reload can be seen" in step.found


def test_one_that_refuses_keeps_what_it_had_and_the_step_fails(daemon: Running) -> None:
    daemon.start()
    one = signalled(daemon)
    decided(files={EPOCH: b"{"}, effective=Effective.RELOAD)
    tend(moment())
    until(lambda: daemon.lines(REFUSED) == 1)
    tend(moment())
    assert (reloading(one).state, view().observed) == ("fail", None)
    assert view().problem.startswith("config_reload_rejected")


def test_one_that_is_gone_is_told_of_once_tried_after_a_minute_and_observed_when_it_is_back(daemon: Running) -> None:
    daemon.start()
    one = signalled(daemon)
    daemon.kill()
    advanced(daemon)
    for _ in range(3):
        tend(moment())
    row = Plan.objects.select_related("target").get()
    assert (row.code, row.reload_sent) == ("reload_failed", None)
    assert "the daemon is gone" in row.why
    assert reloading(one).state == "fail"
    assert system("evidenceos:daemon:not_told") == 1
    tried = row.tried
    assert tried is not None
    assert not send(row, tried + AGAIN / 2)
    assert not send(row, tried + AGAIN)
    row.refresh_from_db()
    assert row.tried == tried + AGAIN, "it was tried again, and only then"
    (daemon.root / LOCK).unlink()
    daemon.start()
    tend(moment())
    assert (view().observed_as, view().problem, reloading(one).state) == ("restart", "", "pass")


class Stranger:
    """Another program, which writes down that it was signalled."""

    def __init__(self, place: Path) -> None:
        self.mark = place / "signalled"
        ready = place / "ready"
        script = f"trap 'touch {self.mark}' HUP; touch {ready}; while :; do sleep 0.05; done"
        self.child = subprocess.Popen([*HEARS_HANGUPS, "/bin/sh", "-c", script])
        until(ready.exists)

    def end(self) -> bool:
        """End it; tell whether it was signalled until then."""
        self.child.kill()
        self.child.wait()
        return self.mark.exists()


@pytest.mark.parametrize("by", ["the file's age", "the lock's age", "its name"])
def test_a_number_that_another_program_got_is_not_signalled(daemon: Running, tmp_path: Path, by: str) -> None:
    stranger = Stranger(tmp_path)
    daemon.pid.write_text(f"{stranger.child.pid}\n")
    signalled(daemon, program="evidenceos-daemon" if by == "its name" else "")
    before = (now() - timedelta(minutes=5)).timestamp()
    if by == "the file's age":
        os.utime(daemon.pid, (before, before))
    if by == "the lock's age":
        (daemon.root / LOCK).touch()
        os.utime(daemon.root / LOCK, (before, before))
    advanced(daemon)
    tend(moment())
    row = Plan.objects.get()
    assert not stranger.end()
    assert (row.code, row.reload_sent) == ("reload_failed", None)
    assert {"the file's age": "after the file was written", "the lock's age": "after kernel.lock was taken",
            "its name": "not evidenceos-daemon"}[by] in row.why  # fmt: skip


def test_the_same_program_is_signalled_where_nothing_speaks_against_it(daemon: Running, tmp_path: Path) -> None:
    stranger = Stranger(tmp_path)
    daemon.pid.write_text(f"{stranger.child.pid}\n")
    signalled(daemon, program="sh")
    advanced(daemon)
    tend(moment())
    until(stranger.mark.exists)
    assert stranger.end()


@pytest.mark.parametrize("text", ["", "x", "1", "-1", "0"])
def test_what_is_no_process_id_is_told(daemon: Running, text: str) -> None:
    daemon.pid.write_text(text)
    signalled(daemon)
    advanced(daemon)
    tend(moment())
    assert Plan.objects.get().code == "reload_failed"


def test_a_command_that_reloads_is_observed_like_a_signal(daemon: Running) -> None:
    daemon.start()
    one = daemon.adopted(reload=Reload.COMMAND, command=("/bin/sh", "-c", f"kill -HUP $(cat {daemon.pid})"))
    advanced(daemon)
    tend(moment())
    until(lambda: daemon.lines(RELOADED) == 1)
    tend(moment())
    assert (view().observed_as, reloading(one).state) == ("reload", "pass")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("/bin/sh", "-c", "echo no such unit >&2; exit 5"), "it ended with 5: no such unit"),
        (("/nowhere/reload",), "No such file"),
        (("/bin/sh", "-c", "kill -KILL $$"), "it ended with -9"),
    ],
)
def test_a_command_that_fails_or_is_not_there_leaves_the_plan_untold(
    daemon: Running, command: tuple[str, ...], told: str
) -> None:
    daemon.start()
    one = daemon.adopted(reload=Reload.COMMAND, command=command)
    advanced(daemon)
    tend(moment())
    row = Plan.objects.get()
    assert (row.code, row.reload_sent, row.observed) == ("reload_failed", None, None)
    assert told in row.why
    assert reloading(one).state == "fail"


def test_a_command_that_hangs_is_ended_with_all_that_it_began(
    daemon: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reload, "run_command", partial(run_command, patience=1.0))
    inner = tmp_path / "inner"
    daemon.adopted(reload=Reload.COMMAND, command=("/bin/sh", "-c", f"sleep 600 & echo $! > {inner}; wait"))
    advanced(daemon)
    tend(moment())
    row = Plan.objects.get()
    assert row.code == "reload_failed"
    assert "it had not ended after 1 seconds, and was ended" in row.why
    until(lambda: not is_alive(int(inner.read_text())))


def test_what_a_command_leaves_running_keeps_nobody_waiting(daemon: Running, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    daemon.adopted(reload=Reload.COMMAND, command=("/bin/sh", "-c", f"sleep 600 & echo $! > {inner}"))
    advanced(daemon)
    tend(moment())
    left = int(inner.read_text())
    assert is_alive(left), "it still runs, and the task is through all the same"
    os.kill(left, 9)
    assert view().reload_sent is not None


def test_workers_that_come_at_once_tell_it_once(daemon: Running) -> None:
    daemon.start()
    signalled(daemon)
    rows = [Plan.objects.select_related("target").get(pk=advanced(daemon).pk)]
    rows += [Plan.objects.select_related("target").get() for _ in range(5)]
    late = Plan.objects.select_related("target").get()
    workers = [threading.Thread(target=_sent, args=(row,)) for row in rows]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert not send(late, now(), at_once=True), "who comes after them has read it before"
    tend(moment())
    until(lambda: daemon.lines(RELOADED) >= 1)
    assert (daemon.lines(RELOADED), system("evidenceos:daemon:told")) == (1, 1)


def _sent(row: Plan) -> None:
    try:
        send(row, now(), at_once=True)
    finally:
        connections.close_all()


def test_a_directory_that_another_portal_holds_is_told_afterwards(daemon: Running) -> None:
    daemon.start()
    one = signalled(daemon)
    row = Plan.objects.select_related("target").get(pk=advanced(daemon).pk)
    with alone_in(one.path):
        assert not send(row, now())
    row.refresh_from_db()
    assert (row.code, row.reload_sent, row.tried) == ("", None, None)
    assert send(row, now())


def test_two_portals_on_one_directory_write_apart_and_see_each_other(
    daemon: Running, ledger_db: Clone, server: Server
) -> None:
    del ledger_db
    daemon.start()
    signalled(daemon)
    with cloned(server) as second:
        assert portal(second, daemon.root, "adopt")["sightings"] == []
        row = advanced(daemon)
        tend(moment())
        until(lambda: daemon.lines(RELOADED) == 1)
        assert portal(second, daemon.root, "tend")["sightings"] == [[EPOCH, "altered"], [EVENT_LOG, "altered"]]
        with alone_in(daemon.root):
            refused = portal(second, daemon.root, "decide")
        assert refused["plans"] == [["second", "planned", "target_busy"]]
        assert not (daemon.root / next(iter(OURS))).exists()
        done = portal(second, daemon.root, "tend")
        assert done["plans"] == [["second", "written", ""]]
        assert arrived(daemon.root, OURS) is False, "two portals, two lines: each its own"
        tend(moment())
        assert {one.path for one in sightings(any_target("lab"))} == {next(iter(OURS)), EVENT_LOG}
        row.refresh_from_db()
        assert row.observed_as == "reload"


def portal(other: Clone, root: Path, *words: str) -> dict[str, list[list[str]]]:
    """What a second portal does and then sees; it has a database and a guard of its own."""
    command = [sys.executable, "-m", "tests.support.evidenceos_portal", str(root), *words]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(other.runtime_url, other.guard_url), check=False, capture_output=True,
        text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, list[list[str]]] = json.loads(done.stdout)
    return told
