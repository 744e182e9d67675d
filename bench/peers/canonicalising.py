"""P5: the same events through rfc8785. Answers in events a second."""

from __future__ import annotations

import rfc8785

from bench.events import event_of
from bench.timing import rate_of

_EVENTS = [event_of(number) for number in range(64)]


def sample() -> str:
    """The bytes of all events."""
    return b"\n".join(map(rfc8785.dumps, _EVENTS)).decode()


def canonicalise(times: int) -> float:
    """Canonicalise all events `times` times."""
    return rate_of(lambda: [rfc8785.dumps(event) for event in _EVENTS], times) * len(_EVENTS)
