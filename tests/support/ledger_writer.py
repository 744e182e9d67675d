"""A process of its own that appends and seals, says what it was promised, and may die at a failpoint.

`python -m tests.support.ledger_writer die POINT`: one round with a large object, dead at POINT by os._exit.
`python -m tests.support.ledger_writer run SECONDS NAME`: appends and seals that long, as NAME. Every receipt is one
line: index, leaf hash.
`python -m tests.support.ledger_writer load SECONDS NAME THREADS`: waits for a line on standard input, then appends
single events in that many threads.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import django
from django.conf import settings

if TYPE_CHECKING:
    from ledger.selectors.streams import StreamView

DEAD = 137
_writing = threading.Lock()


def main(act: str, *given: str) -> None:
    django.setup()
    if act == "die":
        _die(given[0])
    elif act == "load":
        _load(float(given[0]), given[1], int(given[2]))
    else:
        _run(float(given[0]), given[1])


def environment(url: str, guard: str) -> dict[str, str]:
    """What such a process needs to write the same ledger as this one."""
    own = {"DATABASE_URL": url, "COUNTERSIGN_HEAD_GUARD": guard, "DJANGO_SETTINGS_MODULE": "console.settings"}
    state = {"COUNTERSIGN_STATE_DIR": str(settings.COUNTERSIGN_STATE_DIR), "COUNTERSIGN_ENV": "test"}
    return {**os.environ, **own, **state, "COUNTERSIGN_LOG_LEVEL": "WARNING"}


def _die(point: str) -> None:
    from ledger.services.seal import seal_window  # noqa: PLC0415 - after django.setup
    from tests.support.failpoints import CREATING, dying  # noqa: PLC0415 - after django.setup
    from tests.support.streams import new_stream  # noqa: PLC0415 - after django.setup

    with dying(point, partial(os._exit, DEAD)) as reached:
        if point in CREATING:
            new_stream()
        _append("large", b"x" * 40_000)
        seal_window(_stream().id, reason="request", reached=reached)


def _run(seconds: float, name: str) -> None:
    from ledger.services.seal import seal_window  # noqa: PLC0415 - after django.setup

    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        count += 1
        _append(f"{name}-{count}", b"{}")
        if count % 10 == 0:
            seal_window(_stream().id, reason="age")


def _load(seconds: float, name: str, threads: int) -> None:
    _append(f"{name}-ready", b"{}")
    sys.stdin.readline()
    end = time.monotonic() + seconds

    def one(who: int) -> None:
        count = 0
        while time.monotonic() < end:
            count += 1
            _append(f"{name}-{who}-{count}", b"{}")

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(one, who) for who in range(threads)]:
            done.result()


def _append(event_id: str, payload: bytes) -> None:
    from tests.support.streams import append, event  # noqa: PLC0415 - after django.setup

    for one in append(_stream(), event(event_id, payload)).appended:
        with _writing:
            sys.stdout.write(f"{one.index} {one.leaf_hash.hex()}\n")
            sys.stdout.flush()


def _stream() -> StreamView:
    from ledger.selectors.streams import stream  # noqa: PLC0415 - after django.setup

    return stream("acme", "decisions")


if __name__ == "__main__":
    main(*sys.argv[1:])
