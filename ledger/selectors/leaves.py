"""Leaves and events: the stored bytes, read back through the strict parser, and what was disclosed beside
them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from ledger.core import envelope as envelopes
from ledger.core.commitment import open_commitment
from ledger.core.envelope import Envelope
from ledger.core.strict_json import parse
from ledger.core.types import JSON, Hash, JSONObject
from ledger.errors import CommitmentMismatch, EventInvalid, NotThere, PayloadErased
from ledger.models import EventIndex, Leaf, LeafObject
from ledger.selectors.streams import StreamView
from ledger.storage import store

CHUNK = 1_000
_ALTERED = {
    "attrs": "The stored attributes are not the ones this leaf commits to",
    "payload": "The stored payload is not the one this leaf commits to",
}


@dataclass(frozen=True)
class LeafView:
    """One leaf. `hash` is computed from `bytes`, not read from its column; `kid` is the receipt key of an
    event.
    """

    index: int
    kind: str
    bytes: bytes
    hash: Hash
    recorded: str
    kid: str | None
    parsed: Envelope = field(repr=False)

    @property
    def envelope(self) -> JSONObject:
        """The fields of the leaf."""
        return self.parsed.fields


@dataclass(frozen=True)
class ObjectView:
    """Bytes that shall open a commitment, with their salt; `data` is as stored, `opened` compares it."""

    media_type: str
    size: int
    salt: bytes
    inline: bytes | None = field(repr=False)
    blob: str | None

    @cached_property
    def data(self) -> bytes:
        """The bytes, from the row or the blob store; raises PayloadErased where the blob is gone."""
        if self.inline is not None:
            return self.inline
        try:
            return store().get(self.blob or "")
        except NotThere as error:
            raise PayloadErased("The object is no longer stored", why=str(self.blob)) from error

    @property
    def json(self) -> JSON:
        """The bytes read as JSON; raises JSONInvalid."""
        return parse(self.data)


@dataclass(frozen=True)
class EventView:
    """An event leaf with what is still disclosed of it; an erased object is None."""

    leaf: LeafView
    attrs_object: ObjectView | None
    payload_object: ObjectView | None

    @property
    def index(self) -> int:
        """Index of the leaf."""
        return self.leaf.index

    @property
    def type(self) -> str:
        """The event's type, which the leaf itself carries."""
        return str(self.leaf.envelope["type"])

    @property
    def attrs(self) -> JSONObject | None:
        """The CloudEvents context attributes, or None once erased; raises CommitmentMismatch."""
        held = self.attrs_object
        value = None if held is None else parse(opened(self.leaf, "attrs", held))
        return value if isinstance(value, dict) else None

    @property
    def payload(self) -> bytes | None:
        """The payload's bytes, or None once erased; raises CommitmentMismatch."""
        held = self.payload_object
        return None if held is None else opened(self.leaf, "payload", held)

    @property
    def media_type(self) -> str | None:
        """Media type of the payload, or None once erased."""
        return None if self.payload_object is None else self.payload_object.media_type

    @property
    def salts(self) -> dict[str, bytes]:
        """Salts of the objects that are still there, by role."""
        both = {"attrs": self.attrs_object, "payload": self.payload_object}
        return {role: held.salt for role, held in both.items() if held is not None}

    @property
    def erased(self) -> bool:
        """Whether one of the two objects is gone."""
        return self.attrs_object is None or self.payload_object is None


@dataclass(frozen=True)
class EventFilter:
    """What a list of events is narrowed to; times are aware and half-open [from, to)."""

    type: str | None = None
    source: str | None = None
    subject: str | None = None
    recorded_from: datetime | None = None
    recorded_to: datetime | None = None
    claimed_from: datetime | None = None
    claimed_to: datetime | None = None

    def conditions(self) -> dict[str, object]:
        """The lookups of the search columns."""
        names = {
            "type": self.type,
            "source": self.source,
            "subject": self.subject,
            "recorded__gte": self.recorded_from,
            "recorded__lt": self.recorded_to,
            "claimed_time__gte": self.claimed_from,
            "claimed_time__lt": self.claimed_to,
        }
        return {name: value for name, value in names.items() if value is not None}


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of a list, from the search columns (derived, never evidence); erased columns are None."""

    index: int
    type: str
    source: str | None
    event_id: str | None
    subject: str | None
    claimed_time: datetime | None
    recorded: datetime


def leaf(stream: StreamView, index: int) -> LeafView:
    """The leaf at `index`; raises NotThere."""
    row = Leaf.objects.filter(stream_id=stream.id, index=index).first()
    if row is None:
        raise NotThere("The stream has no leaf at this index", why=f"index {index}, size {stream.size}")
    return view_of(row)


def leaves(stream: StreamView, start: int, end: int) -> Iterator[LeafView]:
    """Leaves [start, end) in order, read a thousand at a time; raises NotThere at a hole."""
    for first in range(start, end, CHUNK):
        last = min(first + CHUNK, end)
        rows = list(Leaf.objects.filter(stream_id=stream.id, index__gte=first, index__lt=last).order_by("index"))
        if len(rows) != last - first:
            raise NotThere("Leaves are missing", why=f"{len(rows)} of {last - first} from index {first} on")
        yield from map(view_of, rows)


def leaves_at(stream: StreamView, indices: Sequence[int]) -> dict[int, LeafView]:
    """The leaves at `indices`; absent ones are left out."""
    rows = Leaf.objects.filter(stream_id=stream.id, index__in=list(indices))
    return {row.index: view_of(row) for row in rows}


def event(stream: StreamView, index: int) -> EventView:
    """The event at `index`; raises NotThere, also where the leaf is of another kind."""
    view = leaf(stream, index)
    if view.kind != "event":
        raise NotThere("The leaf at this index is no event", why=f"index {index} is a {view.kind} leaf")
    return EventView(view, *_objects(stream, [index]).get(index, (None, None)))


def events(stream: StreamView, start: int, end: int) -> Iterator[EventView]:
    """The events among leaves [start, end), in order, with their objects."""
    for first in range(start, end, CHUNK):
        found = [view for view in leaves(stream, first, min(first + CHUNK, end)) if view.kind == "event"]
        held = _objects(stream, [view.index for view in found])
        for view in found:
            yield EventView(view, *held.get(view.index, (None, None)))


def events_in(
    stream: StreamView, after: int | None = None, limit: int = 50, filters: EventFilter | None = None,
    *, newest_first: bool = False,
) -> list[EventRow]:  # fmt: skip
    """Lines of the list of events behind index `after` (before it, when the newest come first)."""
    rows = EventIndex.objects.filter(stream_id=stream.id, **(filters or EventFilter()).conditions())
    if after is not None:
        rows = rows.filter(**{"index__lt" if newest_first else "index__gt": after})
    ordered = rows.order_by("-index" if newest_first else "index")
    columns = ("index", "type", "source", "event_id", "subject", "claimed_time", "recorded")
    return [EventRow(*row) for row in ordered.values_list(*columns)[:limit]]


def opened(leaf: LeafView, role: str, held: ObjectView) -> bytes:
    """The bytes of the `attrs` or `payload` of an event, after they opened the commitment in its leaf.

    Raises CommitmentMismatch, with the role as `path`, where bytes, salt, media type or size are others, and
    PayloadErased where the blob is gone.
    """
    data = held.data
    try:
        open_commitment(bytes.fromhex(str(leaf.envelope[role])), held.salt, held.media_type, data)
    except (CommitmentMismatch, EventInvalid) as wrong:
        raise _altered(leaf, role, wrong.why) from wrong
    if held.size != len(data):
        raise _altered(leaf, role, "another size is stored beside it")
    return data


def _altered(leaf: LeafView, role: str, why: str) -> CommitmentMismatch:
    return CommitmentMismatch(
        _ALTERED[role],
        why=f"leaf {leaf.index}: {why}",
        next_step="Do not rely on this content. Keep it as it is; a platform operator runs ledger_verify in full mode.",
        path=role,
    )


def objects_at(stream: StreamView, indices: Sequence[int]) -> dict[int, tuple[ObjectView | None, ObjectView | None]]:
    """Attributes and payload by index; what is erased is None."""
    return _objects(stream, indices)


def view_of(row: Leaf) -> LeafView:
    raw = bytes(row.bytes)
    parsed = envelopes.parse(raw)
    return LeafView(row.index, parsed.kind, raw, parsed.leaf_hash, parsed.recorded, row.kid, parsed)


def _objects(stream: StreamView, indices: Sequence[int]) -> dict[int, tuple[ObjectView | None, ObjectView | None]]:
    held: dict[int, dict[str, ObjectView]] = {}
    for row in LeafObject.objects.filter(stream_id=stream.id, index__in=list(indices)):
        inline = None if row.data is None else bytes(row.data)
        view = ObjectView(row.media_type, row.size, bytes(row.salt), inline, row.blob)
        held.setdefault(row.index, {})[row.role] = view
    return {index: (roles.get("attrs"), roles.get("payload")) for index, roles in held.items()}
