"""What can be found on any machine: one file per source, each from text or metadata to events.

Every source answers with a `Found`, also when it found nothing: then `sentence` says why.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.core.event import RawEvent


@dataclass(frozen=True)
class Found:
    """Events of one source in a stable order, and one sentence about them for the terminal."""

    events: tuple[RawEvent, ...]
    sentence: str


def without_repeats(events: Iterable[RawEvent]) -> tuple[RawEvent, ...]:
    """The events in their order, each (source, id) once: a package may be visible under two paths."""
    return tuple({(event.source, event.id): event for event in events}.values())
