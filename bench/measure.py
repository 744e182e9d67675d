"""Rounds: every contender once a round, in turning order, so that whatever else the machine does hits all alike."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.places import say

Round = Callable[[], float]
"""Runs one contender once and returns what it reached: events a second, or seconds."""


@dataclass(frozen=True)
class Rounds:
    """What each contender reached in each round."""

    values: dict[str, list[float]]

    def median(self, name: str) -> float:
        """The middle of what a contender reached."""
        return statistics.median(self.values[name])

    def ratio(self, what: str, over: str, to: str, goal: float, *, most: bool = False) -> Ratio:
        """`over` divided by `to`, round by round; met at `goal` or more (`most`: or less)."""
        pairs = zip(self.values[over], self.values[to], strict=True)
        return Ratio(what, tuple(one / other for one, other in pairs), goal, most)


@dataclass(frozen=True)
class Ratio:
    """One ratio of a goal, as it came out in each round."""

    what: str
    rounds: tuple[float, ...]
    goal: float
    most: bool = False

    @property
    def median(self) -> float:
        """The ratio that is compared with the goal."""
        return statistics.median(self.rounds)

    @property
    def met(self) -> bool:
        """Whether the median reaches the goal."""
        return self.median <= self.goal if self.most else self.median >= self.goal

    @property
    def aim(self) -> str:
        """The goal in words."""
        return f"{'<=' if self.most else '>='} {self.goal:g}"


def interleaved(count: int, contenders: Mapping[str, Round], unit: str, *, warm_up: bool = True) -> Rounds:
    """Run `count` rounds and tell each; with `warm_up` one more before them, which is not counted."""
    values: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    if warm_up:
        for name in names:
            contenders[name]()
    for number in range(count):
        at = number % len(names)
        for name in names[at:] + names[:at]:
            values[name].append(contenders[name]())
        told = ", ".join(f"{name} {values[name][-1]:,.6g}" for name in names)
        say(f"  round {number + 1} of {count} ({unit}): {told}")
    return Rounds(values)
