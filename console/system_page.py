"""What the system ledger says of itself: what it holds, from when, what was refused, and what is still outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console import words
from ledger.services import spool

if TYPE_CHECKING:
    from ledger.selectors.streams import StreamView
    from ledger.selectors.system_facts import Holding


def completeness(stream: StreamView, held: Holding) -> list[tuple[str, str, str]]:
    """(state, name, sentence) for each thing that decides whether this log tells everything."""
    lines = [("pass", "Holds", _holds(stream, held)), _signed(held), _columns(held)]
    if (stream.namespace, stream.name) == ("_system", "events"):
        lines += [_refusals(held), _spool(), _strangers(held)]
    return lines


def _holds(stream: StreamView, held: Holding) -> str:
    since = f" since {words.moment(held.began)}" if held.began else ""
    count = words.counted(held.size, "leaf", "leaves")
    origin = f"{stream.namespace}/{stream.name}"
    last = words.grouped(held.size - 1)
    return f"{count} of {origin}, 0 to {last}, each bound to the one before{since}. Nothing before."


def _signed(held: Holding) -> tuple[str, str, str]:
    rest = held.size - held.signed
    told = f"The first {words.grouped(held.signed)} stand under a signed root" if held.signed else "No signed root yet"
    if not rest:
        return "pass", "Signed", f"{told}: all of them."
    return (
        "not_evaluated",
        "Signed",
        f"{told}; {words.counted(rest, 'newer one waits', 'newer ones wait')} for a window.",
    )


def _columns(held: Holding) -> tuple[str, str, str]:
    if held.unread:
        told = words.counted(held.unread, "leaf is", "leaves are")
        return (
            "stale",
            "Searched",
            f"{told} not in the search columns yet and not searched here. They are being filled.",
        )
    direct = held.size - held.indexed
    if direct:
        told = "the newest one was" if direct == 1 else f"the newest {words.grouped(direct)} were"
        return "pass", "Searched", f"All leaves; {told} read directly for this page."
    return "pass", "Searched", "All leaves."


def _refusals(held: Holding) -> tuple[str, str, str]:
    if not held.refusals:
        return "pass", "Refusals", "The database refused no try to change or remove what is final."
    told = words.counted(held.refusals, "try", "tries")
    events = words.counted(held.told_refusals, "event")
    return "stale", "Refusals", f"The database refused {told} to change or remove what is final; {events} tell of it."


def _spool() -> tuple[str, str, str]:
    reading = spool.read()
    if reading.broken:
        told = words.counted(reading.broken, "break")
        return "fail", "Outside", f"The spool of this machine has {told}: lines were changed or lost there."
    if reading.records:
        told = words.counted(len(reading.records), "record waits", "records wait")
        return "stale", "Outside", f"{told} in the spool of this machine, noted while the database was away."
    return "pass", "Outside", "Nothing waits in the spool of this machine."


def _strangers(held: Holding) -> tuple[str, str, str]:
    if held.broken_spools:
        told = words.counted(held.broken_spools, "event tells", "events tell")
        return "stale", "Lost", f"{told} of a broken spool: what stood in those lines is lost to this log."
    if held.strangers:
        told = words.counted(held.strangers, "denial")
        return "pass", "On its way", f"{told} of callers nobody knows, summed and entered when their minute is over."
    return "pass", "On its way", "No denial is being summed."
