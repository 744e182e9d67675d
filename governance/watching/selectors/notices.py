"""Subscriptions of a person and what they were told, as frozen values; nothing of anybody else."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from governance.identity.models.person import Person
from governance.watching.core.rules import Kind
from governance.watching.models import Episode, Notice, Subscription


@dataclass(frozen=True, slots=True)
class SubscriptionView:
    """One wish in force; `stream` empty means every stream of the namespace."""

    public_id: uuid.UUID
    namespace: str
    stream: str
    kind: Kind
    minutes: int
    counts_not_evaluated: bool
    by_mail: bool
    created: datetime
    holds: int


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One thing that a person was told."""

    id: int
    public_id: uuid.UUID
    namespace: str
    stream: str
    begins: bool
    what: str
    why: str
    created: datetime
    read: datetime | None
    mail: str


def subscriptions_of(person: Person) -> tuple[SubscriptionView, ...]:
    """What a person is subscribed to, the oldest first; `holds` counts the streams in trouble by it now."""
    rows = list(Subscription.objects.filter(person=person, ended__isnull=True).select_related("stream"))
    held = list(
        Episode.objects.filter(subscription__in=rows, ended__isnull=True).values_list("subscription", flat=True)
    )
    return tuple(_subscription(row, held.count(row.pk)) for row in rows)


def notices_of(
    person: Person, namespaces: Collection[str], before: int | None = None, limit: int = 50
) -> tuple[NoticeView, ...]:
    """What a person was told of these namespaces, the newest first, behind the notice `before`."""
    rows = Notice.objects.filter(person=person, episode__subscription__namespace__in=namespaces)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return tuple(map(_notice, rows.select_related("episode__stream")[:limit]))


def unread_of(person: Person) -> int:
    """How many notices a person has not marked as read."""
    return Notice.objects.filter(person=person, read__isnull=True).count()


def _subscription(row: Subscription, holds: int) -> SubscriptionView:
    return SubscriptionView(
        public_id=row.public_id,
        namespace=row.namespace,
        stream=row.stream.name if row.stream else "",
        kind=Kind(row.kind),
        minutes=row.minutes,
        counts_not_evaluated=row.counts_not_evaluated,
        by_mail=row.by_mail,
        created=row.created,
        holds=holds,
    )


def _notice(row: Notice) -> NoticeView:
    stream = row.episode.stream
    return NoticeView(
        id=row.pk,
        public_id=row.public_id,
        namespace=stream.namespace,
        stream=stream.name,
        begins=row.begins,
        what=row.what,
        why=row.why,
        created=row.created,
        read=row.read,
        mail=row.get_mail_display(),
    )
