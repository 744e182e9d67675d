"""Restrictions: suspend, disable or freeze a namespace or one stream, and lift that again, in the caller's transaction.

Guarantees that what was committed is obeyed by the very next group of every stream: the heads concerned are locked, in
the order of their origins and `_governance/changes` among them, before their column is changed; and a stream that is
created meanwhile waits for the namespace. Evidence stays whatever happens: sealing goes on, nothing is taken away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from ledger.errors import RequestError, StreamFrozen, TenantSuspended
from ledger.models import Restriction, RestrictionKind
from ledger.selectors.streams import StreamView
from ledger.services.governed import require
from ledger.services.raw import RawCursor

MAX_REASON: Final = 500
TYPES: Final = {
    (RestrictionKind.SUSPENDED, True): "tenant.state",
    (RestrictionKind.DISABLED, True): "tenant.state",
    (RestrictionKind.SUSPENDED, False): "tenant.state",
    (RestrictionKind.DISABLED, False): "tenant.state",
    (RestrictionKind.FROZEN, True): "freeze",
    (RestrictionKind.FROZEN, False): "thaw",
}
"""The change type that sets a restriction of this kind, or lifts it."""
_ALONE: Final = "SELECT pg_advisory_xact_lock(hashtext('ledger_restriction:' || %s))"
_BESIDE: Final = "SELECT pg_advisory_xact_lock_shared(hashtext('ledger_restriction:' || %s))"
_HEADS: Final = """
SELECT head.stream_id FROM ledger_streamhead AS head JOIN ledger_stream AS stream ON stream.id = head.stream_id
WHERE stream.namespace = ANY(%s) ORDER BY stream.origin COLLATE "C" FOR UPDATE OF head
"""
_MARK: Final = """
UPDATE ledger_streamhead AS head SET restriction = COALESCE((
    SELECT string_agg(DISTINCT held.kind, ',' ORDER BY held.kind) FROM ledger_restriction AS held
    WHERE held.namespace = stream.namespace AND (held.stream_id IS NULL OR held.stream_id = stream.id)), '')
FROM ledger_stream AS stream WHERE stream.id = head.stream_id AND stream.namespace = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A namespace, or one stream of it."""

    namespace: str
    stream: StreamView | None = None

    @property
    def stream_id(self) -> int | None:
        """The one stream's, None for the namespace."""
        return None if self.stream is None else self.stream.id


def restrict(places: Sequence[Place], kind: str, *, reason: str, actor: str, decision: str | None = None) -> int:
    """Set a restriction; returns in how many places it was not there. Raises DecisionNeeded, and RequestError for a
    namespace of the platform or a reason that is empty or longer than 500 characters.
    """
    found = _checked(places, kind, decision, on=True)
    told = reason.strip()
    if not 1 <= len(told) <= MAX_REASON:
        raise RequestError("A reason is needed", next_step=f"Give one of 1 to {MAX_REASON} characters.")
    lock(places)
    new = [place for place in places if not _rows(place, found).exists()]
    facts = {"kind": found, "decision": decision or "", "actor": actor, "reason": told}
    for place in new:
        Restriction.objects.create(namespace=place.namespace, stream_id=place.stream_id, **facts)
    _mark(places)
    return len(new)


def lift(places: Sequence[Place], kind: str, *, decision: str | None = None) -> int:
    """Lift a restriction; returns in how many places it was there. Raises as `restrict`."""
    found = _checked(places, kind, decision, on=False)
    lock(places)
    gone = sum(_rows(place, found).delete()[0] for place in places)
    _mark(places)
    return gone


def refuse_creation(cursor: RawCursor, namespace: str) -> None:
    """Raise TenantSuspended or StreamFrozen where a namespace takes no new stream; until the transaction ends nobody
    restricts it.
    """
    cursor.execute(_BESIDE, (namespace,))
    kinds = set(Restriction.objects.filter(namespace=namespace, stream=None).values_list("kind", flat=True))
    if RestrictionKind.FROZEN in kinds:
        raise StreamFrozen("The namespace is frozen", why=namespace)
    if kinds:
        raise TenantSuspended("The tenant of the namespace is suspended", why=namespace)


def _checked(places: Sequence[Place], kind: str, decision: str | None, *, on: bool) -> RestrictionKind:
    found = RestrictionKind(kind)
    require(decision, TYPES[found, on])
    for place in places:
        if place.namespace.startswith("_"):
            raise RequestError("The platform's own streams are not restricted", why=place.namespace)
    return found


def lock(places: Sequence[Place]) -> None:
    """Lock what a restriction of these places will write, for whoever locks the head of `_governance/changes` next."""
    names = sorted({place.namespace for place in places})
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(_ALONE, [name])
        cursor.execute(_HEADS, [[*names, "_governance"]])


def _rows(place: Place, kind: RestrictionKind) -> QuerySet[Restriction]:
    return Restriction.objects.filter(namespace=place.namespace, stream=place.stream_id, kind=kind)


def _mark(places: Sequence[Place]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MARK, [[place.namespace for place in places]])
