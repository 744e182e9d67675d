"""Upkeep and requests travel on queues of their own, each with a worker of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.celery import app
from console.supervisor.account import Account
from console.supervisor.layout import Layout
from console.supervisor.programs import children
from ledger.queues import ON_REQUEST, UPKEEP
from ledger.schedule import SCHEDULE


@pytest.mark.parametrize("task", [*(entry["task"] for entry in SCHEDULE.values()), "ledger.tasks.seal_stream"])
def test_upkeep_never_waits_behind_exports(task: str) -> None:
    assert app.amqp.router.route({}, task)["queue"].name == UPKEEP


def test_exports_travel_apart() -> None:
    assert app.amqp.router.route({}, "ledger.tasks.run_export")["queue"].name == ON_REQUEST


def test_each_queue_has_a_worker_under_a_name_of_its_own(tmp_path: Path) -> None:
    commands = [list(child.command) for child in children(Layout(tmp_path, tmp_path, Account()), 1, quiet=False)]
    served = [words[words.index("--queues") + 1] for words in commands if "--queues" in words]
    names = {words[words.index("--hostname") + 1] for words in commands if "--hostname" in words}
    assert (sorted(served), len(names)) == ([ON_REQUEST, UPKEEP], 2)
