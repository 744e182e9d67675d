"""Streams as doors and services see them: a frozen view with the head as it was read."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat

from ledger.core.types import Hash
from ledger.errors import StreamUnknown
from ledger.models import Leaf, Stream
from ledger.selectors.keyset import Order, behind


@dataclass(frozen=True, slots=True)
class StreamView:
    """A stream and its head. `log` is the hash of the genesis leaf; `window_number` the last closed window
    (0: none).

    `stopped` is the code of a stop or None; `successor` the origin of the log that continues this one;
    `restriction` what holds for it now (see `StreamHead`); `waiting_since` the recorded time of the oldest leaf in no
    window yet, manifests apart; `window_opened` when the last window closed. Delays and ages are in seconds.
    """

    id: int
    public_id: uuid.UUID
    namespace: str
    name: str
    origin: str
    created: datetime
    log: Hash
    max_merge_delay_s: int
    profile_mode: str
    without_receipt: str
    clear_attributes: bool
    window_count: int
    window_age_s: int
    lookup_key: bytes
    size: int
    head_hash: Hash
    recorded: datetime
    window_number: int
    window_from: int
    window_opened: datetime
    events_open: int
    waiting_since: datetime | None
    signed_size: int
    stopped: str | None
    successor: str | None = None
    restriction: str = ""

    @property
    def is_hidden(self) -> bool:
        """Whether it is as if it were not there: its tenant is disabled."""
        return "disabled" in self.restriction

    @property
    def is_frozen(self) -> bool:
        """Whether a governance freeze holds it."""
        return "frozen" in self.restriction


_BY_NAME = """
SELECT stream.id, stream.public_id, stream.namespace, stream.name, stream.origin, stream.created,
       (SELECT hash FROM ledger_leaf WHERE stream_id = stream.id AND index = 0), stream.max_merge_delay_s,
       stream.profile_mode, stream.without_receipt, stream.clear_attributes, stream.window_count,
       stream.window_age_s, stream.lookup_key, head.size, head.last_hash, head.last_recorded, head.window_number,
       head.window_from, head.window_opened, head.events_open, head.waiting_since, head.signed_size, head.stopped,
       head.successor, head.restriction
FROM ledger_stream AS stream JOIN ledger_streamhead AS head ON head.stream_id = stream.id
WHERE stream.namespace = %s AND stream.name = %s
"""
_COLUMNS = tuple(one.name for one in fields(StreamView))
"""Those of the query, in its order."""


def stream(namespace: str, name: str) -> StreamView:
    """The stream of that name; raises StreamUnknown, also where its tenant is disabled."""
    found = known_stream(namespace, name)
    if found.is_hidden:
        raise StreamUnknown("There is no such stream", why=f"{namespace}/{name}")
    return found


def known_stream(namespace: str, name: str) -> StreamView:
    """The stream of that name, for the platform's own work: also that of a disabled tenant. Raises StreamUnknown.

    Every append asks this, and building the query took longer than answering it: so it stands here as it is sent.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BY_NAME, [namespace, name])
        row = cursor.fetchone()
    if row is None:
        raise StreamUnknown("There is no such stream", why=f"{namespace}/{name}")
    values: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
    return StreamView(**values)


def written_to(namespace: str, name: str) -> StreamView:
    """The platform's stream of that name, or the last of those that continue it; raises StreamUnknown."""
    found = stream(namespace, name)
    while found.successor is not None:
        following = _streams().filter(origin=found.successor).first()
        if following is None:
            return found
        found = view_of(following)
    return found


def stream_by_id(stream_id: int) -> StreamView:
    """The stream of that internal id; raises StreamUnknown."""
    return _one(_streams().filter(pk=stream_id), f"id {stream_id}")


def origins_in(namespaces: Collection[str] | None, limit: int = 1_000) -> list[str]:
    """The origins of the logs in these namespaces (None: in all), in their order, `limit` at most."""
    rows = Stream.objects.all() if namespaces is None else Stream.objects.filter(namespace__in=namespaces)
    return list(rows.order_by("origin").values_list("origin", flat=True)[:limit])


def stream_by_origin(origin: str) -> StreamView:
    """The stream whose log has this origin; raises StreamUnknown."""
    return _one(_streams().filter(origin=origin), origin)


def streams_in(
    namespaces: Collection[str],
    after: tuple[str, str] | None = None,
    limit: int = 100,
    *,
    containing: str = "",
) -> list[StreamView]:
    """Streams of these namespaces by (namespace, name), behind the pair `after`; `containing` is a part of
    both.
    """
    rows = _streams().filter(_SHOWN, namespace__in=namespaces).order_by("namespace", "name")
    if after is not None:
        rows = rows.filter(Q(namespace__gt=after[0]) | Q(namespace=after[0], name__gt=after[1]))
    if containing:
        rows = rows.annotate(path=Concat("namespace", Value("/"), "name")).filter(path__contains=containing)
    return [view_of(row) for row in rows[:limit]]


ORDERS = {
    "name": Order((("namespace", str), ("name", str))),
    "size": Order((("head__size", int), ("namespace", str), ("name", str))),
    "recorded": Order((("head__last_recorded", datetime), ("namespace", str), ("name", str))),
    "signed": Order((("head__signed_size", int), ("namespace", str), ("name", str))),
}
"""Orders of the list of streams, ascending."""
STATES = {"stopped": Q(head__stopped__isnull=False), "waiting": Q(head__waiting_since__isnull=False)}
"""What streams are narrowed to by their state."""
_SHOWN = ~Q(head__restriction__contains="disabled")


def stream_rows(
    namespaces: Collection[str], order: Order, after: Sequence[Any] | None, limit: int, *, containing: str = "",
    state: str = "",
) -> list[StreamView]:  # fmt: skip
    """Streams of these namespaces in one of ORDERS, behind the place `after`; `state` is one of STATES."""
    rows = _streams().filter(STATES.get(state, Q()), _SHOWN, namespace__in=namespaces)
    if containing:
        rows = rows.annotate(path=Concat("namespace", Value("/"), "name")).filter(path__contains=containing)
    return [view_of(row) for row in behind(rows, order, after)[:limit]]


def stopped_in(namespaces: Collection[str], limit: int = 20) -> list[StreamView]:
    """Streams of these namespaces that take nothing, by name."""
    rows = _streams().filter(_SHOWN, namespace__in=namespaces)
    rows = rows.filter(head__stopped__isnull=False, head__successor__isnull=True)
    return [view_of(row) for row in rows.order_by("namespace", "name")[:limit]]


def view_of(row: Stream) -> StreamView:
    """The view of a row that came with its head and genesis hash."""
    head = row.head
    return StreamView(
        id=row.pk,
        public_id=row.public_id,
        namespace=row.namespace,
        name=row.name,
        origin=row.origin,
        created=row.created,
        log=Hash(bytes(row.log)),  # type: ignore[attr-defined]  # annotated by _streams
        max_merge_delay_s=row.max_merge_delay_s,
        profile_mode=row.profile_mode,
        without_receipt=row.without_receipt,
        clear_attributes=row.clear_attributes,
        window_count=row.window_count,
        window_age_s=row.window_age_s,
        lookup_key=bytes(row.lookup_key),
        size=head.size,
        head_hash=Hash(bytes(head.last_hash)),
        recorded=head.last_recorded,
        window_number=head.window_number,
        window_from=head.window_from,
        window_opened=head.window_opened,
        events_open=head.events_open,
        waiting_since=head.waiting_since,
        signed_size=head.signed_size,
        stopped=head.stopped,
        successor=head.successor,
        restriction=head.restriction,
    )


def _streams() -> QuerySet[Stream]:
    genesis = Leaf.objects.filter(stream_id=OuterRef("pk"), index=0).values("hash")
    return Stream.objects.select_related("head").filter(head__isnull=False).annotate(log=Subquery(genesis))


def _one(rows: QuerySet[Stream], name: str) -> StreamView:
    row = rows.first()
    if row is None:
        raise StreamUnknown("There is no such stream", why=name)
    return view_of(row)
