"""Telling whoever runs the platform what needs a hand: once when it is so, and once when it is over.

Guarantees that two looks at once tell nothing twice (an alarm is told under the lock of its row), that a thousand
troubles of one kind are told in a few sentences, and that alarms are bounded: old ones go with their notices.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from governance.identity.models.person import Person
from governance.identity.moment import Moment
from governance.identity.selectors.holders import deciders, platform_operators
from governance.watching.core.alarms import EACH, MORE, OF_GOVERNANCE, AlarmKind, Concern, is_due, over
from governance.watching.core.rules import Kind
from governance.watching.models import Alarm, MailState, Notice, Subscription
from governance.watching.selectors.concerns import Look, look
from ledger.core.durations import duration

KEPT = timedelta(days=90)
LONGEST_WHY = 2_000


def watch_platform(at: Moment) -> int:
    """Look at the platform's work and tell its operators; returns how many notices were written."""
    found = look(at.now)
    _note(found.seen, at.now)
    Alarm.objects.filter(ended__lt=at.now - KEPT).delete()
    return _tell_over(found, at) + _tell_new(found.seen, at)


def _note(seen: Sequence[Concern], now: datetime) -> None:
    """A row for everything that has none open."""
    rows = [Alarm(kind=one.kind, key=one.key, what=one.what[:300], page=one.page[:200], since=now) for one in seen]
    Alarm.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def _tell_new(seen: Sequence[Concern], at: Moment) -> int:
    words = {one.key: one for one in seen}
    rows = Alarm.objects.select_for_update(skip_locked=True).filter(told__isnull=True, ended__isnull=True)
    due: dict[AlarmKind, list[Alarm]] = defaultdict(list)
    for row in rows.filter(key__in=words):
        if is_due(AlarmKind(row.kind), row.since, at.now):
            due[AlarmKind(row.kind)].append(row)
    return sum(_tell_kind(kind, alarms, words, at) for kind, alarms in due.items())


def _tell_kind(kind: AlarmKind, alarms: Sequence[Alarm], words: dict[str, Concern], at: Moment) -> int:
    told = 0
    for row in alarms:
        row.told, row.ended = at.now, None if words[row.key].lasts else at.now
    Alarm.objects.bulk_update(alarms, ["told", "ended"])
    for row in alarms[:EACH]:
        told += _write(row, row.what, words[row.key].why, at)
    if rest := alarms[EACH:]:
        what, page = MORE[kind]
        rest[0].page = page
        rest[0].save(update_fields=["page"])
        told += _write(rest[0], f"{len(rest):,} {what}", "They were told together, since they came together.", at)
    return told


@transaction.atomic
def _tell_over(found: Look, at: Moment) -> int:
    told = 0
    for row in Alarm.objects.select_for_update(skip_locked=True).filter(ended__isnull=True):
        if not over(found.looked, AlarmKind(row.kind), row.key, found.seen):
            continue
        row.ended = at.now
        row.save(update_fields=["ended"])
        if row.told is not None and row.notices.exists():
            lasted = f"It lasted {duration(at.now - row.since)}, from {_utc(row.since)} to {_utc(at.now)}."
            told += _write(row, f"Over: {row.what}", lasted, at, begins=False)
    return told


def _write(row: Alarm, what: str, why: str, at: Moment, *, begins: bool = True) -> int:
    people, mailed = _hearers(row, at.now)
    for person in people:
        state = MailState.WAITING if person.pk in mailed else MailState.NONE
        Notice.objects.create(
            public_id=at.new_id(),
            person=person,
            alarm=row,
            begins=begins,
            what=what[:300],
            why=why[:LONGEST_WHY],
            created=at.now,
            mail=state,
            mail_next=at.now if state == MailState.WAITING else None,
        )
    return len(people)


def _hearers(row: Alarm, now: datetime) -> tuple[Sequence[Person], set[int]]:
    """Who is told, and the keys of those to whom it is mailed as well."""
    if AlarmKind(row.kind) in OF_GOVERNANCE:
        people: Sequence[Person] = deciders(now)
        return people, {one.pk for one in people if settings.COUNTERSIGN_MAIL and one.email}
    people = platform_operators(now)
    return people, _by_mail(people)


def _by_mail(people: Sequence[Person]) -> set[int]:
    rows = Subscription.objects.filter(person__in=people, kind=Kind.PLATFORM, by_mail=True, ended__isnull=True)
    return set(rows.values_list("person_id", flat=True))


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
