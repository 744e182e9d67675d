"""P3: a batch of 1,000 in process, against django-pghistory's bulk_create of 1,000."""

from __future__ import annotations

from bench.house import House
from bench.measure import interleaved
from bench.outcome import Outcome
from bench.places import scale

WHAT = "in-process batch append of 1,000 : django-pghistory bulk_create of 1,000"
WHY = (
    "1,000 events take 85 ms of processor time: 24 are signatures, 40 the rest of Python (commitments, keyed hashes, "
    "leaf and receipt of each), 21 PostgreSQL; the peer's two plain rows take 49. The goal leaves 20 ms: less than the "
    "signatures alone."
)
GOAL = 2.5
SIZE = 1_000


def run(house: House) -> Outcome:
    """Batches in turns on one server, each batch durable; ours with a signed receipt for every event."""
    urls = house.ledger_database("bench_run", fresh=True)
    plain = house.plain_database("bench_peers")
    batches = max(2, int(scale().seconds * 5))
    with house.ours("appending", urls) as ours, house.peer("rows", BENCH_DATABASE_URL=plain) as peer:
        ours.run("prepare", name="p3")
        peer.run("prepare")
        rounds = interleaved(
            scale().rounds,
            {
                "ours": lambda: ours.run("batches", name="p3", times=batches, size=SIZE),
                "pghistory": lambda: peer.run("pghistory", batches=batches, size=SIZE),
            },
            "events/s",
        )
        assert peer.run("histories")["pghistory"] == (scale().rounds + 1) * batches * SIZE
    ratio = rounds.ratio("ours : pghistory", "ours", "pghistory", GOAL)
    figures = {f"{name} events/s": rounds.median(name) for name in rounds.values}
    return Outcome(WHAT, [ratio], WHY, figures=figures)
