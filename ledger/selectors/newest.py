"""The newest event of one type in a stream that is named, with its payload, in one question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from ledger.models import EventIndex, LeafObject
from ledger.models.leaf_object import Role


@dataclass(frozen=True, slots=True)
class Newest:
    """Where it stands, when it was recorded, and its payload as it lies in the row; None where it lies elsewhere."""

    index: int
    recorded: datetime
    payload: bytes | None


def newest_event(name: tuple[str, str], event_type: str) -> Newest | None:
    """The newest event of `event_type` in the stream (namespace, name); None where there is none."""
    held = LeafObject.objects.filter(
        stream_id=OuterRef("stream_id"), index=OuterRef("index"), role=Role.PAYLOAD
    ).values("data")  # fmt: skip
    rows = EventIndex.objects.filter(stream__namespace=name[0], stream__name=name[1], type=event_type)
    row = rows.order_by("-index").values_list("index", "recorded", Subquery(held[:1])).first()
    return None if row is None else Newest(row[0], row[1], None if row[2] is None else bytes(row[2]))
