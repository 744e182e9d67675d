"""One system key as its tenant's page shows it, and the rows that its actions take."""

from __future__ import annotations

import uuid

from governance.identity.models.namespace import Namespace
from governance.identity.models.system_key import SystemKey
from governance.identity.selectors.tenants import system_key_view as view_of
from ledger.errors import NotThere
from ledger.selectors.leaves import EventFilter, EventRow, events_in
from ledger.selectors.streams import stream

__all__ = ["changes_of", "key_row", "namespace_row", "view_of"]

_CHANGES = ("_governance", "changes")
SHOWN = 20


def key_row(public_id: uuid.UUID) -> SystemKey:
    """The key of that id with its namespace, whoever owns it; raises NotThere."""
    row = SystemKey.objects.select_related("namespace").filter(public_id=public_id).first()
    if row is None:
        raise NotThere("There is no such key", why=str(public_id))
    return row


def namespace_row(name: str) -> Namespace:
    """The namespace of that name; raises NotThere."""
    row = Namespace.objects.filter(name=name).first()
    if row is None:
        raise NotThere("There is no such namespace", why=name[:80])
    return row


def changes_of(public_id: uuid.UUID) -> list[EventRow]:
    """What `_governance/changes` holds of a key, newest first; never the payloads, which are the platform's."""
    filters = EventFilter(subject=str(public_id))
    return events_in(stream(*_CHANGES), limit=SHOWN, filters=filters, newest_first=True)
