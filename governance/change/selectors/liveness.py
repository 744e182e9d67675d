"""Who would be missed only when they are needed: approvers who say nothing, keys that nobody uses, drills not held.

Guarantees nothing about power: a flag takes none away. It names people early enough to ask them. Follows the
governance reference, R19 and section 4 (liveness).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Max

from governance.change.core.policy import Direction
from governance.change.core.policy_text import rule_of
from governance.change.core.satisfiable import Staff, unmet
from governance.change.core.states import TERMINAL, State
from governance.change.errors import NotFounded, RuleMissing
from governance.change.models import Change, Revision, Word
from governance.change.selectors.deployment import changes_stream
from governance.change.selectors.people import staff
from governance.change.selectors.policies import policy_in_force
from governance.change.types import change_type
from governance.change.types.drill import DRILL
from governance.identity.core.person_keys import KeyState, KeyUse
from governance.identity.models.person import actor_of
from governance.identity.selectors.founding import founding
from governance.identity.selectors.people import PersonView
from governance.identity.selectors.people import people as everybody
from governance.identity.selectors.person_keys import PersonKeyView

SILENT_IN = 2
UNUSED = timedelta(days=90)
QUARTER = timedelta(days=91)
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
class DrillView:
    """When the last drill was applied (None: never), until when the next one is held, and whether that is over."""

    last: datetime | None
    due: datetime
    is_due: bool


def quiet(now: datetime) -> dict[str, Quiet]:
    """Everybody who is flagged, by `person:<uuid>`: approvers who said nothing of the last two changes that asked for
    their place, and people with a decision key that was not used for 90 days.
    """
    views = [one for one in everybody(now) if one.live]
    missed, used = _missed(views), dict(Word.objects.values("kid").annotate(last=Max("at")).values_list("kid", "last"))
    found = {}
    for view in views:
        person = actor_of(view.public_id)
        unused = _unused(view, used, now)
        silent = missed.get(person, 0)
        if unused or silent >= SILENT_IN:
            found[person] = Quiet(person, silent if silent >= SILENT_IN else 0, unused)
    return found


def thin(now: datetime) -> tuple[str, ...]:
    """Rules that only people who are flagged could still meet, each in a sentence; none before the founding."""
    try:
        rules = policy_in_force().policy.rules
    except NotFounded:
        return ()
    before, flagged = staff(now, changes_stream().size), frozenset(quiet(now))
    here = tuple(one for one in before.approvers if one.person not in flagged)
    after = Staff(here, before.authors, before.executors - flagged, before.index)
    held = {one.rule for one in unmet(rules, before)}
    return tuple(f"{one.rule}: {one.lacking}." for one in unmet(rules, after) if one.rule not in held)


def drill(now: datetime) -> DrillView | None:
    """When the next drill is due, a quarter after the last one or the founding; None where no rule covers a drill."""
    found = founding()
    try:
        policy_in_force().policy.rule_for(DRILL, Direction.NEUTRAL)
    except (NotFounded, RuleMissing):
        return None
    if found is None:
        return None
    last = Change.objects.filter(type=DRILL, state=State.APPLIED).aggregate(last=Max("moved"))["last"]
    due = (last or found.at) + QUARTER
    return DrillView(last, due, due <= now)


def _missed(views: list[PersonView]) -> dict[str, int]:
    """Of each approver, how many of the newest ended changes that asked for them in a row they said nothing of."""
    rows = Change.objects.filter(state__in=_ENDED, not_before__isnull=False).order_by("-id")[:LOOKED_AT]
    silent: dict[str, int] = defaultdict(int)
    spoke: set[str] = set()
    for row in rows.prefetch_related("revisions", "words"):
        asked = _asked(row, views)
        said = {word.person for word in row.words.all()}
        spoke |= said
        for person in asked - spoke:
            silent[person] += 1
    return silent


def _asked(row: Change, views: list[PersonView]) -> set[str]:
    """Whose place the rule asked for while it was in review, and who could have signed from its first second on."""
    texts = list(row.revisions.all())
    text = next(one for one in texts if one.number == row.revision)
    places, begun = {*rule_of(text.rule).places}, datetime.fromtimestamp(row.not_before or 0, UTC)
    apart = {row.author, *(one.by for one in texts), *_concerned(row, text)}
    could = (view for view in views if _could(view, places, begun))
    return {actor_of(view.public_id) for view in could} - apart


def _could(view: PersonView, places: set[str], begun: datetime) -> bool:
    has_place = any(group in places and since <= begun for group, since in view.seats)
    return has_place and any(_counted_at(key, begun) for key in view.keys)


def _counted_at(key: PersonKeyView, begun: datetime) -> bool:
    return key.use is KeyUse.DECISION and key.active_from is not None and key.active_from <= begun


def _concerned(row: Change, text: Revision) -> frozenset[str]:
    return change_type(row.type).concerned(text.body)


def _unused(view: PersonView, used: dict[str, int], now: datetime) -> tuple[str, ...]:
    """Active decision keys whose last word, or activation where there is none, is 90 days ago."""
    border = now - UNUSED
    active = [one for one in view.keys if one.use is KeyUse.DECISION and one.state is KeyState.ACTIVE]
    return tuple(
        one.kid for one in active
        if one.active_from is not None and one.active_from <= border and used.get(one.kid, 0) <= border.timestamp()
    )  # fmt: skip
