"""The last safe moment to submit the renewal of something that lapses, and what is frozen or open meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from governance.change.core.policy import Direction
from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.models import Change, Freeze, Incident
from governance.change.selectors.policies import policy_in_force

LOOKED_AT = 20
ESCALATES = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class FreezeView:
    """A freeze that stands; after 72 hours it escalates, and never ends by itself."""

    scope: str
    by: str
    reason: str
    decision: str
    at: datetime
    escalates: bool


@dataclass(frozen=True, slots=True)
class IncidentView:
    """An incident with its timeline of (when, who, what); `closed` None while it is open."""

    id: str
    change: str
    kind: str
    reason: str
    by: str
    opened: datetime
    closed: datetime | None
    entries: tuple[tuple[datetime, str, str], ...]


def last_safe_moment(lapses: datetime, kind: str, direction: Direction = Direction.LOOSENS) -> datetime:
    """Lapse minus lock minus the median time of review of this kind (of all kinds while there is none of it)."""
    rule = policy_in_force().policy.rule_for(kind, direction)
    return lapses - timedelta(seconds=rule.lock_s + median_review(kind))


def median_review(kind: str) -> int:
    """Seconds from submission to the last approval, over the newest applied changes; 0 where there are none."""
    applied = Change.objects.filter(state=State.APPLIED, ready_at__isnull=False).order_by("-id")
    rows = list(applied.filter(type=kind)[:LOOKED_AT]) or list(applied[:LOOKED_AT])
    times = [taken for row in rows if (taken := _review(row)) is not None]
    return int(median(times)) if times else 0


def freezes(now: datetime) -> tuple[FreezeView, ...]:
    """What is frozen now."""
    rows = Freeze.objects.filter(lifted__isnull=True).order_by("id")
    return tuple(
        FreezeView(row.scope, row.by, row.reason, row.decision, row.at, row.at + ESCALATES <= now) for row in rows
    )


def incidents(*, is_open: bool | None = None, limit: int = 50) -> tuple[IncidentView, ...]:
    """Incidents, newest first."""
    rows = Incident.objects.prefetch_related("entries").order_by("-id")
    if is_open is not None:
        rows = rows.filter(closed__isnull=is_open)
    return tuple(map(_incident, rows[:limit]))


def _incident(row: Incident) -> IncidentView:
    lines = tuple((one.at, one.by, one.text) for one in row.entries.all())
    return IncidentView(
        str(row.public_id), row.change, row.kind, row.reason, row.by, row.opened, row.closed, lines
    )  # fmt: skip


def _review(row: Change) -> int | None:
    last = row.words.filter(verb=Verb.APPROVE.value, revision=row.revision).order_by("-index").first()
    return None if last is None or row.not_before is None else max(0, last.at - row.not_before)
