"""Streams and events for tests of the ledger, and threads that give their connections back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connections

from ledger.core.event import RawEvent
from ledger.selectors import streams
from ledger.selectors.streams import StreamView
from ledger.services.append import AppendResult, append_events
from ledger.services.streams import StreamOptions, create_stream

T = TypeVar("T")
ACTOR = "key:tests"


def new_stream(name: str = "decisions", namespace: str = "acme", **options: Any) -> StreamView:
    """A fresh stream."""
    return create_stream(namespace, name, actor=ACTOR, options=StreamOptions(**options))


def fresh(stream: StreamView) -> StreamView:
    """The same stream as it is now."""
    return streams.stream(stream.namespace, stream.name)


def event(event_id: object, payload: bytes = b'{"a":1}', **more: Any) -> RawEvent:
    """An event whose id is `event_id`."""
    return RawEvent(**{"type": "t.test", "id": str(event_id), "source": "urn:tests", "payload": payload, **more})


def events(ids: Iterable[object]) -> list[RawEvent]:
    """One event for each id."""
    return [event(one) for one in ids]


def append(stream: StreamView, *given: RawEvent, **more: Any) -> AppendResult:
    """Append these events."""
    return append_events(stream, given, actor=ACTOR, **more)


def at_once(calls: Iterable[Callable[[], T]], threads: int = 8) -> list[Future[T]]:
    """Run all calls in threads and wait; results and errors stay in the futures."""

    def closing(call: Callable[[], T]) -> T:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return [pool.submit(closing, call) for call in calls]
