"""P4: single events in process, 8 in flight, against a naive hash chain by ORM and against django-auditlog."""

from __future__ import annotations

from bench.house import House
from bench.measure import interleaved
from bench.outcome import Outcome
from bench.places import scale

WHAT = "in-process append, 8 in flight : naive ORM hash chain / django-auditlog create, 8 in flight each"
WHY = (
    "With 8 in flight a group of four or five takes 2.6 ms to commit, 0.9 of them processor time, and the guard "
    "another 1.2; an event takes 0.74 ms of processor time in all, and the one interpreter is busy for 0.82 of the "
    "time. It passes three threads (caller, committer, guard), and each group is synced twice, where the peers "
    "sync once. With 32 in flight an event takes 0.46 ms, and the interpreter is all that limits."
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
