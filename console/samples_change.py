"""Sample data for the parts of governed change; nothing here is a decision."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime


def change_parts(now: datetime) -> dict[str, Any]:
    """Effect card, approval places, stepper and timeline of one made-up change."""
    return {"effect": _effect(), "places": _places(now), "steps": _steps(), "timeline": _timeline(now)}


def _effect() -> dict[str, Any]:
    return {
        "title": "Longer TTL for the oracle weather-eu",
        "way": "loosens",
        "way_words": "loosens: readings are believed for longer",
        "lines": [
            {"name": "Time to live", "path": "/oracle/ttl_s", "old": "1 h (3,600 s)", "new": "2 h (7,200 s)"},
            {"name": "Reason shown to readers", "path": "/oracle/note", "old": None, "new": "Feed is slow on Sundays"},
        ],
        "invalidates": ["Contract drift-eu-7: its resolution hash is computed with the old TTL."],
        "way_back": "Back to 1 h, by one executor and without a lock, within 60 min while nothing else has moved.",
    }


def _places(now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "group": "ops", "person": "Amina Diallo", "key": "decision key 7c1e", "custody": "passkey (declared)",
            "revision": 3, "when": now - timedelta(minutes=42), "code": "harbor lemon cliff atlas onyx maple",
        },
        {
            "group": "ops", "person": None, "could": "Jonas Weber, Li Na",
            "rule": "Two people of ops who have not touched this change.",
        },
        {
            "group": "science", "person": None, "could": "", "why": "the only member edited revision 2",
            "rule": "One person of science.",
        },
    ]  # fmt: skip


def _steps() -> list[dict[str, str]]:
    return [
        {"name": "Draft", "word": "revision 3", "state": "done"},
        {"name": "Review", "word": "1 of 3 approvals", "state": "now"},
        {"name": "Time lock", "word": "24 h after the last approval", "state": "next"},
        {"name": "Ready", "word": "by another executor", "state": "next"},
        {"name": "Applied", "word": "observed for 60 min", "state": "next"},
    ]


def _timeline(now: datetime) -> list[dict[str, Any]]:
    return [
        {"state": "pass", "what": "Amina Diallo approved revision 3.", "who": "decision key 7c1e", "index": 1842,
         "when": now - timedelta(minutes=42), "href": "#"},
        {"state": "stale", "what": "Revision 3 replaced revision 2; one approval fell.", "who": "Noor Haddad",
         "index": 1840, "when": now - timedelta(hours=2), "href": "#"},
        {"state": "fail", "what": "An approval by the author was refused: contributed.", "who": "Noor Haddad",
         "index": 911, "when": now - timedelta(hours=3), "href": "#"},
        {"state": "not_evaluated", "what": "Submitted for review.", "who": "Noor Haddad", "index": 1836,
         "when": now - timedelta(hours=4), "href": "#"},
    ]  # fmt: skip
