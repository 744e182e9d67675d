"""Sample data for lists, charts and banners; nothing here is evidence."""

from __future__ import annotations

from typing import Any

from console import history_charts
from console.context import Posture
from console.listing.order import Heading, Sorting
from ledger.selectors.keyset import Order

_HOURS = 48


def list_parts() -> dict[str, Any]:
    """A strip, bars, a list that is sorted and paged, banners, and the steps of a change that was vetoed."""
    counts = [hour * 37 % 90 for hour in range(_HOURS)]
    return {
        "strip": history_charts.strip([_cell(hour) for hour in range(_HOURS)], "One health path over two days"),
        "rate": history_charts.rate(counts, [f"{count} events" for count in counts], "Events over two days"),
        "sort": Sorting("-size", Order(()), None, {
            "name": Heading("?sort=name", ""), "size": Heading("?sort=size", "descending"),
            "recorded": Heading("?sort=recorded", ""), "signed": Heading("?sort=signed", "ascending"),
        }),
        "ranges": {"choices": [
            {"href": "?since=24h", "word": "24 hours", "chosen": True}, {"href": "?", "word": "Everything"},
        ], "frozen": "?from=2026-11-20"},
        "paged": {"alone": False, "first": "?", "following": "?after=1"},
        "banners": _banners(), "ended": _ended(),
    }  # fmt: skip


def _cell(hour: int) -> tuple[str, str]:
    states = {12: "", 13: "", 20: "stale", 21: "stale", 22: "fail", 40: "not_evaluated"}
    state = states.get(hour, "pass")
    return state, state or "not checked"


def _banners() -> list[Posture]:
    return [
        Posture(
            "fail", "Everything is frozen.", "No change is carried out until a change thaws it.", "All freezes", "#"
        ),
        Posture(
            "stale", "Reliance on leaves 40 to 58 of acme/decisions is paused.", "Key ceremony.", "All pauses", "#"
        ),
    ]


def _ended() -> list[dict[str, str]]:
    return [
        {"name": "Draft", "word": "revision 1", "state": "done"},
        {"name": "Review", "word": "2 of 2 approvals", "state": "done"},
        {"name": "Time lock", "word": "1 h", "state": "next"},
        {"name": "Ready", "word": "", "state": "next"},
        {"name": "Vetoed", "word": "2026-11-21 09:16 UTC", "state": "ended"},
    ]
