"""Search columns from opened attributes, and places in the log of heads from its leaves.

An erasure that goes on meanwhile wins: the attributes' row is locked before their words are written, so that whoever
deletes it empties the search columns afterwards. Places have no right of deletion but the owner's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import connections

from ledger.core.head import head_of
from ledger.errors import IntegrityLost
from ledger.models import EventIndex, LoggedHead, Stream
from ledger.selectors.heads import is_log_of_heads
from ledger.services.raw import RawCursor, own_transaction
from ledger.services.rebuild_differences import Differences
from ledger.services.store_findings import StoreFindings
from ledger.services.store_frozen import Frozen
from ledger.services.store_rows import WORDS, Beside, Row, Rows, columns_of

_ATTRIBUTES = "SELECT 1 FROM ledger_object WHERE stream_id = %s AND index = %s AND role = 'attrs' FOR SHARE"
_WRITE = """
INSERT INTO ledger_eventindex (stream_id, index, type, source, event_id, subject, claimed_time, recorded)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (stream_id, index) DO UPDATE
SET type = EXCLUDED.type, source = EXCLUDED.source, event_id = EXCLUDED.event_id, subject = EXCLUDED.subject,
    claimed_time = EXCLUDED.claimed_time, recorded = EXCLUDED.recorded
"""
_REMOVE = "DELETE FROM ledger_eventindex WHERE stream_id = %s AND index = ANY(%b::bigint[])"
_FORGET_PLACE = "DELETE FROM ledger_loggedhead WHERE (stream_id = %s AND size = %s) OR index = %s"
_PLACE = "INSERT INTO ledger_loggedhead (stream_id, size, index) VALUES (%s, %s, %s)"


class MendedRows:
    """Looks at each chunk of leaves, as a verification does, and mends rows."""

    def __init__(self, frozen: Frozen, found: Differences, *, dry_run: bool) -> None:
        self._frozen, self._found, self._dry_run = frozen, found, dry_run
        self._stream_id = frozen.stream.id
        self._reader = Rows(frozen, StoreFindings())
        self._streams: dict[str, int] = {}
        self._wrong_places: list[tuple[int, int, int, str]] = []

    def check(self, first: int, last: int, rows: Sequence[Row]) -> Beside:
        """Compare and mend what stands beside leaves [first, last)."""
        events = [row for row in rows if row.leaf.kind == "event"]
        beside = self._reader.opened(first, last, rows, events)
        wrong = self._differing(first, last, events, beside)
        if wrong and not self._dry_run:
            self._write(wrong)
        if is_log_of_heads(self._frozen.stream):
            self._compare_places(first, last, rows)
        return Beside()

    def end(self) -> None:
        """Give head leaves their places, by the owner's right where a wrong one has to go. Raises IntegrityLost."""
        for _, size, index, origin in self._wrong_places:
            self._found.differs("places of heads", f"{origin}, {size}", f"leaf {index}")
        if self._wrong_places and not self._dry_run:
            _place_anew(self._wrong_places)

    def _differing(
        self, first: int, last: int, events: Sequence[Row], beside: Beside
    ) -> dict[int, tuple[Any, ...] | None]:
        """Columns by index that are not as they should be; None for a row that should not be."""
        found = EventIndex.objects.filter(stream_id=self._stream_id, index__gte=first, index__lt=last)
        stored = {row[0]: row[1:] for row in found.values_list("index", *WORDS)}
        gone = {index for index, role in beside.gone if role == "attrs"}
        wrong: dict[int, tuple[Any, ...] | None] = {}
        for row in events:
            index = int(row.leaf.index)
            held, attrs = stored.pop(index, None), beside.attrs.get(index)
            if attrs is None and index not in gone:
                continue  # they do not open: nothing is made from them
            expected = columns_of(row.leaf, attrs)
            if held != expected and (held is not None or attrs is not None):
                wrong[index] = expected
        wrong.update(dict.fromkeys(stored))
        for index, columns in sorted(wrong.items()):
            self._found.differs("search columns", f"index {index}", "removed" if columns is None else "written")
        return wrong

    def _write(self, wrong: dict[int, tuple[Any, ...] | None]) -> None:
        with own_transaction() as cursor:
            for index, columns in wrong.items():
                if columns is not None:
                    cursor.execute(_WRITE, (self._stream_id, index, *self._still(cursor, index, columns)))
            removed = [index for index, columns in wrong.items() if columns is None]
            cursor.execute(_REMOVE, (self._stream_id, removed))

    def _still(self, cursor: RawCursor, index: int, columns: tuple[Any, ...]) -> tuple[Any, ...]:
        """The columns, or those of erased attributes where they have gone since."""
        if cursor.execute(_ATTRIBUTES, (self._stream_id, index)).fetchone() is not None:
            return columns
        return (columns[0], None, None, None, None, columns[-1])

    def _compare_places(self, first: int, last: int, rows: Sequence[Row]) -> None:
        found = LoggedHead.objects.filter(index__gte=first, index__lt=last, log__isnull=True)
        stored = {
            index: (stream_id, size) for index, stream_id, size in found.values_list("index", "stream_id", "size")
        }
        for row in rows:
            if row.leaf.kind != "head":
                continue
            head = head_of(row.leaf)
            stream_id = self._stream_of(head.origin)
            if stream_id is not None and stored.get(int(row.leaf.index)) != (stream_id, head.size):
                self._wrong_places.append((stream_id, int(head.size), int(row.leaf.index), head.origin))

    def _stream_of(self, origin: str) -> int | None:
        if origin not in self._streams:
            found = Stream.objects.filter(origin=origin).values_list("pk", flat=True).first()
            self._streams[origin] = found or 0
        return self._streams[origin] or None


def _place_anew(places: Sequence[tuple[int, int, int, str]]) -> None:
    if "owner" not in settings.DATABASES:
        raise IntegrityLost(
            "Places of heads are wrong, and only the owner of the tables may replace them",
            why=f"{len(places)} places",
            next_step="Run it again with DATABASE_OWNER_URL set.",
        )
    owner = connections["owner"]
    with owner.cursor() as cursor:
        for stream_id, size, index, _ in places:
            cursor.execute(_FORGET_PLACE, (stream_id, size, index))
        for stream_id, size, index, _ in places:
            cursor.execute(_PLACE, (stream_id, size, index))
    owner.close()
