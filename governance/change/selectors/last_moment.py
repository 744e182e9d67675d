"""The last safe moment to submit the renewal of something that lapses, and what is frozen or open meanwhile."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from statistics import median

from django.db.models import Prefetch

from governance.change.core.policy import Direction, Policy
from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.errors import ChangeRefused
from governance.change.models import Change, Freeze, Incident, Word
from governance.change.selectors.policies import policy_in_force

LOOKED_AT = 20
REMEMBERED = 200
"""Of the newest applied changes: so far back a kind is looked for."""
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
    """An incident with its timeline of (when, who, what, leaf or None); `closed` None while it is open.

    `change` is the change that was applied in an emergency, '' where it was opened by itself; `tenant` whose it is
    (None: the platform's), `index` the leaf that opened it.
    """

    id: str
    change: str
    tenant: str | None
    index: int | None
    kind: str
    reason: str
    by: str
    opened: datetime
    closed: datetime | None
    entries: tuple[tuple[datetime, str, str, int | None], ...]


def last_safe_moment(lapses: datetime, kind: str, direction: Direction = Direction.LOOSENS) -> datetime:
    """Lapse minus what a change of this kind takes; raises ChangeRefused where no rule allows it."""
    lead = lead_times([kind], direction)[kind]
    if isinstance(lead, ChangeRefused):
        raise lead
    return lapses - lead


def lead_times(
    kinds: Iterable[str], direction: Direction = Direction.LOOSENS
) -> dict[str, timedelta | ChangeRefused]:  # fmt: skip
    """What a change of each kind takes: its lock, and the median time of review of its kind (of all kinds while there
    is none of it) among the newest applied; ChangeRefused where no rule allows it. Three questions, however many kinds.
    """
    try:
        policy, reviews = policy_in_force().policy, _reviews()
    except ChangeRefused as refused:
        return dict.fromkeys(kinds, refused)
    return {kind: _lead(policy, kind, direction, _median(reviews, kind)) for kind in kinds}


def _lead(policy: Policy, kind: str, direction: Direction, review: int) -> timedelta | ChangeRefused:
    try:
        return timedelta(seconds=policy.rule_for(kind, direction).lock_s + review)
    except ChangeRefused as refused:
        return refused


def _median(reviews: list[tuple[str, int]], kind: str) -> int:
    """Seconds from submission to the last approval; 0 where nothing was applied yet."""
    times = [taken for one, taken in reviews if one == kind] or [taken for _, taken in reviews]
    return int(median(times[:LOOKED_AT])) if times else 0


def _reviews() -> list[tuple[str, int]]:
    """Kind and seconds of review of what was applied last, the newest first."""
    approvals = Word.objects.filter(verb=Verb.APPROVE.value).only("change_id", "revision", "at", "index")
    applied = Change.objects.filter(state=State.APPLIED, ready_at__isnull=False).order_by("-id")
    rows = applied.prefetch_related(Prefetch("words", approvals))[:REMEMBERED]
    return [(row.type, taken) for row in rows if (taken := _review(row)) is not None]


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
    return tuple(map(incident_view, rows[:limit]))


def incident_view(row: Incident) -> IncidentView:
    """The view of a row."""
    lines = tuple((one.at, one.by, one.text, one.index) for one in row.entries.all())
    return IncidentView(
        str(row.public_id), row.change or "", row.tenant, row.index, row.kind, row.reason, row.by, row.opened,
        row.closed, lines,
    )  # fmt: skip


def _review(row: Change) -> int | None:
    spoken = [one for one in row.words.all() if one.revision == row.revision]
    if row.not_before is None or not spoken:
        return None
    return max(0, max(spoken, key=attrgetter("index")).at - row.not_before)
