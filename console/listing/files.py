"""A list as a file: CSV or JSON Lines of the current filter, whole or not at all.

Guarantees that a manifest (who, which list and filter, rows, SHA-256) stands in `_system/events`, or in the spool,
before the first byte leaves; that rows are read by keyset and written to disk one by one; and that a list beyond
100,000 rows is refused instead of cut.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any, Generic, TypeVar

from django.http import FileResponse

from console import words
from console.listing.cells import cell, plain
from console.views.visit import Refused
from ledger.services import system_events
from ledger.services.system_event import SystemEvent

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from console.views.visit import Visit

T = TypeVar("T")
MOST = 100_000
CHUNK = 2_000
CSV, LINES = "csv", "jsonl"
_TYPES = {CSV: "text/csv; charset=utf-8", LINES: "application/x-ndjson"}
_NOT_TOLD = frozenset({"subject", "source", "q"})
"""Filters whose values are content: the manifest says that they were given, and not what."""


@dataclass(frozen=True)
class Listed(Generic[T]):
    """A list: its name, where it is (`namespace/name`), its columns, and how a chunk behind a row is read."""

    name: str
    place: str
    columns: Mapping[str, Callable[[T], Any]]
    read: Callable[[T | None, int], Sequence[T]]
    filters: Mapping[str, Any] = field(default_factory=dict)


def wanted(visit: Visit) -> str:
    """The form that was asked for by `format`, or nothing."""
    form = visit.request.GET.get("format", "")
    return form if form in _TYPES else ""


def answer(visit: Visit, listed: Listed[Any], form: str) -> HttpResponseBase:
    """Write the file, enter its manifest, then hand it over; raises Refused beyond 100,000 rows."""
    body = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    try:
        rows, digest = _written(body, listed, form)
    except BaseException:
        body.close()
        raise
    _enter(visit, listed, form, rows, digest.hex())
    body.seek(0)
    name = "-".join(filter(None, (listed.place.replace("/", "-").strip("_-"), listed.name)))
    response = FileResponse(body, as_attachment=True, filename=f"{name}.{form}", content_type=_TYPES[form])
    response["Repr-Digest"] = f"sha-256=:{b64encode(digest).decode()}:"
    response["Cache-Control"] = "no-store"
    return response


def _written(body: IO[bytes], listed: Listed[Any], form: str) -> tuple[int, bytes]:
    digest, rows = hashlib.sha256(), 0
    for line in _lines(listed, form):
        digest.update(line)
        body.write(line)
        rows += 1
    return (rows - 1 if form == CSV else rows), digest.digest()


def _lines(listed: Listed[Any], form: str) -> Iterator[bytes]:
    if form == CSV:
        yield _csv(list(listed.columns))
    for row in _rows(listed):
        values = {name: value(row) for name, value in listed.columns.items()}
        if form == CSV:
            yield _csv([cell(one) for one in values.values()])
        else:
            yield json.dumps({name: plain(one) for name, one in values.items()}, ensure_ascii=False).encode() + b"\n"


def _csv(cells: Sequence[str]) -> bytes:
    """One line by RFC 4180."""
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()


def _rows(listed: Listed[T]) -> Iterator[T]:
    last: T | None = None
    count = 0
    while chunk := listed.read(last, CHUNK):
        count += len(chunk)
        if count > MOST:
            raise _too_many()
        yield from chunk
        last = chunk[-1]
        if len(chunk) < CHUNK:
            return


def _enter(visit: Visit, listed: Listed[Any], form: str, rows: int, digest: str) -> None:
    given = {name: value for name, value in listed.filters.items() if value not in {None, ""}}
    told = {name: "given" if name in _NOT_TOLD else str(plain(value)) for name, value in given.items()}
    facts = {
        "actor": visit.principal.actor, "list": listed.name, "of": listed.place, "filter": told, "format": form,
        "rows": rows, "sha256": digest,
    }  # fmt: skip
    system_events.record(SystemEvent.LIST_EXPORTED, facts, request_id=visit.request_id)


def _too_many() -> Refused:
    return Refused(
        f"This list has more than {words.grouped(MOST)} rows.",
        "A file is written whole or not at all, and it would be cut.",
        "Narrow the filter, or export a bundle: it carries any range, with its proofs.",
    )
