"""How numbers, sizes, durations and moments are written for people. Pure; the clock is an argument."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ledger.core.durations import duration

__all__ = ["ago", "counted", "day", "duration", "grouped", "listed", "machine_moment", "moment", "size"]

_KIB = 1024
_BINARY_UNITS = ("KiB", "MiB", "GiB", "TiB")


def grouped(number: int) -> str:
    """`4,812`: thousands separated by commas."""
    return f"{number:,}"


def counted(number: int, one: str, many: str = "") -> str:
    """`1 event`, `4,812 events`; `many` where adding an s is wrong."""
    return f"{grouped(number)} {one if number == 1 else many or one + 's'}"


def size(octets: int) -> str:
    """`812 bytes`, `3.4 KiB`, `12 MiB`."""
    if octets < _KIB:
        return counted(octets, "byte")
    step = min((octets.bit_length() - 1) // 10, len(_BINARY_UNITS))
    value = octets / _KIB**step
    return f"{value:.1f} {_BINARY_UNITS[step - 1]}" if value < 10 else f"{value:,.0f} {_BINARY_UNITS[step - 1]}"


def moment(when: datetime) -> str:
    """`2026-11-21 09:16:58 UTC`."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def machine_moment(when: datetime) -> str:
    """The same moment for programs and `<time datetime>`: RFC 3339 in UTC, to the microsecond."""
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def ago(when: datetime, now: datetime) -> str:
    """`just now`, `3 min 20 s ago`, `in 4 h`."""
    span = now - when
    if abs(span) < timedelta(seconds=1):
        return "just now"
    return f"{duration(span)} ago" if span > timedelta(0) else f"in {duration(-span)}"


def day(when: datetime) -> str:
    """`14 Dec 2026`."""
    when = when.astimezone(UTC)
    return f"{when.day} {when:%b %Y}"


def listed(items: list[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`; `last` stands before the last one."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {last} {items[-1]}" if items else ""
