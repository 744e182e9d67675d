"""Eight web processes, two workers and sealers on request, all on one stream at once: one history, nothing lost."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from time import monotonic

import pytest

from console.supervisor.programs import worker_command
from ledger.queues import UPKEEP
from tests.support.caller import Caller
from tests.support.fire import Fire, check_everything, settle
from tests.support.installation import Installation, installed
from tests.support.killing import victims
from tests.support.ledger_walk import Walk
from tests.support.load import loaded, tenant
from tests.support.server import ROOT

pytestmark = pytest.mark.long
WEB_PROCESSES = 8
BATCHES = (200, 50, 5, 1, 1, 1)
EVENTS_A_SECOND = 40.0
SECONDS = 20.0
SEALERS = 3


@contextmanager
def another_worker(where: Installation) -> Iterator[None]:
    """A second worker of the queue that seals."""
    command = [word.replace(f"{UPKEEP}@", "second@") for word in worker_command(UPKEEP, processes=2)]
    environ = {**where.environ(), **where.told()}
    with (where.root / "output.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def sealing(caller: Caller) -> Counter[int]:
    """Ask for a checkpoint again and again, and count the answers."""
    end, answers = monotonic() + SECONDS, Counter[int]()
    while monotonic() < end:
        answers[caller.seal()[0]] += 1
    return answers


def test_many_processes_write_and_seal_one_stream() -> None:
    with installed(WEB_PROCESSES) as where:
        token, (stream,) = tenant(where, "one", window_age=1, window_count=50)
        walk = {stream.origin: Walk(stream.origin, stream.vkey)}
        with another_worker(where), loaded(where, token, [stream], BATCHES, EVENTS_A_SECOND) as clients:
            fire = Fire(where, clients, walk, Random(0))  # noqa: S311 - nobody is killed
            assert len(victims(where, "web process")) >= WEB_PROCESSES
            with ThreadPoolExecutor(SEALERS) as pool:
                asked = [pool.submit(sealing, Caller(where, token, stream)) for _ in range(SEALERS)]
            fire.recovers()
            settle(fire)
            check_everything(fire)
        answers = sum((one.result() for one in asked), Counter[int]())
        assert answers.keys() == {200}, answers
        assert len(walk[stream.origin].notes) > 2
