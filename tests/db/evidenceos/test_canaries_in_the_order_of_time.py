"""A canary's samples come in the order in which it was looked at, whichever worker wrote first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from governance.evidenceos.models import CanarySample, Target
from governance.evidenceos.selectors.canaries import canary_samples
from governance.evidenceos.selectors.targets import any_target
from tests.support.evidenceos_target import SLUG, entered
from tests.support.world import found_platform

pytestmark = pytest.mark.db
KEY = "settle::holdout-a"
BEGAN = datetime(2026, 11, 1, tzinfo=UTC)


def seen(*moments: int, key: str = KEY) -> None:
    """Written in this order; the e-value is the place in it."""
    target = Target.objects.get(slug=SLUG)
    for place, minute in enumerate(moments):
        CanarySample.objects.create(
            target=target, key=key, e_drift=float(place), barrier=20.0, epoch=minute, frozen=False,
            at=BEGAN + timedelta(minutes=minute),
        )  # fmt: skip


def test_they_are_ordered_by_the_moment_of_the_look_and_ties_as_they_were_written(tmp_path: Path) -> None:
    found_platform()
    entered(tmp_path)
    seen(3, 1, 2, 2, 1)
    found = canary_samples(any_target(SLUG), KEY)
    assert [(one.epoch, one.e_drift) for one in found] == [(1, 1.0), (1, 4.0), (2, 2.0), (2, 3.0), (3, 0.0)]


def test_the_newest_are_those_of_the_latest_looks(tmp_path: Path) -> None:
    found_platform()
    entered(tmp_path)
    seen(9, 8, 1, 2)
    seen(10, key="other::holdout-a")
    assert [one.epoch for one in canary_samples(any_target(SLUG), KEY, limit=2)] == [8, 9]
