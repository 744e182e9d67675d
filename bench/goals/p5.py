"""P5: RFC 8785 of events without floats, against the package rfc8785."""

from __future__ import annotations

from bench.contender import Contender
from bench.house import OWN, House
from bench.measure import interleaved
from bench.outcome import Outcome
from bench.places import scale

WHAT = "canonicalise events without floats : rfc8785"
WHY = ""
GOAL = 9.0


def run(house: House) -> Outcome:
    """The same 64 events, again and again, in one process each; first the bytes are compared."""
    times = max(5, int(scale().seconds * 100))
    with Contender("bench.ours.canonicalising", {}, OWN) as ours, house.peer("canonicalising") as peer:
        assert ours.run("sample") == peer.run("sample")
        rounds = interleaved(
            scale().rounds,
            {
                "ours": lambda: ours.run("canonicalise", times=times * 10),
                "rfc8785": lambda: peer.run("canonicalise", times=times),
            },
            "events/s",
        )
    ratio = rounds.ratio("ours : rfc8785", "ours", "rfc8785", GOAL)
    return Outcome(WHAT, [ratio], WHY, figures={f"{name} events/s": rounds.median(name) for name in rounds.values})
