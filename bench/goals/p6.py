"""P6: offline verification of 100,000 events, against a verifier that re-canonicalises every leaf with rfc8785."""

from __future__ import annotations

import os
from pathlib import Path

from bench.contender import Contender
from bench.house import OWN, House
from bench.measure import interleaved
from bench.outcome import Outcome
from bench.places import scale
from bench.streams import Kept

WHAT = "offline verify of 100,000 events : the same with rfc8785 on every leaf; receipts : cores x Ed25519 verify rate"
WHY = (
    "100,000 events take 300,000 calls of SHA-256 (each leaf, each node of the range's tree and of the windows' "
    "trees) and the file's own digest twice: with the lists around them half of the 0.52 s that are left. The goal "
    "leaves 0.28. The peer pays the same."
)
OVER_PEER, OF_ALL_CORES = 7.0, 0.85
_TOLD = {"one": "cores x signatures of one process alone"}


def run(house: House) -> Outcome:
    """One process each, on one uncompressed bundle without receipts; then receipts, by the step that checks them."""
    kept = Kept(house)
    events = scale().few_events
    name = kept.stream(events)
    plain, receipted = _bundles(house, kept, name)
    with house.ours("exporting", kept.urls) as product:
        trust = {"policy": product.run("policy", name=name), "genesis": product.run("genesis", name=name)}
    cores = os.cpu_count() or 1
    with Contender("bench.ours.verifying", {}, OWN) as ours, house.peer("verifying") as peer:
        rounds = interleaved(
            scale().rounds,
            {
                "ours": lambda: events / ours.run("verify", path=plain, **trust)["all"],
                "rfc8785": lambda: events / peer.run("verify", path=plain, policy=trust["policy"]),
                "receipts": lambda: events / ours.run("verify", path=receipted, **trust)["receipts"],
                "signatures": lambda: ours.run("at_once", cores=cores, count=events // cores),
                "one": lambda: cores * ours.run("signatures"),
            },
            "a second",
            warm_up=False,
        )
    ratios = [
        rounds.ratio("ours : with rfc8785", "ours", "rfc8785", OVER_PEER),
        rounds.ratio("receipts : cores x Ed25519 verify rate", "receipts", "signatures", OF_ALL_CORES),
    ]
    alone = rounds.ratio("", "receipts", "one", OF_ALL_CORES).median
    note = (
        "Signatures are what a process for each core reaches with nothing else to do, all at once, as many of them as "
        f"there are receipts. Against cores times the rate of one process alone it is {alone:.2f}: other work on the "
        "machine takes cores from many processes, and little from one."
    )
    figures = {f"{_TOLD.get(what, what)} a second": rounds.median(what) for what in rounds.values}
    return Outcome(WHAT, ratios, WHY, figures=figures, notes=[note])


def _bundles(house: House, kept: Kept, name: str) -> tuple[str, str]:
    """Bundles of the stream as the product exports it, without and with receipts; kept with the stream."""
    paths = []
    for receipts in (False, True):
        path: Path = kept.folder / f"{name}-{'with' if receipts else 'without'}-receipts.tar"
        if not path.exists():
            with house.ours("exporting", kept.urls) as product:
                shown = {"receipts": receipts, "attrs": False, "payload": False}
                product.run("bundle_into", name=name, target=str(path), disclosed=shown)
        paths.append(str(path))
    return paths[0], paths[1]
