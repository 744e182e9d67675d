"""Gaps are found in what the log shows: silence against a rhythm, numbers skipped by a source."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ledger.core.gap import Gap
from ledger.core.gap_search import Last, Seen, open_silence, silences, skips
from ledger.core.times import format_time

START = datetime(2026, 1, 1, tzinfo=UTC)
ONE, TWO = b"1" * 32, b"2" * 32


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def event(index: int, seconds: float = 0) -> Seen:
    return Seen(index, at(seconds))


def numbered(*rows: tuple[bytes, int]) -> list[Seen]:
    return [Seen(index, START, source, number) for index, (source, number) in enumerate(rows, 1)]


def silence(start: float, end: float | None, count: int, after: int | None, before: int | None) -> Gap:
    told = None if end is None else format_time(at(end))
    return Gap("silence", format_time(at(start)), told, count, after, before)


def test_an_event_within_the_rhythm_is_no_gap() -> None:
    found, last = silences(Last(1, at(0)), [event(2, 60), event(3, 120)], 60)
    assert (found, last) == ([], Last(3, at(120)))


def test_a_longer_silence_is_a_gap_between_two_leaves_with_the_events_it_lacks() -> None:
    found, _ = silences(Last(1, at(0)), [event(4, 200), event(5, 201)], 60)
    assert found == [silence(0, 200, 3, 1, 4)]


def test_without_a_rhythm_there_is_no_silence() -> None:
    assert silences(Last(1, at(0)), [event(2, 9_999)], None)[0] == []
    assert open_silence(Last(1, at(0)), at(9_999), None)[0] == []


def test_a_silence_that_goes_on_is_told_once_and_not_again_when_it_ends() -> None:
    found, last = open_silence(Last(1, at(0)), at(100), 60)
    assert found == [silence(0, None, 1, 1, None)]
    assert open_silence(last, at(500), 60) == ([], last)
    ended, last = silences(last, [event(2, 600), event(3, 800)], 60)
    assert ended == [silence(600, 800, 3, 2, 3)]
    assert open_silence(last, at(850), 60)[0] == []


def test_skipped_numbers_are_told_by_source() -> None:
    found, known = skips({}, numbered((ONE, 5), (TWO, 1), (ONE, 8), (TWO, 2)))
    assert found == [Gap("sequence", "6", "7", 2, 1, 3)]
    assert known == {ONE: (8, 3), TWO: (2, 4)}


def test_what_comes_late_is_no_gap_within_one_look_and_changes_nothing_later() -> None:
    found, known = skips({ONE: (1, 0)}, numbered((ONE, 3), (ONE, 2), (ONE, 4)))
    assert (found, known) == ([], {ONE: (4, 3)})
    assert skips(known, numbered((ONE, 2), (ONE, 4), (ONE, 5)))[0] == []


def test_behind_an_event_that_nobody_can_read_any_more_every_source_begins_anew() -> None:
    rows = [*numbered((ONE, 1), (ONE, 3)), Seen(3, START, blind=True), Seen(4, START, ONE, 9)]
    found, known = skips({TWO: (1, 0)}, rows)
    assert found == [Gap("sequence", "2", "2", 1, 1, 2)]
    assert known == {ONE: (9, 4)}


@given(st.lists(st.integers(0, 60), unique=True, min_size=1), st.data())
def test_each_number_between_the_first_and_the_last_is_there_or_told(numbers: list[int], data: st.DataObject) -> None:
    rows = numbered(*((ONE, number) for number in sorted(numbers)))
    cut = data.draw(st.integers(0, len(rows)))
    first, known = skips({}, rows[:cut])
    second, _ = skips(known, rows[cut:])
    told = [number for gap in first + second for number in range(int(gap.start), int(gap.end or 0) + 1)]
    assert sorted([*told, *numbers]) == list(range(min(numbers), max(numbers) + 1))
