"""What people have to hear is noted in the transaction of the step itself; what time brings is noted by a task.

Guarantees that nothing is told which did not happen, that each occasion of time is noted once, and that no step waits
for a mail.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Q

from governance.change.core.occasions import Occasion
from governance.change.core.states import LIVE, State
from governance.change.models import Ask, Change, Telling
from governance.change.selectors.last_moment import ESCALATES, freezes
from governance.identity.core.principal import Principal
from governance.identity.moment import Moment

KEPT = timedelta(days=30)
SOON = timedelta(hours=24)
DAY = timedelta(days=1)
CLOCK = "machine:clock"


def note(
    row: Change, occasion: Occasion, revision: int, *, by: Principal, at: Moment, person: str = "", words: str = ""
) -> None:  # fmt: skip
    """Note that people have to be told, together with the step."""
    Telling.objects.create(
        change=row, occasion=occasion, revision=revision, by=by.actor, person=person, words=words[:500], at=at.now
    )  # fmt: skip


def note_answer(row: Change, person: str, revision: int, now: datetime) -> None:
    """Whoever was asked over this revision has said something."""
    Ask.objects.filter(change=row, revision=revision, person=person, answered__isnull=True).update(answered=now)


def note_time(at: Moment) -> int:
    """Note what time brought at `at`: locks that are over, asks without an answer, lives that end soon, and freezes
    that last, those every day anew.

    Returns how many were new. What was told long ago goes.
    """
    Telling.objects.filter(told__lt=at.now - KEPT).delete()
    rows = [*_ready(at.now), *_unanswered(at.now), *_ending(at.now), *_frozen(at.now)]
    before = Telling.objects.count()
    Telling.objects.bulk_create(rows, ignore_conflicts=True)
    return Telling.objects.count() - before


def _ready(now: datetime) -> list[Telling]:
    over = Change.objects.filter(state=State.TIMELOCKED, ready_at__lte=int(now.timestamp()))
    return [_of(row, Occasion.READY, f"{row.revision}:{row.ready_at}", now) for row in over]


def _unanswered(now: datetime) -> list[Telling]:
    """Asks that have escalated, while the text they ask about is still in review."""
    waits = Ask.objects.filter(answered__isnull=True, escalated__gt=now - KEPT, change__state=State.IN_REVIEW)
    asks = waits.filter(revision=F("change__revision")).select_related("change")
    return [_of(one.change, Occasion.UNANSWERED, str(one.pk), now, person=one.person, by=one.by) for one in asks]


def _ending(now: datetime) -> list[Telling]:
    """Told once when a day is left, or the last quarter of a life that is shorter than four days."""
    second = int(now.timestamp())
    lives = Q(not_after__gt=second, not_before__isnull=False)
    open_now = Change.objects.filter(lives, state__in=[*LIVE, State.APPLIED_PROVISIONAL])
    found = []
    for row in open_now:
        start, end = row.not_before or 0, row.not_after or 0
        if end - second <= min(SOON.total_seconds(), (end - start) // 4):
            occasion = Occasion.RATIFY_SOON if row.state == State.APPLIED_PROVISIONAL else Occasion.ENDS_SOON
            found.append(_of(row, occasion, f"{row.revision}:{end}", now))
    return found


def _frozen(now: datetime) -> list[Telling]:
    """Freezes that escalated: at 72 hours, and again with each day that they stand."""
    found = []
    for freeze in freezes(now):
        row = Change.objects.filter(public_id=freeze.decision).first() if _is_id(freeze.decision) else None
        if freeze.escalates and row is not None:
            day = (now - freeze.at - ESCALATES) // DAY
            occasion = Occasion.FREEZE_STILL if day else Occasion.FREEZE_LASTS
            found.append(_of(row, occasion, f"day {day}", now))
    return found


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


def _of(row: Change, occasion: Occasion, mark: str, now: datetime, *, person: str = "", by: str = CLOCK) -> Telling:
    return Telling(change=row, occasion=occasion, revision=row.revision, by=by, person=person, mark=mark, at=now)
