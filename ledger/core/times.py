"""The one spelling of a point in time: RFC 3339 UTC with exactly six digits of a second.

Fixed width makes the order of the strings the order of the times, so a verifier can compare a hundred
thousand of them without parsing.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from ledger.errors import LeafSchema

LAST_SECOND = 253_402_300_799
"""9999-12-31T23:59:59Z, the last second that has a spelling, in POSIX seconds."""

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z", re.ASCII)


def format_time(moment: datetime) -> str:
    """Spell an aware `moment` in UTC with microseconds, e.g. `2026-11-21T09:16:58.123456Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def time_at(seconds: int) -> str:
    """Spell a POSIX time; one outside of 1970 to 9999 has no spelling and becomes the nearest that has one."""
    return format_time(datetime.fromtimestamp(min(max(seconds, 0), LAST_SECOND), UTC))


def parse_time(text: str) -> datetime:
    """Read exactly that spelling; raises LeafSchema for any other, also for the 31st of February."""
    if _FORM.fullmatch(text) is None:
        raise LeafSchema("A time is not UTC with six digits of a second", why=repr(text))
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise LeafSchema("A time names a moment that does not exist", why=repr(text)) from error
