"""Progress on the terminal: one line a step, a bar with counts while it runs, the time when it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

BAR_CELLS = 24
REDRAW_SECONDS = 0.1
_TITLE_CELLS = 34


@dataclass
class Step:
    """One running step; `total` is None where nobody knows how much there is."""

    title: str
    total: int | None
    unit: str
    draw: Callable[[Step], None]
    done: int = 0
    note: str = ""

    def advance(self, count: int = 1) -> None:
        """So many more are done."""
        self.done += count
        self.draw(self)


@dataclass
class Terminal:
    """Where steps are told. `live` redraws one line; otherwise each step is one line when it ends."""

    out: TextIO
    clock: Callable[[], float]
    live: bool
    drawn: float = field(default=float("-inf"))

    @contextmanager
    def step(self, title: str, total: int | None = None, unit: str = "events") -> Iterator[Step]:
        """Run one step; what it did and how long it took stands there when it ends."""
        began = self.clock()
        step = Step(title, total, unit, self._redraw)
        self._redraw(step)
        yield step
        self._clear()
        self.say(f"  {self._line(step)}  {self.clock() - began:.1f} s")

    def skipped(self, title: str, reason: str) -> None:
        """One line for a step that has nothing to do."""
        self.say(f"  {title:<{_TITLE_CELLS}} {reason}")

    def say(self, text: str = "") -> None:
        """One line that stays."""
        self.out.write(text + "\n")
        self.out.flush()

    def _redraw(self, step: Step) -> None:
        now = self.clock()
        if self.live and now - self.drawn >= REDRAW_SECONDS:
            self.drawn = now
            self._clear()
            self.out.write(f"  {self._line(step)}")
            self.out.flush()

    def _clear(self) -> None:
        if self.live:
            self.out.write("\r\x1b[2K")

    def _line(self, step: Step) -> str:
        title = f"{step.title:<{_TITLE_CELLS}}"
        if step.note:
            return f"{title} {step.note}"
        if step.total is None:
            return title
        return f"{title} {bar(step.done, step.total)} {step.done:,} of {step.total:,} {step.unit}"


def bar(done: int, total: int) -> str:
    """`[######......]`, full only when everything is done."""
    filled = BAR_CELLS if done >= total else BAR_CELLS * done // total
    return f"[{'#' * filled}{'.' * (BAR_CELLS - filled)}]"
