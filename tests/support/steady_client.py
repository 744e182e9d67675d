"""An application with the shipped client inside, which appends at a pace and says which events were taken over.

`python -m tests.support.steady_client URL NS/STREAM SPOOL VKEY BATCH RATE` with COUNTERSIGN_TOKEN. The id of each
event whose append returned is a line of `SPOOL.ids`. Until SIGTERM; then it sends what waits, verifies the newest
checkpoint, and ends with 0. Waits are short, since the server is killed more often than any real one.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from random import SystemRandom
from typing import Any

import countersign_client as client

LONGEST_WAIT_S = 0.5
MOST_PENDING = 400
LARGE_EVERY = 50
DRAIN_S = 120.0


def main(url: str, stream: str, spool: str, vkey: str, batch: str, rate: str) -> int:
    logging.disable(logging.ERROR)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    ambient = client.Ambient(wait=lambda event, seconds: event.wait(min(seconds, LONGEST_WAIT_S)))
    namespace, _, name = stream.partition("/")
    told: Any = {"spool_dir": spool, "vkey": vkey, "batch_size": int(batch), "timeout": 10.0, "ambient": ambient}
    with client.Client(url, namespace, name, os.environ["COUNTERSIGN_TOKEN"], **told) as ours:
        ours.start(every=0.05, head_every=3.0)
        with open(f"{spool}.ids", "a", buffering=1) as ids:  # noqa: PTH123 - one line at a time
            while not ended.is_set():
                if ours.status()["pending"] < MOST_PENDING:
                    ids.write(f"{ours.append('load.event', payload())}\n")
                ended.wait(1 / float(rate))
        return drained(ours)


def payload() -> object:
    """Mostly small; some so large that they are kept as files."""
    numbers = SystemRandom()
    return {"number": numbers.getrandbits(32), "text": "x" * (40_000 if numbers.randrange(LARGE_EVERY) == 0 else 80)}


def drained(ours: client.Client) -> int:
    end = time.monotonic() + DRAIN_S
    while True:
        try:
            ours.flush()
            ours.check_head()
        except client.Temporary:
            if time.monotonic() > end:
                raise
        else:
            return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
