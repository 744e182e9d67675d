"""When an episode begins and ends, as pure rules with the clock as argument."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from governance.watching.core.buckets import COARSE, EPOCH, FINE, merged, worst
from governance.watching.core.rules import Kind, Observed, PathMark, Rule, remark, trouble

T0 = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
FIVE = Rule(Kind.PATH_OFF, timedelta(minutes=5))


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def seen(**marks: PathMark) -> Observed:
    return Observed(marks, T0)


def late(since: float, state: str = "stale") -> PathMark:
    return PathMark(state, at(since), at(since), "3 leaves wait")


@pytest.mark.parametrize(("minutes", "holds"), [(4.99, False), (5, True), (60, True)])
def test_a_path_is_told_once_it_was_off_pass_for_as_long_as_asked(minutes: float, *, holds: bool) -> None:
    assert (trouble(FIVE, seen(window=late(0)), at(minutes)) is not None) is holds


def test_two_short_troubles_one_after_the_other_are_no_long_one() -> None:
    both = seen(window=late(0), checkpoint=late(3))
    assert trouble(FIVE, both, at(4)) is None
    found = trouble(FIVE, both, at(5))
    assert found is not None
    assert "window is stale: 3 leaves wait" in found.told
    assert "checkpoint" not in found.told


def test_not_evaluated_counts_only_for_who_asked_for_it() -> None:
    never = seen(witness=PathMark("not_evaluated", None, at(0)))
    assert trouble(FIVE, never, at(60)) is None
    asked = Rule(Kind.PATH_OFF, timedelta(minutes=5), counts_not_evaluated=True)
    assert trouble(asked, never, at(60)) is not None


@pytest.mark.parametrize(("minutes", "holds"), [(9, False), (10, True)])
def test_silence_is_measured_from_the_newest_event(minutes: float, *, holds: bool) -> None:
    rule = Rule(Kind.SILENT, timedelta(minutes=10))
    assert (trouble(rule, Observed({}, T0), at(minutes)) is not None) is holds


def test_a_trouble_that_goes_on_keeps_its_beginning_and_a_pass_ends_it() -> None:
    first = remark(None, "stale", "", at(0))
    worse = remark(first, "fail", "", at(2))
    assert worse.late == at(0)
    gone = remark(worse, "not_evaluated", "", at(3))
    assert (gone.late, gone.off) == (None, at(0))
    well = remark(gone, "pass", "", at(4))
    assert (well.late, well.off) == (None, None)
    assert remark(well, "fail", "", at(9)).late == at(9)


def test_a_bucket_shows_the_worst_that_was_seen_in_it() -> None:
    assert merged({"window": "fail", "witness": "pass"}, {"window": "pass", "receipt": "stale"}) == {
        "window": "fail", "witness": "pass", "receipt": "stale",
    }  # fmt: skip
    assert worst("pass", "not_evaluated") == "not_evaluated"
    assert worst("stale", "unheard-of") == "unheard-of"


@pytest.mark.parametrize("span", [FINE, COARSE])
def test_buckets_follow_one_another_without_a_hole_and_end_with_the_running_one(span: object) -> None:
    assert span in {FINE, COARSE}
    chosen = FINE if span == FINE else COARSE
    starts = chosen.starts(at(7))
    assert len(starts) == chosen.shown
    assert {second - first for first, second in itertools.pairwise(starts)} == {chosen.length}
    assert starts[-1] <= at(7) < starts[-1] + chosen.length
    assert chosen.start_of(starts[-1]) == starts[-1]
    assert {(start - EPOCH) % chosen.length for start in starts} == {timedelta(0)}
    assert chosen.length * chosen.shown <= chosen.kept
