"""What a change decided reaches the disk, whatever dies, fills up or interferes on the way; and never over others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction

from governance.evidenceos.actions import carry as carrying
from governance.evidenceos.actions.adopt import adopt
from governance.evidenceos.actions.carry import carry
from governance.evidenceos.actions.give_up import give_up
from governance.evidenceos.actions.target import SetTarget, TargetSettings, set_target
from governance.evidenceos.actions.watch import tend
from governance.evidenceos.core.directory import EVENT_LOG
from governance.evidenceos.errors_of_targets import TargetBusy, TargetInvalid, TargetMoved, TargetUnwritable
from governance.evidenceos.files.lock import alone_in
from governance.evidenceos.models import Artefact, Effective, Plan, PlanState, Reload, Sighting
from governance.evidenceos.selectors.attention import attention
from governance.evidenceos.selectors.files import files, plan_of
from governance.evidenceos.selectors.targets import TargetView
from ledger.selectors.leaves import EventFilter, events_in
from ledger.selectors.streams import stream
from ledger.services.system_events import flush_spool
from tests.support.clones import Clone
from tests.support.evidenceos_target import NEW, SLUG, adopted, arrived, decided, entered
from tests.support.evidenceos_writer import DEAD, POINTS
from tests.support.hangups import HEARS_HANGUPS
from tests.support.ledger_writer import environment
from tests.support.volumes import mounted
from tests.support.world import SEED, found_platform, moment

pytestmark = pytest.mark.db
ROOT = Path(__file__).resolve().parents[3]


class KilledError(BaseException):
    """As good as SIGKILL: nothing catches it."""


@pytest.fixture(autouse=True)
def _platform() -> None:
    found_platform()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is decided stays in the journal until somebody writes it."""
    monkeypatch.setattr(carrying, "quietly", lambda _number, _now: True)


def now() -> datetime:
    return datetime.now(UTC)


def system(kind: str) -> int:
    flush_spool()
    return len(events_in(stream("_system", "events"), None, 100, EventFilter(type=kind)))


def states(one: TargetView, path: str) -> dict[str, str]:
    found = next(row for row in files(one, now()) if row.path == path)
    return {state.name: state.state for state in found.states}


def test_what_is_decided_is_written_at_once_and_known_to_the_watcher(tmp_path: Path) -> None:
    one = adopted(tmp_path)
    row = decided()
    assert arrived(tmp_path)
    row.refresh_from_db()
    assert (row.state, row.code) == (PlanState.WRITTEN, "")
    assert tend(moment()) == 0
    path = next(iter(NEW))
    assert Artefact.objects.get(path=path).change == "decided"
    assert states(one, path) == {
        "written": "yes", "reload_sent": "not_needed", "observed": "not_evaluated", "drifted": "no",
    }  # fmt: skip
    assert system("evidenceos:change:written") == 1


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_the_next_one_ends_it(tmp_path: Path, point: str) -> None:
    adopted(tmp_path)
    row, reached = decided(), list[str]()

    def die(name: str) -> None:
        reached.append(name)
        if name == point:
            raise KilledError

    with pytest.raises(KilledError):
        carry(row.pk, now(), die)
    assert reached[-1] == point
    carry(row.pk, now())
    assert arrived(tmp_path)
    assert Plan.objects.get().state == PlanState.WRITTEN
    assert tend(moment()) == 0
    assert Sighting.objects.count() == 0


@pytest.mark.parametrize("point", POINTS)
def test_a_process_killed_at_any_point_is_ended_by_the_command(ledger_db: Clone, tmp_path: Path, point: str) -> None:
    adopted(tmp_path)
    command = [sys.executable, "-m", "tests.support.evidenceos_writer", SLUG, point]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(ledger_db.runtime_url, ledger_db.guard_url), check=False,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == DEAD, done.stderr
    call_command("evidenceos_recover", "--json")
    assert arrived(tmp_path)
    assert Plan.objects.get().state == PlanState.WRITTEN
    assert Sighting.objects.count() == 0


def test_a_decision_that_is_rolled_back_writes_nothing(tmp_path: Path) -> None:
    adopted(tmp_path)
    with pytest.raises(KilledError):
        _undone()
    assert Plan.objects.count() == 0
    assert not (tmp_path / next(iter(NEW))).exists()


@transaction.atomic
def _undone() -> None:
    decided()
    raise KilledError


@pytest.mark.usefixtures("later")
def test_one_decision_of_a_directory_waits_for_the_one_before(tmp_path: Path) -> None:
    adopted(tmp_path)
    row = decided()
    with pytest.raises(TargetBusy):
        decided(change="second", files={"nullspec/second.json": b"x"})
    with pytest.raises(TargetBusy):
        adopt(SLUG, by=SEED, at=moment())
    carry(row.pk, now())
    decided(change="second", files={"nullspec/second.json": b"x"})
    assert Plan.objects.count() == 2


@pytest.mark.usefixtures("later")
def test_a_file_changed_by_hand_in_between_is_not_written_over(tmp_path: Path) -> None:
    adopted(tmp_path)
    active = "nullspec/active_map.json"
    row = decided(files={active: b'{"mappings":[]}'})
    (tmp_path / active).write_bytes(b"by hand")
    with pytest.raises(TargetMoved):
        carry(row.pk, now())
    assert (tmp_path / active).read_bytes() == b"by hand"
    found = plan_of("decided")
    assert found is not None
    assert found.problem.startswith("target_moved")
    with pytest.raises(CommandError):
        call_command("evidenceos_recover", "--json")
    assert system("evidenceos:change:not_written") == 1
    assert [row.key.split(":")[0] for row in attention()] == ["plan"]
    with pytest.raises(TargetInvalid):
        give_up("decided", " ", by=SEED, at=moment())
    give_up("decided", "The map was set by hand in the incident.", by=SEED, at=moment())
    assert Plan.objects.get().state == PlanState.GIVEN_UP
    assert len(events_in(stream("_governance", "changes"), None, 9, EventFilter(type="evidenceos:plan:given_up"))) == 1
    assert tend(moment()) > 0
    assert {row.path for row in Sighting.objects.filter(ended__isnull=True)} >= {active}


@pytest.mark.usefixtures("later")
def test_put_back_it_is_written_by_the_next_look(tmp_path: Path) -> None:
    adopted(tmp_path)
    active = tmp_path / "nullspec/active_map.json"
    before = active.read_bytes()
    row = decided(files={"nullspec/active_map.json": b'{"mappings":[]}'})
    active.write_bytes(b"by hand")
    with pytest.raises(TargetMoved):
        carry(row.pk, now())
    active.write_bytes(before)
    carry(row.pk, now())
    assert active.read_bytes() == b'{"mappings":[]}'
    assert Plan.objects.get().code == ""


@pytest.mark.usefixtures("later")
def test_a_full_disk_keeps_the_decision_until_there_is_room(tmp_path: Path) -> None:
    with mounted(tmp_path / "small", "256k") as root:
        adopted(root)
        row = decided(files={"nullspec/big.json": b"x" * 100_000})
        filler = root / "filler"
        with pytest.raises(OSError, match="No space"):
            filler.write_bytes(b"f" * 400_000)
        with pytest.raises(TargetUnwritable):
            carry(row.pk, now())
        assert not (root / "nullspec/big.json").exists()
        filler.unlink()
        carry(row.pk, now())
        assert (root / "nullspec/big.json").stat().st_size == 100_000


@pytest.mark.usefixtures("later")
def test_two_portals_on_one_directory_write_one_after_the_other_or_not_at_all(tmp_path: Path) -> None:
    one = adopted(tmp_path)
    row = decided()
    with alone_in(one.path):
        other = threading.Thread(target=_carried, args=(row.pk,))
        other.start()
        time.sleep(0.2)
        assert not (tmp_path / next(iter(NEW))).exists()
    other.join()
    assert arrived(tmp_path)


@pytest.mark.usefixtures("later")
def test_many_writers_of_one_plan_write_it_once(tmp_path: Path) -> None:
    adopted(tmp_path)
    row = decided()
    writers = [threading.Thread(target=_carried, args=(row.pk,)) for _ in range(6)]
    for one in writers:
        one.start()
    for one in writers:
        one.join()
    assert arrived(tmp_path)
    assert system("evidenceos:change:written") == 1


def _carried(number: int) -> None:
    try:
        carry(number, now())
    finally:
        connections.close_all()


@pytest.mark.usefixtures("later")
def test_what_needs_the_daemon_stopped_is_not_written_while_it_runs(tmp_path: Path) -> None:
    adopted(tmp_path)
    stopped = decided(files={"state.json": b"{}"}, effective=Effective.STOPPED)
    (tmp_path / "kernel.lock").touch()
    with pytest.raises(TargetBusy):
        carry(stopped.pk, now())
    assert (tmp_path / "state.json").read_bytes() != b"{}"
    (tmp_path / "kernel.lock").unlink()
    carry(stopped.pk, now())
    assert (tmp_path / "state.json").read_bytes() == b"{}"


def test_the_watcher_finds_foreign_writes_once_and_their_end(tmp_path: Path) -> None:
    one = adopted(tmp_path)
    assert tend(moment()) == 0
    active, before = tmp_path / "nullspec/active_map.json", (tmp_path / "nullspec/active_map.json").read_bytes()
    active.write_bytes(b'{"mappings":[]}')
    (tmp_path / "nullspec/foreign.json").write_bytes(b"{}")
    (tmp_path / "trusted_oracle_keys.json").unlink()
    with (tmp_path / EVENT_LOG).open("ab") as log:
        log.write(b'{"foreign":1}\n')
    (tmp_path / "etl.log").write_bytes(b"the daemon's own")
    for _ in range(3):
        assert tend(moment()) == 4
    seen = {row.path: row.code for row in Sighting.objects.all()}
    assert seen == {
        "nullspec/active_map.json": "altered", "nullspec/foreign.json": "appeared",
        "trusted_oracle_keys.json": "missing", EVENT_LOG: "altered",
    }  # fmt: skip
    assert system("evidenceos:file:drifted") == 4
    assert states(one, "nullspec/active_map.json")["drifted"] == "yes"
    assert len(attention()) == 4
    active.write_bytes(before)
    assert tend(moment()) == 3
    assert states(one, "nullspec/active_map.json")["drifted"] == "no"
    adopt(SLUG, by=SEED, at=moment())
    assert tend(moment()) == 0
    assert attention() == []


def test_a_directory_that_goes_away_is_a_sighting_and_keeps_no_other_from_being_looked_at(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    adopted(tmp_path / "one", "one")
    adopted(tmp_path / "two", "two")
    (tmp_path / "one").rename(tmp_path / "away")
    (tmp_path / "two/nullspec/x.json").write_bytes(b"{}")
    assert tend(moment()) == 2
    (tmp_path / "away").rename(tmp_path / "one")
    assert tend(moment()) == 1


def test_a_reload_is_sent_and_observed_apart(tmp_path: Path) -> None:
    root, log = tmp_path / "data", tmp_path / "daemon.log"
    root.mkdir()
    log.write_bytes(b"event=config_reload from before\n")
    script = f"trap 'echo event=config_reload >> {log}' HUP; while :; do sleep 0.05; done"
    daemon = subprocess.Popen([*HEARS_HANGUPS, "/bin/sh", "-c", script])
    try:
        (tmp_path / "pid").write_text(f"{daemon.pid}\n")
        one = adopted(root, reload=Reload.SIGNAL, pid_file=str(tmp_path / "pid"), log_file=str(log))
        time.sleep(0.2)
        decided(effective=Effective.RELOAD)
        path = next(iter(NEW))
        assert states(one, path)["reload_sent"] == "no"
        tend(moment())
        assert states(one, path)["reload_sent"] == "yes"
        end = time.monotonic() + 10
        while states(one, path)["observed"] != "yes" and time.monotonic() < end:
            time.sleep(0.1)
            tend(moment())
        assert states(one, path)["observed"] == "yes"
        assert system("evidenceos:daemon:told") == system("evidenceos:daemon:observed") == 1
    finally:
        os.kill(daemon.pid, signal.SIGKILL)
        daemon.wait()


def test_a_refused_reload_is_told_and_a_restart_seen(tmp_path: Path) -> None:
    root, log = tmp_path / "data", tmp_path / "daemon.log"
    root.mkdir()
    one = adopted(root, log_file=str(log))
    decided()
    log.write_bytes(b'{"event":"config_reload_rejected","severity":"high"}\n')
    tend(moment())
    found = plan_of("decided")
    assert found is not None
    assert found.problem.startswith("config_reload_rejected")
    assert states(one, next(iter(NEW)))["observed"] == "not_evaluated"
    lock = root / "kernel.lock"
    lock.touch()
    later = (now() + timedelta(seconds=5)).timestamp()
    os.utime(lock, (later, later))
    tend(moment())
    assert states(one, next(iter(NEW)))["observed"] == "yes"


def test_a_target_keeps_its_directory(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    entered(tmp_path / "one")
    with pytest.raises(TargetInvalid):
        set_target(
            SetTarget(slug=SLUG, settings=TargetSettings((tmp_path / "two").resolve(), "x"), by=SEED, at=moment())
        )
