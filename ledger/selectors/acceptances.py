"""Who had an event accepted: beside the log, for those who may read it, and no evidence."""

from __future__ import annotations

from ledger.models import Acceptance, Leaf
from ledger.selectors.streams import StreamView


def accepted_by(stream: StreamView, index: int) -> str:
    """The opaque actor of the request that brought the leaf, '' where none is kept (before there was the table)."""
    batch = Leaf.objects.filter(stream_id=stream.id, index=index).values("batch")[:1]
    found = Acceptance.objects.filter(stream_id=stream.id, batch=batch).values_list("actor", flat=True)
    return found.first() or ""
