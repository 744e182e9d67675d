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
    "Nearly half of what is left is SHA-256 in calls of its own: each leaf, each node of the range's tree and of the "
    "windows' trees, and the file twice; the peer pays the same. Receipts: beside each signature stand some 10 us of "
    "Python under one interpreter's lock, and on a machine with twice as much to do as it has cores, four processes "
    "that only verify reach 0.3 to 0.5 too."
)
OVER_PEER, OF_ALL_CORES = 7.0, 0.85


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
                "signatures": lambda: cores * ours.run("signatures"),
            },
            "a second",
            warm_up=False,
        )
    ratios = [
        rounds.ratio("ours : with rfc8785", "ours", "rfc8785", OVER_PEER),
        rounds.ratio("receipts : cores x Ed25519 verify rate", "receipts", "signatures", OF_ALL_CORES),
    ]
    return Outcome(WHAT, ratios, WHY, figures={f"{what} a second": rounds.median(what) for what in rounds.values})


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
