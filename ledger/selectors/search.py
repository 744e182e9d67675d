"""Look-ups by key for the search box: a hash, an event's id, a type, a root, a key id, whoever asked for a job.

Guarantees that every query names the streams or namespaces that the caller may see, as the first column of its index:
rows of others are never touched, so that their number and presence change neither answer nor time. What events say is
not searched. `event_id` and `type` are derived columns and gone once an event is erased.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from ledger.core.types import Hash
from ledger.models import Bundle, Checkpoint, EventIndex, Job, Leaf, SigningKey, Stream, Window
from ledger.models.leaf import HASH_PREFIX, hash_prefix
from ledger.selectors.jobs import JobView, job_view


@dataclass(frozen=True, slots=True)
class Place:
    """A stream that is searched, and how many leaves it has."""

    id: int
    namespace: str
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class AtLeaf:
    """A leaf that was found in the stream of that id."""

    stream_id: int
    index: int
    kind: str
    recorded: datetime


@dataclass(frozen=True, slots=True)
class OfType:
    """A stream that has events of a type, and the index of the newest."""

    stream_id: int
    newest: int


@dataclass(frozen=True, slots=True)
class BundleFound:
    """A bundle by its id, its file's SHA-256 or who asked for it."""

    public_id: uuid.UUID
    namespace: str
    stream: str
    first: int
    last: int
    created: datetime


@dataclass(frozen=True, slots=True)
class KeyFound:
    """A signing key by its kid, or by its public key's hash."""

    stream_id: int
    use: str
    kid: str


def places(namespaces: Collection[str]) -> dict[int, Place]:
    """Every stream of these namespaces, by id."""
    rows = Stream.objects.filter(namespace__in=namespaces, head__isnull=False).order_by("namespace", "name")
    return {row[0]: Place(*row) for row in rows.values_list("id", "namespace", "name", "head__size")}


def leaves_with_hash(streams: Collection[int], wanted: Hash, limit: int) -> list[AtLeaf]:
    """Leaves of these streams whose stored hash is `wanted`."""
    rows = Leaf.objects.annotate(prefix=hash_prefix()).filter(
        stream_id__in=streams, prefix=wanted[:HASH_PREFIX], hash=wanted
    )
    return [AtLeaf(*row) for row in rows.values_list("stream_id", "index", "kind", "recorded")[:limit]]


def windows_with_root(streams: Collection[int], wanted: Hash, limit: int) -> list[tuple[int, int]]:
    """(stream id, number) of closed windows with this root."""
    rows = Window.objects.filter(stream_id__in=streams, root=wanted)
    return list(rows.values_list("stream_id", "number")[:limit])


def checkpoints_with_root(streams: Collection[int], wanted: Hash, limit: int) -> list[tuple[int, int]]:
    """(stream id, size) of signed checkpoints with this root."""
    rows = Checkpoint.objects.filter(stream_id__in=streams, root=wanted)
    return list(rows.values_list("stream_id", "size")[:limit])


def events_with_id(streams: Collection[int], wanted: str, limit: int) -> list[AtLeaf]:
    """Events of these streams with exactly this id, whatever their source."""
    rows = EventIndex.objects.filter(stream_id__in=streams, event_id=wanted).order_by("stream_id", "index")
    return [
        AtLeaf(row[0], row[1], "event", row[2]) for row in rows.values_list("stream_id", "index", "recorded")[:limit]
    ]


def streams_with_type(streams: Collection[int], wanted: str, limit: int) -> list[OfType]:
    """Those of these streams that have events of exactly this type."""
    newest = EventIndex.objects.filter(stream_id=OuterRef("pk"), type=wanted).order_by("-index").values("index")[:1]
    rows = Stream.objects.filter(pk__in=streams).annotate(newest=Subquery(newest)).filter(newest__isnull=False)
    return [OfType(*row) for row in rows.values_list("pk", "newest")[:limit]]


def keys_with(streams: Collection[int], kid: str, limit: int) -> list[KeyFound]:
    """Signing keys of these streams with this kid (32 hexadecimal digits)."""
    rows = SigningKey.objects.filter(kid=kid, stream_id__in=streams)
    return [KeyFound(*row) for row in rows.values_list("stream_id", "use", "kid")[:limit]]


def bundles_with(
    namespaces: Collection[str], limit: int, *, public_id: uuid.UUID | None = None, digest: str = "", actor: str = ""
) -> list[BundleFound]:
    """Bundles by one of: their address' id; the bundle's id or its file's SHA-256; who asked for them."""
    rows = Bundle.objects.filter(stream__namespace__in=namespaces)
    if public_id is not None:
        rows = rows.filter(public_id=public_id)
    elif digest:
        rows = rows.filter(bundle_id=digest) | rows.filter(file_sha256=digest)
    else:
        rows = rows.filter(actor=actor)
    columns = ("public_id", "stream__namespace", "stream__name", "first_index", "last_index", "created")
    return [BundleFound(*row) for row in rows.order_by("-id").values_list(*columns)[:limit]]


def jobs_with(
    namespaces: Collection[str], limit: int, *, public_id: uuid.UUID | None = None, actor: str = ""
) -> list[JobView]:
    """Jobs of these namespaces by id, or by who asked for them."""
    rows = Job.objects.filter(namespace__in=namespaces)
    rows = rows.filter(public_id=public_id) if public_id is not None else rows.filter(actor=actor)
    return [job_view(row) for row in rows.order_by("-id")[:limit]]
