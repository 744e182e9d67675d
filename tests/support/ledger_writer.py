"""A process of its own that appends and seals, says what it was promised, and may die at a failpoint.

`python -m tests.support.ledger_writer die POINT`: one round with a large object, dead at POINT by os._exit.
`python -m tests.support.ledger_writer run SECONDS NAME`: appends and seals that long, as NAME. Every receipt is one
line: index, leaf hash.
"""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

import django
from django.conf import settings

if TYPE_CHECKING:
    from ledger.selectors.streams import StreamView

DEAD = 137


def main(act: str, *given: str) -> None:
    django.setup()
    if act == "die":
        _die(given[0])
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


def _append(event_id: str, payload: bytes) -> None:
    from tests.support.streams import append, event  # noqa: PLC0415 - after django.setup

    for one in append(_stream(), event(event_id, payload)).appended:
        sys.stdout.write(f"{one.index} {one.leaf_hash.hex()}\n")
        sys.stdout.flush()


def _stream() -> StreamView:
    from ledger.selectors.streams import stream  # noqa: PLC0415 - after django.setup

    return stream("acme", "decisions")


if __name__ == "__main__":
    main(*sys.argv[1:])
