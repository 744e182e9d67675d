"""Progress is told: a bar with counts while it runs, one line when it is done, plain in a file."""

from __future__ import annotations

import io
from collections.abc import Callable

from console.demo.terminal import BAR_CELLS, Terminal, bar


def _ticking(step: float) -> Callable[[], float]:
    moments = iter(range(1_000_000))
    return lambda: next(moments) * step


def test_a_bar_is_full_only_when_everything_is_done() -> None:
    assert bar(0, 10) == "[" + "." * BAR_CELLS + "]"
    assert bar(9_999, 10_000).count("#") == BAR_CELLS - 1
    assert bar(10, 10) == bar(0, 0) == "[" + "#" * BAR_CELLS + "]"


def test_into_a_file_each_step_is_one_line_with_count_and_time() -> None:
    out = io.StringIO()
    terminal = Terminal(out, _ticking(0.25), live=False)
    with terminal.step("Files", 1_500) as step:
        step.advance(1_000)
        step.advance(500)
    (line,) = out.getvalue().splitlines()
    assert "1,500 of 1,500 events" in line
    assert line.startswith("  Files ")
    assert line.endswith(" s")
    assert "\x1b" not in out.getvalue()


def test_on_a_terminal_the_line_is_redrawn_with_the_counts_of_the_moment() -> None:
    out = io.StringIO()
    with Terminal(out, _ticking(0.2), live=True).step("Files", 10) as step:
        step.advance(4)
    assert "4 of 10 events" in out.getvalue()
    assert out.getvalue().count("\r\x1b[2K") >= 2


def test_it_is_not_redrawn_more_often_than_ten_times_a_second() -> None:
    out = io.StringIO()
    with Terminal(out, _ticking(0.001), live=True).step("Files", 1_000) as step:
        for _ in range(1_000):
            step.advance()
    assert out.getvalue().count("of 1,000") < 20


def test_a_step_with_a_note_says_the_note_instead_of_a_count() -> None:
    out = io.StringIO()
    with Terminal(out, _ticking(1), live=False).step("History") as step:
        step.note = "no history: this folder is not a git checkout"
    assert "no history: this folder is not a git checkout" in out.getvalue()
