"""P5: canonical bytes of events. Answers in events a second."""

from __future__ import annotations

from bench.events import event_of
from bench.timing import rate_of
from ledger.core.canonical import canonical

# Few enough to stay in the processor's cache, where an event is that was just read.
_EVENTS = [event_of(number) for number in range(64)]


def sample() -> str:
    """The bytes of all events, to be compared with the peer's."""
    return b"\n".join(map(canonical, _EVENTS)).decode()


def canonicalise(times: int) -> float:
    """Canonicalise all events `times` times."""
    return rate_of(lambda: [canonical(event) for event in _EVENTS], times) * len(_EVENTS)
