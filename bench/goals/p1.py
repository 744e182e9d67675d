"""P1: NDJSON batches over HTTP, against pgbench's single-row inserts into the same server."""

from __future__ import annotations

import os
import re
import subprocess
from functools import partial

from bench.house import House
from bench.measure import interleaved
from bench.outcome import Outcome
from bench.places import HOME, scale
from bench.web.rounds import Scene, Setting, best, opened
from bench.web.server import product
from console.supervisor.postgres import ADMIN

WHAT = "HTTP NDJSON batches of 1,000, 8 in flight, receipted : pgbench single-row inserts, 16 clients"
WHY = (
    "1,000 events take 90 ms of processor time in the web process and 22 ms in PostgreSQL, on four cores that also run "
    "the clients: 24 ms are signatures, 22 the four rows and eight index entries of each event; the rest reads, "
    "canonicalises, commits to and answers each event in Python."
)
GOAL = 2.0
BATCH, IN_FLIGHT, PGBENCH_CLIENTS = 1_000, 8, 16
WORKERS = (2, 4)
_INSERT = r"""\set id random(1, 1000000000)
\set subject :id % 9973
INSERT INTO bench_plain (event_id, type, source, subject, time, payload) VALUES (
    'b-' || :id::text, 'ai.decision', 'urn-acme-scoring', 'case-' || :subject::text, '2026-11-21 09 16 58Z',
    '{"model": "m-3", "outcome": "refer", "score": 417}');
"""


def run(house: House) -> Outcome:
    """Web server with the better number of workers; clients in two processes; the sealer rests."""
    seconds = scale().seconds * 2
    with opened(house) as scene:
        settings = [
            Setting(f"ours, {count} workers", partial(product, workers=count), scene.environ()) for count in WORKERS
        ]
        with best(settings, lambda port: scene.send(port, IN_FLIGHT, 2, batch=BATCH)) as (chosen, port):
            rounds = interleaved(
                scale().rounds,
                {
                    "ours": lambda: scene.send(port, IN_FLIGHT, seconds, batch=BATCH),
                    "pgbench": lambda: _pgbench(scene, seconds),
                },
                "events/s",
            )
        scene.audit()
    ratio = rounds.ratio("ours : pgbench", "ours", "pgbench", GOAL)
    figures = {f"{name} events/s": rounds.median(name) for name in rounds.values}
    notes = [f"Settings: {chosen.name}; pgbench with prepared statements on {min(4, os.cpu_count() or 1)} threads."]
    return Outcome(WHAT, [ratio], WHY, figures=figures, notes=notes)


def _pgbench(scene: Scene, seconds: float) -> float:
    script = HOME / "insert.sql"
    script.write_text(_INSERT)
    cluster = scene.house.cluster
    environ = {"PGHOST": str(cluster.layout.socket), "PGUSER": ADMIN, "PGPASSWORD": cluster.admin_password}
    done = subprocess.run(
        [
            str(scene.house.programs / "pgbench"), "-n", "-M", "prepared", "-c", str(PGBENCH_CLIENTS),
            "-j", str(min(4, os.cpu_count() or 1)), "-T", str(max(1, int(seconds))), "-f", str(script), "bench_run",
        ],
        env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = re.search(r"tps = ([0-9.]+) \(without initial connection time\)", done.stdout)
    assert found is not None, done.stdout
    return float(found[1])
