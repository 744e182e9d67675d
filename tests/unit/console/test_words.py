from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from console import words

NOW = datetime(2026, 11, 21, 9, 16, 58, tzinfo=UTC)


@pytest.mark.parametrize(
    ("octets", "told"),
    [
        (0, "0 bytes"), (1, "1 byte"), (1023, "1,023 bytes"), (1024, "1.0 KiB"), (3_500, "3.4 KiB"),
        (48_213, "47 KiB"), (1024**2, "1.0 MiB"), (13 * 1024**3, "13 GiB"), (2_000 * 1024**4, "2,000 TiB"),
    ],
)  # fmt: skip
def test_sizes_are_told_in_binary_units(octets: int, told: str) -> None:
    assert words.size(octets) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "under 1 s"),
        (42, "42 s"),
        (60, "1 min"),
        (200, "3 min 20 s"),
        (7_500, "2 h 5 min"),
        (360_000, "4 d 4 h"),
    ],
)
def test_durations_take_at_most_two_units(seconds: int, told: str) -> None:
    assert words.duration(seconds) == words.duration(timedelta(seconds=seconds)) == told


def test_numbers_are_grouped_and_counted() -> None:
    assert words.counted(4_812, "receipt") == "4,812 receipts"
    assert words.counted(1, "leaf", "leaves") == "1 leaf"
    assert words.counted(2, "leaf", "leaves") == "2 leaves"


def test_moments_are_told_in_utc_and_relative_to_now() -> None:
    assert words.moment(NOW) == "2026-11-21 09:16:58 UTC"
    assert words.ago(NOW - timedelta(seconds=200), NOW) == "3 min 20 s ago"
    assert words.ago(NOW + timedelta(hours=4), NOW) == "in 4 h"
    assert words.ago(NOW, NOW) == "just now"
    assert words.day(NOW) == "21 Nov 2026"


def test_lists_end_with_and() -> None:
    assert words.listed([]) == ""
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
