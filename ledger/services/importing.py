"""Imports: a file of lines into a stream, in batches, resumable, with an exact count at the end.

Guarantees that every line before a refused one is in the stream, and that running the same import again adds
nothing twice: what is there already is found by (source, id) and counted as such.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from ledger.core.event import RawEvent
from ledger.errors import LedgerError
from ledger.selectors.streams import StreamView
from ledger.services.answers import Placed
from ledger.services.append import append_events
from ledger.services.import_formats import Line, Reader
from ledger.services.receipt_pending import ReceiptPending

BATCH_EVENTS = 1_000
BATCH_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Imported:
    """How many lines were read, how many events that added, and how many were there before."""

    lines: int = 0
    appended: int = 0
    replayed: int = 0


Tell: TypeAlias = Callable[[Imported], None]


def _silence(_so_far: Imported) -> None:
    """Nobody listens."""


def import_lines(
    stream: StreamView,
    lines: Iterable[bytes],
    read: Reader,
    *,
    actor: str,
    source: str,
    tell: Tell = _silence,
) -> Imported:
    """Append the events of `lines` (empty ones are skipped); `tell` hears of each batch.

    Raises what reading and appending raise, with the line in `path`; what came before stays.
    """
    so_far = Imported()
    for last, batch in _batches(_events(lines, read, source)):
        again = sum(one.replayed for one in _kept(stream, batch, actor))
        so_far = Imported(last, so_far.appended + len(batch) - again, so_far.replayed + again)
        tell(so_far)
    return so_far


def _kept(stream: StreamView, batch: list[RawEvent], actor: str) -> tuple[Placed, ...]:
    """Where they stand; an import needs no receipts, which can be fetched when the signer can sign again."""
    try:
        return append_events(stream, batch, actor=actor).appended
    except ReceiptPending as pending:
        return pending.placed


def _events(lines: Iterable[bytes], read: Reader, source: str) -> Iterator[tuple[int, RawEvent]]:
    for number, data in enumerate(lines, 1):
        if not data.strip():
            continue
        try:
            yield number, read(Line(number, data.rstrip(b"\r\n"), source))
        except LedgerError as error:
            if not error.path.startswith("line "):
                error.path = f"line {number}: {error.path or '$'}"
            raise


def _batches(events: Iterable[tuple[int, RawEvent]]) -> Iterator[tuple[int, list[RawEvent]]]:
    """Batches with the number of their last line; what was read before a refused line is yielded first."""
    batch: list[RawEvent] = []
    last = size = 0
    try:
        for number, event in events:
            batch.append(event)
            last, size = number, size + len(event.payload)
            if len(batch) == BATCH_EVENTS or size >= BATCH_BYTES:
                yield last, batch
                batch, size = [], 0
    except LedgerError:
        if batch:
            yield last, batch
        raise
    if batch:
        yield last, batch
