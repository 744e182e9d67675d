"""Progress of commands: a bar with rate and time left on a terminal, JSON lines elsewhere."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator

import pytest

from ledger.management.progress import Progress, duration


class Screen(io.StringIO):
    """Something that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def ticking(*seconds: float) -> Iterator[float]:
    yield from seconds


def test_elsewhere_each_tenth_is_a_json_line_with_rate_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    clock = ticking(0, 0, 1, 1.5, 2, 10)
    bar = Progress(100, "leaves", clock=lambda: next(clock))
    for done in (0, 10, 11, 20, 100):
        bar.show(done)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["done"] for line in lines] == [0, 10, 20, 100]
    assert lines[1] == {"done": 10, "total": 100, "unit": "leaves", "rate": 10.0, "remaining_s": 9.0}


def test_a_slow_run_is_told_every_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    clock = ticking(0, 0, 5, 11, 12)
    bar = Progress(1000, "leaves", clock=lambda: next(clock))
    for done in (0, 1, 2, 3):
        bar.show(done)
    assert [json.loads(line)["done"] for line in capsys.readouterr().err.splitlines()] == [0, 2]


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, clock = Screen(), ticking(0, 0, 2, 4)
    monkeypatch.setattr(sys, "stderr", screen)
    bar = Progress(1000, "leaves", clock=lambda: next(clock))
    for done in (0, 500, 1000):
        bar.show(done)
    assert "[###############               ] 500 of 1,000 leaves, 250/s, 2 s left" in screen.getvalue()
    assert screen.getvalue().endswith("1,000 of 1,000 leaves\n")


def test_what_an_earlier_run_has_done_counts_for_no_rate(capsys: pytest.CaptureFixture[str]) -> None:
    clock = ticking(0, 100, 101)
    bar = Progress(1000, "leaves", clock=lambda: next(clock))
    bar.show(900)
    bar.show(1000)
    assert json.loads(capsys.readouterr().err.splitlines()[-1])["rate"] == 100.0


def test_durations_are_short_words() -> None:
    assert [duration(one) for one in (0.4, 59, 200, 7500)] == ["0 s", "59 s", "3 min 20 s", "2 h 5 min"]
