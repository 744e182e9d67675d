"""`python -m bench [P1 ... P10]`: measure the goals that are named (or that GOALS names), else all of them."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import time

from bench.house import House, opened
from bench.outcome import KEPT, TOLD, keep, row
from bench.places import HOME, say, scale
from console.supervisor.registry import AlreadyRunning

GOALS = tuple(f"P{number}" for number in range(1, 11))


def main() -> int:
    """Measure, goal by goal; 0 when all were measured, whether met or missed."""
    asked = [word.upper() for word in (sys.argv[1:] or os.environ.get("GOALS", "").split())] or list(GOALS)
    unknown = [goal for goal in asked if goal not in GOALS]
    if unknown:
        say(f"There are no goals {' '.join(unknown)}. Next: choose among {' '.join(GOALS)}.")
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that everything started is ended in order
    try:
        with opened() as house:
            for goal in asked:
                _measure(house, goal)
    except AlreadyRunning:
        say(f"Another run of the benchmarks holds {HOME}. Next: wait for its end.")
        return 1
    say(f"Written to {TOLD.relative_to(TOLD.parents[1])} and {KEPT.name}.")
    return 0


def _measure(house: House, goal: str) -> None:
    module = importlib.import_module(f"bench.goals.{goal.lower()}")
    say(f"{goal}: {module.WHAT} ({scale().name} scale)")
    begun = time.monotonic()
    kept = keep(goal, module.run(house))
    say(f"{row(goal, kept)}\n  in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
