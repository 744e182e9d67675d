"""Telling people: one notice when an episode begins, one when it ends, and nothing in between.

Guarantees that nobody is told of a namespace that does not exist for them any more: rights are read at the moment of
telling, not at that of subscribing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from governance.identity.moment import Moment
from governance.identity.selectors.principals import principal_of_person
from governance.watching.core.rules import OF_STREAMS, Kind, Observed, Rule, Trouble, trouble
from governance.watching.models import Episode, MailState, Notice, Subscription
from ledger.core.durations import duration
from ledger.selectors.streams import StreamView

LONGEST_WHY = 2_000


def tell(stream: StreamView, seen: Observed, at: Moment) -> int:
    """Begin and end the episodes of `stream`; returns how many notices were written."""
    held = {row.subscription_id: row for row in _open(stream)}
    return sum(_tell_one(row, held.get(row.pk), stream, seen, at) for row in _wishes(stream))


def rule_of(row: Subscription) -> Rule:
    """What a subscription asks for."""
    return Rule(Kind(row.kind), timedelta(minutes=row.minutes), row.counts_not_evaluated)


def _wishes(stream: StreamView) -> Iterable[Subscription]:
    fitting = Q(stream_id=stream.id) | Q(stream__isnull=True)
    rows = Subscription.objects.filter(fitting, namespace=stream.namespace, kind__in=OF_STREAMS, ended__isnull=True)
    return rows.select_related("person")


def _open(stream: StreamView) -> Iterable[Episode]:
    return Episode.objects.filter(stream_id=stream.id, ended__isnull=True)


def _tell_one(row: Subscription, episode: Episode | None, stream: StreamView, seen: Observed, at: Moment) -> int:
    found = trouble(rule_of(row), seen, at.now)
    if (found is None) == (episode is None):
        return 0
    if not _may_know(row, stream, at.now):
        return 0
    if found is not None:
        _begin(row, found, stream, at)
    elif episode is not None:
        _end(row, episode, stream, at)
    return 1


def _may_know(row: Subscription, stream: StreamView, now: datetime) -> bool:
    principal = principal_of_person(row.person, now)
    return principal is not None and principal.knows(stream.namespace)


def _begin(row: Subscription, found: Trouble, stream: StreamView, at: Moment) -> None:
    episode = Episode.objects.create(subscription=row, stream_id=stream.id, since=found.since, told=at.now)
    lasting, name = duration(at.now - found.since), f"{stream.namespace}/{stream.name}"
    if row.kind == Kind.SILENT:
        _write(row, episode, at, f"{name} has been silent for {lasting}", f"{found.told} since {_utc(found.since)}.")
    else:
        _write(row, episode, at, f"{name} has been off pass for {lasting}", found.told)


def _end(row: Subscription, episode: Episode, stream: StreamView, at: Moment) -> None:
    episode.ended = at.now
    episode.save(update_fields=["ended"])
    name, lasted = f"{stream.namespace}/{stream.name}", duration(at.now - episode.since)
    what = f"{name} has events again" if row.kind == Kind.SILENT else f"{name} is back: no path is off pass"
    why = f"It lasted {lasted}, from {_utc(episode.since)} to {_utc(at.now)}."
    _write(row, episode, at, what, why, begins=False)


def _write(row: Subscription, episode: Episode, at: Moment, what: str, why: str, *, begins: bool = True) -> None:
    Notice.objects.create(
        public_id=at.new_id(),
        person=row.person,
        episode=episode,
        begins=begins,
        what=what[:300],
        why=why[:LONGEST_WHY],
        created=at.now,
        mail=MailState.WAITING if row.by_mail else MailState.NONE,
        mail_next=at.now if row.by_mail else None,
    )


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
