"""P4: single events in process, 8 in flight, against a naive hash chain by ORM and against django-auditlog."""

from __future__ import annotations

from bench.house import House
from bench.measure import interleaved
from bench.outcome import Outcome
from bench.places import scale

WHAT = "in-process append, 8 in flight : naive ORM hash chain / django-auditlog create, 8 in flight each"
WHY = (
    "An event takes 0.57 ms of processor time, 0.41 of them under one interpreter's lock; it passes three threads "
    "(caller, committer, guard), and each group is synced twice, commit and guard, where the peers sync once. Of the "
    "3.7 ms that a group of four or five took, 1.5 were processor time; the rest is waiting for hand-over and syncs."
)
OVER_CHAIN, OVER_AUDITLOG = 8.0, 2.5
THREADS = 8


def run(house: House) -> Outcome:
    """Threads in turns on one server, every event durable; ours with its signed receipt."""
    urls = house.ledger_database("bench_run", fresh=True)
    plain = house.plain_database("bench_peers")
    seconds = scale().seconds
    with house.ours("appending", urls) as ours, house.peer("rows", BENCH_DATABASE_URL=plain) as peer:
        ours.run("prepare", name="p4")
        peer.run("prepare")
        rounds = interleaved(
            scale().rounds,
            {
                "ours": lambda: ours.run("singles", name="p4", threads=THREADS, seconds=seconds),
                "chain": lambda: peer.run("chain", threads=THREADS, seconds=seconds),
                "auditlog": lambda: peer.run("auditlog", threads=THREADS, seconds=seconds),
            },
            "events/s",
        )
        written = peer.run("histories")
        assert written["auditlog"] > 0
        assert written["chain"] > 0
    ratios = [
        rounds.ratio("ours : naive ORM hash chain", "ours", "chain", OVER_CHAIN),
        rounds.ratio("ours : django-auditlog", "ours", "auditlog", OVER_AUDITLOG),
    ]
    return Outcome(WHAT, ratios, WHY, figures={f"{name} events/s": rounds.median(name) for name in rounds.values})
