"""What time and others did to a change: expired, stale, quorum lost or reached, an emergency that nobody ratified.

Guarantees that nothing depends on when this runs: every step asks the same questions again before it acts; and that a
freeze stops what is undone as it stops what is done.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from django.db import transaction

from governance.change.actions.approve import quorum_facts
from governance.change.actions.base import ChangeAction, Moved, Place
from governance.change.actions.execute import drifted, freeze_on, hindrance
from governance.change.core.states import LIVE, State, Step
from governance.change.errors import NoWayBack
from governance.change.events import ChangeEvent
from governance.change.models import Change, Incident, IncidentEntry
from governance.change.selectors.standing import Standing, current, standing
from governance.change.types import change_type
from governance.change.types.base import Applying, carry_out
from governance.change.types.genesis import GENESIS
from governance.identity.core.principal import machine
from governance.identity.moment import Moment
from ledger.core.types import JSONObject
from ledger.errors import RequestError

CLOCK = machine("machine:settle")
WAITS = "Nobody ratified it in time. It stays while execution is frozen, and is undone after the thaw."


@dataclass(frozen=True, kw_only=True)
class Settle(ChangeAction):
    """Commit what is the case; refuses nothing."""

    door = "settle"

    def before(self, row: Change) -> None:
        """An emergency may have to be undone: its rows are locked first."""
        if row.state == State.APPLIED_PROVISIONAL:
            change_type(row.type).base(current(row).body, lock=True)

    def step(self, row: Change, place: Place) -> Moved | None:
        """What is found, or nothing."""
        if row.type == GENESIS or row.state not in {*LIVE, State.APPLIED_PROVISIONAL}:
            return None
        stands = standing(row, index=place.index, now=place.now)
        if row.state == State.APPLIED_PROVISIONAL:
            return _over(stands, self.at) if stands.is_expired else None
        return _quietly(stands, place)


def _quietly(stands: Standing, place: Place) -> Moved | None:
    row = stands.row
    if stands.is_expired:
        return Moved(ChangeEvent.EXPIRED, {}, Step.EXPIRE, {"ready_at": None})
    if row.state == State.TIMELOCKED:
        return _locked(stands, place)
    if row.state != State.IN_REVIEW:
        return None
    if drift := drifted(stands):
        return Moved(ChangeEvent.STALE, {"drift": drift}, Step.BASE_MOVED, {"ready_at": None})
    if stands.quorum.met:
        facts: JSONObject = {"quorum": quorum_facts(stands)}
        return Moved(ChangeEvent.SETTLED, facts, Step.QUORUM, {"ready_at": stands.ready_at})
    return None


def _locked(stands: Standing, place: Place) -> Moved | None:
    try:
        found = hindrance(stands, place)
    except RequestError:
        return None
    return Moved(found.event, found.facts, found.step, found.columns) if found is not None else None


def _over(stands: Standing, at: Moment) -> Moved | None:
    """Nothing is undone while execution is frozen: it waits for the thaw, and the incident's timeline says so."""
    if freeze_on(stands.row) is None:
        return _lapse(stands, at)
    incident = Incident.objects.filter(change=stands.row.key).first()
    if incident is not None and not incident.entries.filter(text=WAITS).exists():
        IncidentEntry.objects.create(incident=incident, by=CLOCK.actor, text=WAITS, at=at.now)
    return None


def _lapse(stands: Standing, at: Moment) -> Moved:
    """Undo it where the state is still the one applied; otherwise say that nobody could."""
    revision, row = stands.revision, stands.row
    way_back = cast("JSONObject", revision.way_back)
    outcome, base = "undone", cast("JSONObject", revision.result)
    try:
        with transaction.atomic():
            _undo(revision.body, way_back, cast("JSONObject", revision.result), Applying(row.key, CLOCK, at), row.type)
    except RequestError as error:
        outcome = f"not undone: {error.code}"
    incident = Incident.objects.filter(change=row.key).first()
    if incident is not None:
        IncidentEntry.objects.create(incident=incident, by=CLOCK.actor, text=f"Lapsed, {outcome}.", at=at.now)
    result = revision.base if outcome == "undone" else base
    facts: JSONObject = {"base": base, "result": result, "body": revision.body, "outcome": outcome}
    return Moved(ChangeEvent.EMERGENCY_LAPSED, facts, Step.LAPSE, {"outcome": outcome})


def _undo(body: JSONObject, way_back: JSONObject, applied: JSONObject, context: Applying, kind: str) -> None:
    if change_type(kind).base(body, lock=True) != applied:
        raise NoWayBack("The state is no longer the one that was applied")
    back = change_type(str(way_back["type"]))
    told = cast("JSONObject", way_back["body"])
    carry_out(back, back.base(told, lock=True), told, context)


def settle_change(change_id: str, *, at: Moment) -> Change:
    """Bring one change up to date; safe at any time, as often as one likes."""
    return Settle(change_id=change_id, by=CLOCK, at=at).run()


def settle_all(*, at: Moment) -> int:
    """Bring every open change up to date; returns how many moved."""
    states = [one.value for one in (*LIVE, State.APPLIED_PROVISIONAL)]
    moved = 0
    for key, before in Change.objects.filter(state__in=states).values_list("public_id", "state"):
        with suppress(RequestError):  # recorded; the next one is not held up by it
            moved += settle_change(str(key), at=at).state != before
    return moved
