"""Subscriptions of a person and what they were told, as frozen values; nothing of anybody else."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from governance.change.selectors.changes import Scope
from governance.change.types.genesis import GENESIS
from governance.identity.models.person import Person
from governance.watching.core.alarms import OF_GOVERNANCE, AlarmKind
from governance.watching.core.rules import Kind
from governance.watching.models import Alarm, Episode, Notice, Subscription
from governance.watching.selectors.hearers import OWN_PAGE

NOTHING = Scope()
RECOVERY_WHY = "Nobody alive can meet the policy. Keys and roles alone can be enrolled, by the quorum of the founding."


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
    """One thing that a person was told; `page` is the address that says more, `lasts` whether its end is told too."""

    id: int
    public_id: uuid.UUID
    page: str
    begins: bool
    lasts: bool
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
    person: Person, namespaces: Collection[str], before: int | None = None, limit: int = 50, *,
    operates: bool = False, scope: Scope = NOTHING,
) -> tuple[NoticeView, ...]:  # fmt: skip
    """What a person was told of these namespaces (and `operates`: of the platform's work) and of the changes in `scope`
    or to their own powers, the newest first, behind the notice `before`.
    """
    mine = Q(episode__subscription__namespace__in=namespaces) | _changes(scope)
    rows = Notice.objects.filter(mine | Q(alarm__isnull=False) if operates else mine, person=person)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return tuple(map(_notice, rows.select_related("episode__stream", "alarm", "change")[:limit]))


def _changes(scope: Scope) -> Q:
    """Notices of changes that exist for the reader, and those that told of their own roles or keys."""
    own = Q(change__isnull=False, page=OWN_PAGE) | Q(change__type=GENESIS)
    if scope.everything:
        return Q(change__isnull=False) | Q(alarm__kind__in=OF_GOVERNANCE)
    return own | Q(change__tenant__in=sorted(scope.tenants))


def notice_place(person: Person, public_id: uuid.UUID) -> int | None:
    """Where one of the person's own notices stands in the list; None for any other."""
    return Notice.objects.filter(person=person, public_id=public_id).values_list("pk", flat=True).first()


@dataclass(frozen=True, slots=True)
class AlarmView:
    """What needs a hand now: its kind, words, the page that says more, and since when it was seen."""

    kind: AlarmKind
    what: str
    page: str
    since: datetime


def alarms_now(limit: int = 20) -> tuple[AlarmView, ...]:
    """Alarms that were told and hold, the oldest first."""
    rows = Alarm.objects.filter(ended__isnull=True, told__isnull=False)[:limit]
    return tuple(AlarmView(AlarmKind(row.kind), row.what, row.page, row.since) for row in rows)


def recovering() -> str:
    """Why nobody can meet the policy, as it was seen last (at most 30 s ago); '' where it can be met."""
    row = Alarm.objects.filter(kind=AlarmKind.RECOVERY, ended__isnull=True).first()
    return "" if row is None else RECOVERY_WHY


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


def page_of(row: Notice) -> str:
    """The address that says more about a notice, which came with its episode's stream or its alarm."""
    if row.episode is not None:
        return f"/streams/{row.episode.stream.namespace}/{row.episode.stream.name}/health/"
    if row.change is not None:
        return row.page
    return row.alarm.page if row.alarm is not None else "/"


def _notice(row: Notice) -> NoticeView:
    return NoticeView(
        id=row.pk,
        public_id=row.public_id,
        page=page_of(row),
        begins=row.begins,
        lasts=row.change is None and (row.alarm is None or row.alarm.kind != AlarmKind.JOB),
        what=row.what,
        why=row.why,
        created=row.created,
        read=row.read,
        mail=row.get_mail_display(),
    )
