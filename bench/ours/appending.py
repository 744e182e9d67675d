"""P3 and P4: appending in process, receipts included. Answers in events a second."""

from __future__ import annotations

import bench.ours.product  # isort: skip  # noqa: F401  sets Django up before the ledger is imported

import secrets
from itertools import count
from typing import Any

from django.db import connections

from bench.events import event_of
from bench.timing import at_once, rate_of
from ledger.core.event import RawEvent
from ledger.core.ingest import Defaults, from_plain
from ledger.selectors.streams import StreamView, stream
from ledger.services.append import append_events
from ledger.services.streams import create_stream

ACTOR = "key:bench"
_RUN = secrets.token_hex(4)
_numbers = count()


def prepare(name: str) -> int:
    """A fresh stream; returns its id."""
    return create_stream("bench", name, actor=ACTOR).id


def batches(name: str, times: int, size: int) -> float:
    """Batches of `size`, one after the other, each committed and receipted."""
    target = stream("bench", name)
    given = iter([[_event() for _ in range(size)] for _ in range(times)])
    return rate_of(lambda: _appended(target, next(given)), times) * size


def singles(name: str, threads: int, seconds: float) -> float:
    """Single events in threads, each committed and receipted before the next."""
    target = stream("bench", name)

    def one(close: bool) -> None:  # noqa: FBT001  called by at_once alone
        if close:
            connections.close_all()
        else:
            _appended(target, [_event()])

    return at_once(one, threads, seconds)


def size(name: str) -> int:
    """Leaves of the stream."""
    return stream("bench", name).size


def _appended(target: StreamView, events: list[RawEvent]) -> None:
    result: Any = append_events(target, events, actor=ACTOR)
    assert len(result.appended) == len(events)
    assert all(one.receipt.signatures for one in result.appended)


def _event() -> RawEvent:
    return from_plain(event_of(next(_numbers), _RUN), Defaults("", ""))
