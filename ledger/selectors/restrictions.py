"""What namespaces and streams may not do now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ledger.models import Restriction


@dataclass(frozen=True, slots=True)
class RestrictionView:
    """One restriction; `stream` is the origin of the one stream it is about, '' for all of the namespace."""

    namespace: str
    stream: str
    kind: str
    decision: str
    actor: str
    reason: str
    since: datetime


def restrictions_of(namespace: str) -> tuple[RestrictionView, ...]:
    """Those of the namespace and of its streams, the oldest first."""
    rows = Restriction.objects.filter(namespace=namespace).select_related("stream").order_by("id")
    return tuple(
        RestrictionView(
            row.namespace, row.stream.origin if row.stream else "", row.kind, row.decision, row.actor, row.reason,
            row.since,
        )
        for row in rows
    )  # fmt: skip
