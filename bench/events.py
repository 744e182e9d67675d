"""The events of all benchmarks: the example of the interface with a number in it, about 200 bytes, no floats."""

from __future__ import annotations

import json
from typing import Any

_OUTCOMES = ("approve", "refer", "decline")


def event_of(number: int, run: str = "b") -> dict[str, Any]:
    """Event `number` in the plain form; `run` keeps the ids of one run apart from those of another."""
    return {
        "type": "ai.decision",
        "id": f"{run}-{number}",
        "source": "urn:acme:scoring",
        "time": "2026-11-21T09:16:58Z",
        "subject": f"case-{number % 9973}",
        "sequence": str(number),
        "payload": {"model": "m-3", "outcome": _OUTCOMES[number % 3], "score": number % 1000},
    }


def line_of(number: int, run: str = "b") -> bytes:
    """The same as a client sends it."""
    return json.dumps(event_of(number, run), separators=(",", ":")).encode()
