"""Marking notices as read: a convenience of one person, which is recorded nowhere else."""

from __future__ import annotations

import uuid
from datetime import datetime

from governance.identity.models.person import Person
from governance.watching.models import Notice


def mark_read(person: Person, now: datetime, only: uuid.UUID | None = None) -> int:
    """Mark one notice of `person`, or all of them, as read at `now`; returns how many changed."""
    rows = Notice.objects.filter(person=person, read__isnull=True)
    return (rows if only is None else rows.filter(public_id=only)).update(read=now)
