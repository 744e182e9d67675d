"""Lines of upstream's event log as rows: when, what, who signed, whether that proves anything, and our decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from console import words
from console.evidenceos.authoring import Told, told_of
from governance.evidenceos.core.events import SIGNED_TYPES
from governance.evidenceos.core.jsons import compact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from governance.evidenceos.core.events import GovernanceEvent
    from governance.evidenceos.selectors.events import EventView


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line; `state` is of its signature, `when` a moment for signed types and an epoch for the others."""

    view: EventView
    state: str
    word: str
    when: str
    payload: str
    text: str
    told: tuple[Told, ...]


def event_rows(found: Sequence[EventView]) -> list[EventRow]:
    """The rows, newest line first."""
    return [_row(one) for one in reversed(found)]


def _row(view: EventView) -> EventRow:
    told = tuple(told_of(fault) for fault in view.faults)
    event = view.event
    if event is None:
        return EventRow(view, "fail", "not readable", "", "", "", told)
    state, word = _signature(event, told)
    text = event.to_line().decode().rstrip()
    return EventRow(view, state, word, _when(event), compact(event.payload).decode(), text, told)


def _signature(event: GovernanceEvent, told: tuple[Told, ...]) -> tuple[str, str]:
    if any(one.state == "fail" for one in told):
        return "fail", "does not verify"
    if event.event_type in SIGNED_TYPES:
        return "pass", "signed by its key"
    return "not_evaluated", "proves nothing by itself"


def _when(event: GovernanceEvent) -> str:
    if event.event_type not in SIGNED_TYPES:
        return f"epoch {words.grouped(event.epoch)}" if event.epoch else ""
    try:
        return words.moment(datetime.fromtimestamp(event.epoch, UTC))
    except (OverflowError, ValueError, OSError):
        return f"second {words.grouped(event.epoch)}"
