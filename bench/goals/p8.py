"""P8: sealing a window of 1,000 events at the end of a large log, against the same at the end of a small log."""

from __future__ import annotations

from bench.house import House
from bench.measure import interleaved
from bench.outcome import Outcome
from bench.places import scale
from bench.streams import Kept

WHAT = "sealing a 1,000-event window at 10,000,000 leaves : at 10,000 leaves"
WHY = ""
GOAL = 1.3
EVENTS = 1_000


def run(house: House) -> Outcome:
    """Twice the usual rounds: a seal is short, and syncs many files."""
    kept = Kept(house)
    many = kept.stream(scale().many_leaves)
    few = kept.stream(scale().few_leaves, fresh=True)
    with house.ours("sealing", kept.urls) as ours:
        rounds = interleaved(
            scale().rounds * 2,
            {
                "many": lambda: ours.run("seal", name=many, events=EVENTS),
                "few": lambda: ours.run("seal", name=few, events=EVENTS),
            },
            "s",
        )
    ratio = rounds.ratio("many leaves : few leaves", "many", "few", GOAL, most=True)
    return Outcome(WHAT, [ratio], WHY, figures={f"{name} ms": rounds.median(name) * 1000 for name in rounds.values})
