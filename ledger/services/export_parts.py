"""The parts of a bundle, written to temporary files in one pass over the range.

Memory does not grow with the number of events: leaves, receipts and objects go from the database to their
files a thousand at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from ledger.core.bundle import (
    LEAVES,
    OBJECTS,
    RECEIPTS,
    Disclosed,
    Disclosure,
    Part,
    Period,
    Population,
    object_line,
)
from ledger.core.bundle.layout import blob_name
from ledger.core.types import JSONObject, LeafIndex
from ledger.core.verify.period import judge
from ledger.errors import CommitmentMismatch, NotThere, PayloadErased
from ledger.models import INLINE_LIMIT
from ledger.selectors.leaves import LeafView, ObjectView, leaves, objects_at
from ledger.selectors.receipts import receipts_of
from ledger.selectors.streams import StreamView
from ledger.services.alterations import opened_or_recorded

CHUNK = 1_000
_READ = 1 << 20
Pair = tuple[ObjectView | None, ObjectView | None]


class PartFile:
    """One part that grows line by line in a file."""

    def __init__(self, path: Path) -> None:
        self._path, self._file = path, path.open("wb")
        self._digest, self._size = sha256(), 0

    def write(self, data: bytes) -> None:
        """Append bytes."""
        self._file.write(data)
        self._digest.update(data)
        self._size += len(data)

    def line(self, data: bytes) -> None:
        """Append a line."""
        self.write(data + b"\n")

    def close(self) -> Part:
        """The finished part."""
        self._file.close()
        return Part(self._size, self._digest.hexdigest(), lambda: _chunks(self._path))


@dataclass
class Counts:
    """What was seen on the way."""

    events: int = 0
    matching: int = 0
    outside: int = 0
    absent: dict[str, int] = field(default_factory=dict)

    def population(self, period: Period | None) -> Population:
        """The population for the manifest."""
        if period is None:
            return Population(self.events, self.events)
        return Population(self.events, self.matching, self.outside)

    def lacking(self) -> tuple[str, ...]:
        """What is lacking, in words: named, never patched."""
        names = {"attrs": "attributes", "payload": "payloads"}
        return tuple(
            f"{names[role]} of {count:,} events are no longer stored" for role, count in sorted(self.absent.items())
        )


@dataclass
class RangeWriter:
    """Writes leaves, receipts and objects of a range into `folder`; `tell` is told how many leaves are
    through. Of a log that travels inside another's bundle, `only` these leaves' objects are written.
    """

    stream: StreamView
    folder: Path
    shown: Disclosure
    period: Period | None
    tell: Callable[[int], object]
    only: frozenset[int] | None = None
    counts: Counts = field(default_factory=Counts)
    parts: dict[str, Part] = field(default_factory=dict)

    def write(self, first: int, last: int) -> dict[str, Part]:
        """The parts over leaves `first` to `last`, both inside."""
        roles = {"attrs": self.shown.attrs, "payload": self.shown.payloads}
        names = [LEAVES, *([RECEIPTS] if self.shown.receipts else [])]
        names += [OBJECTS[role] for role, flag in roles.items() if flag or self.only is not None]
        files = {name: PartFile(self.folder / name.replace("/", "-")) for name in names}
        done = 0
        for chunk in _chunked(leaves(self.stream, first, last + 1)):
            self._chunk(files, chunk)
            done += len(chunk)
            self.tell(done)
        return {**self.parts, **{name: file.close() for name, file in files.items()}}

    def _chunk(self, files: dict[str, PartFile], chunk: list[LeafView]) -> None:
        for one in chunk:
            files[LEAVES].line(one.bytes)
        events = [one for one in chunk if one.kind == "event"]
        self.counts.events += len(events)
        if RECEIPTS in files:
            for signed in receipts_of(self.stream, events):
                files[RECEIPTS].line(signed.to_bytes())
        if self.only is not None:
            events = [one for one in events if one.index in self.only]
        if self.period is not None or self.shown.attrs or self.shown.payloads or self.only:
            held = objects_at(self.stream, [one.index for one in events])
            for one in events:
                self._objects(files, one, held.get(one.index, (None, None)))

    def _objects(self, files: dict[str, PartFile], event: LeafView, held: Pair) -> None:
        if self.period is not None:
            self._judge(self.period, event, held[0])
        for role, one in zip(("attrs", "payload"), held, strict=True):
            if OBJECTS[role] in files:
                line = self._line(event, role, one)
                if line is not None:
                    files[OBJECTS[role]].line(line)

    def _line(self, event: LeafView, role: str, held: ObjectView | None) -> bytes | None:
        """The line of an object; None, counted, where it is gone."""
        index = event.index
        try:
            data = self._as_stored(event, role, held) if held is not None else None
        except PayloadErased:
            data = None
        if held is None or data is None:
            self.counts.absent[role] = self.counts.absent.get(role, 0) + 1
            return None
        if role == "payload" and len(data) > INLINE_LIMIT:
            return self._apart(index, held, data)
        return object_line(Disclosed(LeafIndex(index), held.media_type, held.salt, data))

    def _as_stored(self, event: LeafView, role: str, held: ObjectView) -> bytes:
        """Altered bytes go along, recorded: the verifier then rejects the bundle, and the bundle shows why."""
        with suppress(CommitmentMismatch):
            return opened_or_recorded(self.stream, event, role, held, door="export")
        return held.data

    def _apart(self, index: int, held: ObjectView, data: bytes) -> bytes:
        """A large payload is a file of its own."""
        name = blob_name(index)
        part = PartFile(self.folder / name.replace("/", "-"))
        part.write(data)
        self.parts[name] = part.close()
        return object_line(Disclosed(LeafIndex(index), held.media_type, held.salt, None, name))

    def _judge(self, period: Period, event: LeafView, held: ObjectView | None) -> None:
        attrs = held.json if held is not None else {}
        kind = str(event.envelope["type"])
        matches, strays = judge(period, kind, cast("JSONObject", attrs), event.recorded)
        self.counts.matching += matches
        self.counts.outside += strays


def file_part(path: Path) -> Part:
    """A part over a file that is there already."""
    digest = sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return Part(path.stat().st_size, digest.hexdigest(), lambda: _chunks(path))


def _chunked(rows: Iterator[LeafView]) -> Iterator[list[LeafView]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _chunks(path: Path) -> Iterator[bytes]:
    try:
        file: BinaryIO = path.open("rb")
    except FileNotFoundError as error:
        raise NotThere("A part of the bundle has gone", why=path.name) from error
    with file:
        while chunk := file.read(_READ):
            yield chunk
