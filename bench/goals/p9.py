"""P9: export of a large stream against export of a smaller one: time for each event, and memory."""

from __future__ import annotations

import os
import statistics
from contextlib import ExitStack

from bench.house import House
from bench.measure import Rounds
from bench.outcome import Limit, Outcome
from bench.places import say, scale
from bench.streams import Kept

WHAT = "export of 1,000,000 events : of 100,000, time per event"
WHY = ""
GOAL, MEMORY_AT_MOST_MB = 1.2, 128


def run(house: House) -> Outcome:
    """Each export in a process of its own; receipts, attributes and payloads disclosed, and verified as exported.

    An export of a million events takes minutes. So several large ones run at a time, and beside them, until the
    last of them has ended, one small one after the other: both have the same company.
    """
    kept = Kept(house)
    many = kept.stream(scale().many_events)
    few = kept.stream(scale().few_events)
    values: dict[str, list[float]] = {"many": [], "few": []}
    peak = 0.0
    while (left := scale().rounds - len(values["many"])) > 0:
        large, small = _wave(house, kept, many, few, min(left, max(1, (os.cpu_count() or 1) - 1)))
        usual = statistics.median(one["seconds"] for one in small) / scale().few_events * 1e6
        values["many"] += [one["seconds"] / scale().many_events * 1e6 for one in large]
        values["few"] += [usual] * len(large)
        peak = max(one["peak_mb"] for one in (*large, *small, {"peak_mb": peak}))
        told = ", ".join(f"{value:,.1f}" for value in values["many"][-len(large) :])
        say(f"  microseconds an event: many {told}; few {usual:,.1f} (median of {len(small)})")
    rounds = Rounds(values)
    ratio = rounds.ratio("many events : few events", "many", "few", GOAL, most=True)
    figures = {f"{name} microseconds an event": rounds.median(name) for name in values}
    return Outcome(WHAT, [ratio], WHY, [Limit("MB peak", peak, MEMORY_AT_MOST_MB)], figures)


Told = dict[str, float]


def _wave(house: House, kept: Kept, many: str, few: str, lanes: int) -> tuple[list[Told], list[Told]]:
    """Some large exports at once, and small ones beside them."""
    small: list[Told] = []
    with ExitStack() as stack:
        large = [stack.enter_context(house.ours("exporting", kept.urls)) for _ in range(lanes)]
        for one in large:
            one.begin("export", name=many)
        while not small or not all(one.has_answered() for one in large):
            with house.ours("exporting", kept.urls) as ours:
                small.append(ours.run("export", name=few))
            say(f"    {few}: {small[-1]['seconds']:.1f} s")
        return [one.answer() for one in large], small
