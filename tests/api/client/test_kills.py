"""The client is killed at every durable step; afterwards every event is in the ledger once, and receipted."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

import countersign_client as client
from ledger.core.strict_json import parse
from ledger.models import Leaf, LeafObject
from tests.support.live import Exchange
from tests.support.server import ROOT

if TYPE_CHECKING:
    from tests.api.client.conftest import Scene

APPENDED = 6
# Small segments, so that some begin and some end; the fourth event is one that the server refuses.
PROGRAM = f"""
import contextlib, countersign_client as client, os
url, namespace, stream = os.environ["COUNTERSIGN_URL"], *os.environ["COUNTERSIGN_STREAM"].split("/")
told = dict(spool_dir=os.environ["COUNTERSIGN_SPOOL"], vkey=os.environ["COUNTERSIGN_VKEY"], batch_size=3,
            max_spool_bytes=1600)
with client.Client(url, namespace, stream, os.environ["COUNTERSIGN_TOKEN"], **told) as ours:
    for number in range({APPENDED}):
        ours.append("t", number, id=f"e-{{number}}", time="2026-02-31T00:00:00Z" if number == 3 else None)
        print(f"e-{{number}}", flush=True)
    ours.flush()
    with contextlib.suppress(client.Temporary):  # a stream without events has no checkpoint
        ours.check_head()
"""


def run(scene: Scene, failpoint: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, **scene.environ(), client.FAILPOINT: failpoint}
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)


def ledger(scene: Scene) -> dict[str, str]:
    """The ids in the stream with the hashes of their leaves; an id that stands there twice fails."""
    rows = LeafObject.objects.filter(stream_id=scene.place.stream.id, role="attrs")
    hashes = dict(Leaf.objects.filter(stream_id=scene.place.stream.id).values_list("index", "hash"))
    ids: list[Any] = [parse(bytes(row.data or b"")) for row in rows]
    found = [str(one["id"]) for one in ids]
    assert max(Counter(found).values(), default=0) <= 1
    return {name: bytes(hashes[row.index]).hex() for name, row in zip(found, rows, strict=True)}


def kept(scene: Scene) -> dict[str, str]:
    lines = [json.loads(line) for line in (scene.spool / "receipts.ndjson").read_bytes().splitlines()]
    assert max(Counter(line["id"] for line in lines).values(), default=0) <= 1
    bodies = {line["id"]: json.loads(client._decoded(line["receipt"]["payload"])) for line in lines}
    return {name: body["leaf_hash"] for name, body in bodies.items()}


def prepare(scene: Scene, step: str) -> None:
    """Some steps are reached only after something else went wrong."""
    if step.startswith("torn."):
        assert run(scene, "spool.torn:2").returncode == 137
    if step.startswith("evidence."):
        scene.line.after = lie


def lie(exchange: Exchange) -> None:
    if exchange.method == "POST" and exchange.path.endswith("/events/"):
        exchange.answer = exchange.answer.replace(b'"accepted"', b'"accepted_"').replace(b'"salts"', b'"salts_"')


def killed_at(scene: Scene, step: str, number: int) -> bool:
    """Kill the client there, start another, look at everything; False where it is not reached so often."""
    prepare(scene, step)
    killed = run(scene, f"{step}:{number}")
    if killed.returncode == 0:
        return False
    assert killed.returncode == 137, killed.stderr
    scene.line.after = lambda _: None
    for evidence in scene.spool.glob("misbehaviour-*.json"):
        evidence.unlink()
    with scene.client() as ours:
        ours.flush()
        assert ours.status()["pending"] == 0
    check(scene, set(killed.stdout.split()))
    return True


def check(scene: Scene, promised: set[str]) -> None:
    found = ledger(scene)
    assert promised - {"e-3"} <= set(found) <= {f"e-{one}" for one in range(APPENDED)} - {"e-3"}
    assert kept(scene) == found
    dead = [json.loads(line)["event"]["id"] for line in (scene.spool / "dead.ndjson").read_bytes().splitlines()]
    assert dead == ["e-3"] or (dead == [] and "e-3" not in promised)


@pytest.mark.parametrize("step", client.STEPS)
def test_killed_at_a_step_every_event_arrives_once(scene: Scene, step: str) -> None:
    assert killed_at(scene, step, 1)


@pytest.mark.long
@pytest.mark.parametrize("step", [one for one in client.STEPS if not one.startswith(("evidence.", "torn."))])
def test_killed_at_a_step_whenever_it_is_reached_every_event_arrives_once(scene: Scene, step: str) -> None:
    """From the second time on; after the last time the program ends by itself."""
    numbers = itertools.count(2)
    while killed_at(scene.beside(f"again-{(number := next(numbers))}"), step, number):
        assert number < 40
