"""P7: an inclusion proof of a large log against one of a small log, and against pymerkle on SQLite."""

from __future__ import annotations

from itertools import count

from bench.house import House
from bench.measure import interleaved
from bench.outcome import Limit, Outcome
from bench.places import HOME, scale
from bench.streams import Kept

WHAT = "inclusion proof at 10,000,000 leaves : at 10,000; pymerkle on SQLite at 20,000 : ours at 10,000,000"
WHY = ""
SLOWER_AT_MOST, FASTER_AT_LEAST, TILES_AT_MOST = 2.0, 20.0, 8
PROOFS, PEER_LEAVES = 500, 20_000
NOTES = [
    "pymerkle gives hashes alone, so they are compared with our hashes alone; the first ratio is the whole call.",
    "Neither side keeps anything in memory between two proofs; `pymerkle_cached` is pymerkle with its cache filled.",
]


def run(house: House) -> Outcome:
    """Random leaves, other ones in each round; every proof is verified outside the clock."""
    kept = Kept(house)
    many = kept.stream(scale().many_leaves)
    few = kept.stream(scale().few_leaves)
    path, seeds = str(HOME / "pymerkle.sqlite3"), count()
    with house.ours("proving", kept.urls) as ours, house.peer("proving") as peer:
        peer.run("prepare", path=path, size=PEER_LEAVES)
        rounds = interleaved(
            scale().rounds,
            {
                "many": lambda: ours.run("prove", name=many, count=PROOFS, seed=next(seeds)),
                "few": lambda: ours.run("prove", name=few, count=PROOFS, seed=next(seeds)),
                "hashes": lambda: ours.run("path", name=many, count=PROOFS, seed=next(seeds)),
                "pymerkle": lambda: peer.run("prove", path=path, count=50, seed=next(seeds), remembering=False),
                "pymerkle_cached": lambda: peer.run("prove", path=path, count=50, seed=next(seeds), remembering=True),
            },
            "s a proof",
        )
        reads = ours.run("most_reads", name=many, count=PROOFS, seed=next(seeds))
    ratios = [
        rounds.ratio("many leaves : few leaves", "many", "few", SLOWER_AT_MOST, most=True),
        rounds.ratio("pymerkle : the same hashes from our tiles", "pymerkle", "hashes", FASTER_AT_LEAST),
    ]
    figures = {f"{name} ms a proof": rounds.median(name) * 1000 for name in rounds.values}
    return Outcome(WHAT, ratios, WHY, [Limit("tile reads", reads, TILES_AT_MOST)], figures, NOTES)
