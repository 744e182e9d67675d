"""P10: every page of the console over a large ledger, against the same pages over one of the demo's size."""

from __future__ import annotations

import statistics

from bench.house import House
from bench.measure import Rounds
from bench.outcome import Limit, Outcome
from bench.places import say, scale
from bench.streams import Kept

WHAT = "p95 of the page that slows down most, at 1,000,000 events : at the demo's 20,000"
WHY = ""
SLOWER_AT_MOST, QUERIES_AT_MOST = 1.5, 12
DEMO_EVENTS, REQUESTS = 20_000, 40


def run(house: House) -> Outcome:
    """Two databases of one stream each, one process each, page by page in turn.

    Some pages tell of every stream, so both sides have as many. The ratio of a round is that of its worst page.
    """
    large, small = Kept(house, database="bench_pages_large"), Kept(house, database="bench_pages")
    many = large.stream(scale().many_events)
    few = small.stream(DEMO_EVENTS)
    with house.ours("pages", large.urls) as ours, house.ours("pages", small.urls) as demo:
        ours.run("prepare")
        demo.run("prepare")
        pairs = [
            (ours.run("measure", name=many, count=REQUESTS), demo.run("measure", name=few, count=REQUESTS))
            for _ in range(scale().rounds + 1)
        ][1:]
        most = max(ours.run("queries", name=many).values())
    worst = _worst(pairs)
    say(f"  slowest to grow: {worst}")
    rounds = Rounds({"many": [one[worst][1] for one, _ in pairs], "few": [one[worst][1] for _, one in pairs]})
    ratio = rounds.ratio(f"p95 of {worst}", "many", "few", SLOWER_AT_MOST, most=True)
    figures = {f"{page} p95 ms": statistics.median(one[page][1] for one, _ in pairs) * 1000 for page in pairs[0][0]}
    return Outcome(WHAT, [ratio], WHY, [Limit("queries", most, QUERIES_AT_MOST)], figures)


Told = dict[str, list[float]]


def _worst(pairs: list[tuple[Told, Told]]) -> str:
    """The page whose p95 grew most, by the median over the rounds."""
    ratios = {page: statistics.median(one[page][1] / other[page][1] for one, other in pairs) for page in pairs[0][0]}
    return max(ratios, key=lambda page: ratios[page])
