"""Who would be missed only when they are needed: approvers who say nothing, keys that nobody uses, drills not held.

Guarantees nothing about power: a flag takes none away. It names people early enough to ask them. Follows the
governance reference, R19 and section 4 (liveness).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Max, OuterRef, Subquery

from governance.change.core.policy import Direction, Policy
from governance.change.core.policy_text import rule_of
from governance.change.core.satisfiable import Staff, unmet
from governance.change.core.states import TERMINAL, State
from governance.change.errors import RuleMissing
from governance.change.models import Change, Revision, Word
from governance.change.selectors.people import staff_of
from governance.change.types import change_type
from governance.change.types.drill import DRILL
from governance.identity.core.person_keys import KeyState, KeyUse
from governance.identity.models import Founding
from governance.identity.models.person import actor_of
from governance.identity.selectors.people import PersonView
from governance.identity.selectors.people import people as everybody
from governance.identity.selectors.person_keys import PersonKeyView

SILENT_IN = 2
UNUSED = timedelta(days=90)
QUARTER = timedelta(days=91)
NOW_AND_EVER = 2**53 - 1
"""A place of the record at which every key that counts now counts still."""
LOOKED_AT = 50
"""So many ended changes are looked at, the newest first."""
_ENDED = [one.value for one in TERMINAL - {State.WITHDRAWN}]


@dataclass(frozen=True, slots=True)
class Quiet:
    """An approver who may not be there when they are needed: how many changes in a row they said nothing of, and the
    ids of their decision keys that were unused for 90 days.
    """

    person: str
    silent: int
    unused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Practice:
    """In sentences the rules that nobody could meet now, and those that only people who are flagged could still meet;
    and the next drill.
    """

    unmet: tuple[str, ...]
    thin: tuple[str, ...]
    drill: DrillView | None


@dataclass(frozen=True, slots=True)
class DrillView:
    """When the last drill was applied (None: never), until when the next one is held, and whether that is over."""

    last: datetime | None
    due: datetime
    is_due: bool


def quiet(now: datetime, views: Iterable[PersonView] | None = None) -> dict[str, Quiet]:
    """Everybody who is flagged, by `person:<uuid>`: approvers who said nothing of the last two changes that asked for
    their place, and people with a decision key that was not used for 90 days. `views` spares reading all people: two
    queries then.
    """
    live = [one for one in (everybody(now) if views is None else views) if one.live]
    missed, used = _missed(live), dict(Word.objects.values("kid").annotate(last=Max("at")).values_list("kid", "last"))
    found = {}
    for view in live:
        person = actor_of(view.public_id)
        unused = _unused(view, used, now)
        silent = missed.get(person, 0)
        if unused or silent >= SILENT_IN:
            found[person] = Quiet(person, silent if silent >= SILENT_IN else 0, unused)
    return found


def practice(now: datetime, policy: Policy) -> Practice:
    """Whether the rules of `policy` could be met today, and when the next drill is due: four queries."""
    views = everybody(now)
    before, flagged = staff_of(views, NOW_AND_EVER), frozenset(quiet(now, views))
    here = tuple(one for one in before.approvers if one.person not in flagged)
    after = Staff(here, before.authors, before.executors - flagged, before.index)
    lacking = {one.rule: one.lacking for one in unmet(policy.rules, before)}
    thin = [one for one in unmet(policy.rules, after) if one.rule not in lacking]
    return Practice(
        unmet=tuple(f"{rule}: {words}." for rule, words in lacking.items()),
        thin=tuple(f"{one.rule}: {one.lacking}." for one in thin),
        drill=drill(now, policy),
    )


def drill(now: datetime, policy: Policy) -> DrillView | None:
    """When the next drill is due, a quarter after the last one or the founding; None where no rule covers a drill."""
    try:
        policy.rule_for(DRILL, Direction.NEUTRAL)
    except RuleMissing:
        return None
    last = Change.objects.filter(type=DRILL, state=State.APPLIED, moved__gt=OuterRef("at")).order_by("-moved")
    row = Founding.objects.annotate(last=Subquery(last.values("moved")[:1])).values_list("at", "last").first()
    if row is None:
        return None
    due = (row[1] or row[0]) + QUARTER
    return DrillView(row[1], due, due <= now)


def _missed(views: list[PersonView]) -> dict[str, int]:
    """Of each approver, how many of the newest ended changes that asked for them in a row they said nothing of."""
    said = ArraySubquery(Word.objects.filter(change=OuterRef("change")).values("person"))
    wrote = ArraySubquery(Revision.objects.filter(change=OuterRef("change")).values("by"))
    texts = Revision.objects.filter(change__state__in=_ENDED, change__not_before__isnull=False)
    newest = texts.filter(number=F("change__revision")).select_related("change").order_by("-change_id")
    silent: dict[str, int] = defaultdict(int)
    spoke: set[str] = set()
    for text in newest.annotate(said=said, wrote=wrote)[:LOOKED_AT]:
        spoke |= {*text.said}
        for person in _asked(text, {*text.wrote}, views) - spoke:
            silent[person] += 1
    return silent


def _asked(text: Revision, wrote: set[str], views: list[PersonView]) -> set[str]:
    """Whose place the rule asked for while it was in review, and who could have signed from its first second on."""
    places, begun = {*rule_of(text.rule).places}, datetime.fromtimestamp(text.change.not_before or 0, UTC)
    apart = {text.change.author, *wrote, *change_type(text.change.type).concerned(text.body)}
    could = (view for view in views if _could(view, places, begun))
    return {actor_of(view.public_id) for view in could} - apart


def _could(view: PersonView, places: set[str], begun: datetime) -> bool:
    has_place = any(group in places and since <= begun for group, since in view.seats)
    return has_place and any(_counted_at(key, begun) for key in view.keys)


def _counted_at(key: PersonKeyView, begun: datetime) -> bool:
    return key.use is KeyUse.DECISION and key.active_from is not None and key.active_from <= begun


def _unused(view: PersonView, used: dict[str, int], now: datetime) -> tuple[str, ...]:
    """Active decision keys whose last word, or activation where there is none, is 90 days ago."""
    border = now - UNUSED
    active = [one for one in view.keys if one.use is KeyUse.DECISION and one.state is KeyState.ACTIVE]
    return tuple(
        one.kid for one in active
        if one.active_from is not None and one.active_from <= border and used.get(one.kid, 0) <= border.timestamp()
    )  # fmt: skip
