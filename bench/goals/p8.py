"""P8: sealing a window of 1,000 events at the end of a large log, against a small log; and appending them before."""

from __future__ import annotations

from bench.house import House
from bench.measure import Rounds, interleaved
from bench.outcome import Outcome
from bench.places import scale
from bench.streams import Kept

WHAT = "sealing a 1,000-event window at 10,000,000 leaves : at 10,000 leaves; appending its events in one batch"
WHY = (
    "Three indexes have keys all over the tree (lookup key, prefix of the leaf's hash, subject): at many leaves each "
    "event takes a page of its own in each, which PostgreSQL reads, and writes whole to its log after a checkpoint: "
    "22 MB for 1,000 events, 3 MB at few leaves."
)
_NOTE = (
    "The indexes of leaves and events are read into the machine's page cache first, as a log in use has them. From a "
    "disk that nobody has read yet, a batch onto 10,000,000 leaves took 2.8 times as long as onto 10,000."
)
GOAL = 1.3
EVENTS = 1_000


def run(house: House) -> Outcome:
    """Twice the usual rounds: batch and seal are short, and sync many files."""
    kept = Kept(house)
    many = kept.stream(scale().many_leaves)
    few = kept.stream(scale().few_leaves, fresh=True)
    for tables in ("ledger_leaf%", "ledger_eventindex"):
        house.warm(kept.urls, tables)
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
    figures = {f"{name} ms": all_rounds.median(name) * 1000 for name in values}
    return Outcome(WHAT, ratios, WHY, figures=figures, notes=[_NOTE])
