"""P8: sealing a window of 1,000 events at the end of a large log, against a small log; and appending them before."""

from __future__ import annotations

from bench.house import House
from bench.measure import Rounds, interleaved
from bench.outcome import Outcome
from bench.places import scale
from bench.streams import Kept

WHAT = "sealing a 1,000-event window at 10,000,000 leaves : at 10,000 leaves; appending its events in one batch"
WHY = ""
GOAL = 1.3
EVENTS = 1_000


def run(house: House) -> Outcome:
    """Twice the usual rounds: batch and seal are short, and sync many files."""
    kept = Kept(house)
    many = kept.stream(scale().many_leaves)
    few = kept.stream(scale().few_leaves, fresh=True)
    appended: dict[str, list[float]] = {"many appended": [], "few appended": []}
    with house.ours("sealing", kept.urls) as ours:

        def sealed(name: str, to: str) -> float:
            told: dict[str, float] = ours.run("seal", name=name, events=EVENTS)
            appended[to].append(told["append"])
            return told["seal"]

        both = {"many": lambda: sealed(many, "many appended"), "few": lambda: sealed(few, "few appended")}
        rounds = interleaved(scale().rounds * 2, both, "s")
    values = {**rounds.values, **{name: found[1:] for name, found in appended.items()}}
    all_rounds = Rounds(values)
    ratios = [
        all_rounds.ratio("many leaves : few leaves", "many", "few", GOAL, most=True),
        all_rounds.ratio("append at many leaves : at few leaves", "many appended", "few appended", GOAL, most=True),
    ]
    return Outcome(WHAT, ratios, WHY, figures={f"{name} ms": all_rounds.median(name) * 1000 for name in values})
