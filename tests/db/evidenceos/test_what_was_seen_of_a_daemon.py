"""A daemon is observed by whole lines of its log or by its lock, and what needs a restart by a restart alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from governance.evidenceos.actions.reload import observe
from governance.evidenceos.actions.watch import tend
from governance.evidenceos.models import Effective, Plan
from tests.support.evidenceos_running import Running, now, reloading, running, view
from tests.support.evidenceos_target import NEW, decided
from tests.support.world import moment

pytestmark = pytest.mark.db


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Running]:
    yield from running(tmp_path)


def written(daemon: Running, effective: Effective = Effective.RELOAD) -> Plan:
    decided(files=NEW, effective=effective)
    return Plan.objects.select_related("target").get()


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        (b"INFO event=config_reload trusted_keys_before=1\n", "reload"),
        (b'{"fields":{"event":"config_reload","forced_epoch":"None"}}\n', "reload"),
        (b'\x1b[32mINFO\x1b[0m \x1b[3mevent\x1b[0m\x1b[2m=\x1b[0m"config_reload"\n', "reload"),
        (b"INFO event=config_reload a=1\nERROR event=config_reload_rejected\n", "reload"),
        (b"ERROR event=config_reload_rejected\nINFO event=config_reload a=1\n", "reload"),
        (b"ERROR event=config_reload_rejected severity=high\n", ""),
        (b"INFO event=config_reload", ""),
        (b"INFO event=config_reloads\nINFO previous_event=x config_reload\n", ""),
    ],
)
def test_only_whole_lines_that_say_so_count(daemon: Running, line: bytes, seen: str) -> None:
    daemon.log.write_bytes(b"event=config_reload of before\n")
    daemon.adopted()
    row = written(daemon)
    assert not observe(row, now())
    with daemon.log.open("ab") as log:
        log.write(line)
    assert observe(row, now()) is bool(seen)
    assert view().observed_as == seen
    assert view().problem.startswith("config_reload_rejected") is (b"rejected severity" in line)


def test_a_log_that_was_cut_off_or_made_anew_is_read_from_its_beginning(daemon: Running) -> None:
    daemon.log.write_bytes(b"x" * 4096 + b"\n")
    daemon.adopted()
    row = written(daemon)
    daemon.log.write_bytes(b"event=config_reload\n")
    assert observe(row, now())


def test_what_needs_the_daemon_stopped_is_observed_by_a_start_and_no_line(daemon: Running) -> None:
    one = daemon.adopted()
    row = written(daemon, Effective.STOPPED)
    daemon.log.write_bytes(b"event=config_reload\n")
    assert not observe(row, now())
    assert (reloading(one).name, reloading(one).state) == ("Restart the daemon", "not_evaluated")
    daemon.start()
    assert observe(row, now())
    assert (view().observed_as, reloading(one).state) == ("restart", "pass")


def test_what_needs_a_restart_passes_the_step_by_nothing_else(daemon: Running) -> None:
    daemon.start()
    one = daemon.adopted()
    written(daemon, Effective.RELOAD)
    Plan.objects.update(reload_sent=now())
    assert reloading(one).state == "not_evaluated"
    daemon.stop()
    daemon.start()
    tend(moment())
    assert reloading(one).state == "pass"


def test_a_line_about_a_reload_is_no_restart(daemon: Running) -> None:
    daemon.start()
    one = daemon.adopted()
    row = written(daemon, Effective.RESTART)
    with daemon.log.open("ab") as log:
        log.write(b"event=config_reload\n")
    assert observe(row, now())
    step = reloading(one)
    assert (view().observed_as, step.state) == ("reload", "not_evaluated")
    assert "No restart was seen since" in step.found
