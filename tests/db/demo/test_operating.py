"""The demo's data directory: sound, with history, one contract about to lapse, and one file changed by hand."""

from __future__ import annotations

import io
import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import distribution
from pathlib import Path

import pytest

from console.demo import directory
from console.demo.files import Files
from console.demo.gathering import Gathered
from console.demo.operating import FOREIGN, SLUG, Operator
from console.demo.sources import Found
from console.demo.sources.python_packages import find_files
from console.demo.starting import seed_of
from console.demo.terminal import Terminal
from governance.change.core.states import State
from governance.change.models import Change
from governance.change.selectors.lapsing import expiring
from governance.evidenceos.models import Adoption, Plan, PlanState, Sighting
from governance.evidenceos.selectors.canaries import canaries
from governance.evidenceos.selectors.nullspecs import nullspecs
from governance.evidenceos.selectors.targets import TargetView, any_target

pytestmark = pytest.mark.db


@pytest.fixture
def target(tmp_path: Path) -> TargetView:
    terminal = Terminal(io.StringIO(), time.monotonic, live=False)
    nothing = Found((), "nothing found")
    little = Gathered(find_files([distribution("kombu")]), nothing, nothing, nothing)
    made = seed_of(Files(tmp_path), 8000, terminal, os.urandom, lambda: datetime.now(UTC))
    seed = replace(made, gather=lambda: little)
    seed.run()
    Operator(seed.governor, seed.files.directory).operate()
    return any_target(SLUG)


def test_the_directory_is_sound_has_history_and_one_file_that_was_changed_by_hand(target: TargetView) -> None:
    now = datetime.now(UTC)
    assert Adoption.objects.get().verdict == "verified"
    assert set(Plan.objects.values_list("kind", "state")) == {
        ("nullspec.install", PlanState.WRITTEN), ("nullspec.retire", PlanState.WRITTEN),
    }  # fmt: skip
    assert [row.path for row in Sighting.objects.filter(ended__isnull=True)] == [FOREIGN]
    rows = nullspecs(target, now)
    assert len(rows) == 3
    assert {row.verdict for row in rows} == {"verified"}
    assert sum(row.is_active for row in rows) == 1
    lapses = [row for row in expiring(target, now) if row.kind == "nullspec"]
    assert [row.epochs_left for row in lapses] == [1]
    assert lapses[0].at is not None
    assert {row.state for row in canaries(target, now)} == {"ok", "frozen"}
    assert Change.objects.get(type="nullspec.activate").state == State.IN_REVIEW
    assert directory.EPOCH == 41
