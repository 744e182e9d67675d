"""Pauses of the signer: whether, and why, the keys of a stream may not sign now.

Guarantees that a pause of all streams holds for each, and that one which an operator ended elsewhere, or began, is
known here within a second.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Q, QuerySet

from ledger.models import SignerPause

KNOWN_FOR_S: Final = 1.0
_known: dict[tuple[str, int], tuple[float, str]] = {}


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause in force; `stream` is None for one of all streams."""

    stream: int | None
    reason: str
    actor: str
    at: datetime


def pause_reason(stream_id: int) -> str:
    """Why the keys of the stream may not sign, '' where they may; at most a second old."""
    now, place = time.monotonic(), (str(connection.settings_dict["NAME"]), stream_id)
    at, reason = _known.get(place, (-KNOWN_FOR_S, ""))
    if now - at < KNOWN_FOR_S:
        return reason
    reason = next((pause.reason for pause in pauses_of(stream_id)), "")
    _known[place] = (now, reason)
    return reason


def pauses_of(stream_id: int) -> list[Pause]:
    """The pauses in force for one stream: that of all first, then its own."""
    rows = SignerPause.objects.filter(Q(stream_id=stream_id) | Q(stream_id__isnull=True))
    return _in_force(rows.order_by("stream_id", "-id").distinct("stream_id"))


def all_pauses() -> list[Pause]:
    """Every pause in force."""
    return _in_force(SignerPause.objects.order_by("stream_id", "-id").distinct("stream_id"))


def _in_force(rows: QuerySet[SignerPause]) -> list[Pause]:
    found = [row for row in rows if row.paused]
    found.sort(key=lambda row: row.stream_id is not None)
    return [Pause(row.stream_id, row.reason, row.actor, row.at) for row in found]


def forget_pauses() -> None:
    """Read anew: this process has just changed one."""
    _known.clear()
