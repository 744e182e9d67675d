"""The record of an incident goes on: entries in its timeline, and its end."""

from __future__ import annotations

from dataclasses import dataclass

from governance.change.actions.base import ChangeAction, Moved, Place, require_session
from governance.change.actions.draft import checked_reason
from governance.change.core.states import State
from governance.change.errors import NotForEmergencies, RoleMissing
from governance.change.events import ChangeEvent
from governance.change.models import Change, Incident, IncidentEntry
from governance.change.selectors.people import may_contain, views
from governance.identity.core.principal import Principal
from governance.identity.moment import Moment
from ledger.core.types import JSONObject


@dataclass(frozen=True, kw_only=True)
class NoteIncident(ChangeAction):
    """`closes`: the last entry. Who declared an emergency that lapsed does not close it."""

    door = "incident"

    text: str
    closes: bool

    def step(self, row: Change, place: Place) -> Moved:
        """One entry."""
        require_session(self.by)
        text = checked_reason(self.text)
        incident = Incident.objects.select_for_update().filter(change=row.key, closed__isnull=True).first()
        if incident is None:
            raise NotForEmergencies("There is no open incident of this change")
        if not may_contain(views(self.at.now).get(self.by.actor)):
            raise RoleMissing("This takes a role that decides, witnesses or runs the platform", why=self.by.actor)
        if self.closes:
            self._close(row, incident)
        entry = IncidentEntry(incident=incident, by=self.by.actor, text=text, at=self.at.now)
        facts: JSONObject = {"entry": text, "closes": self.closes}
        return Moved(ChangeEvent.INCIDENT_NOTED, facts, then=lambda index: kept(entry, index))

    def _close(self, row: Change, incident: Incident) -> None:
        if row.state == State.APPLIED_PROVISIONAL:
            raise NotForEmergencies("It is neither ratified nor undone yet")
        if self.by.actor in {incident.by, row.executor}:
            raise RoleMissing("Somebody who did not use the emergency closes it", why=self.by.actor)
        incident.closed = self.at.now
        incident.save(update_fields=["closed"])


def kept(entry: IncidentEntry, index: int) -> None:
    """Write an entry of a timeline with the place of its event."""
    entry.index = index
    entry.save(force_insert=True)


def note_incident(change_id: str, text: str, *, by: Principal, at: Moment, closes: bool = False) -> Change:
    """Add to the timeline of the incident of an emergency change; raises NotForEmergencies, RoleMissing."""
    return NoteIncident(change_id=change_id, text=text, closes=closes, by=by, at=at).run()
