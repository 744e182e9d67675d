"""An incident that is opened by itself, gets entries and ends: under one, and in no other case, a canary is reset.

Guarantees that each step is one event in `_governance/changes` whose place the row keeps; that opening one gives no
power of its own; and that neither who opened it nor who carried something out under it closes it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import ClassVar, Final

from governance.change.actions.base import denied, require_session
from governance.change.actions.draft import checked_reason
from governance.change.actions.incident import kept, note_incident
from governance.change.errors import BodyMalformed, IncidentClosed, IncidentUnknown, RoleMissing, TooManyOpen
from governance.change.events import IncidentEvent
from governance.change.models import Change, Incident, IncidentEntry
from governance.change.selectors.people import may_tend_incident, views
from governance.identity.actions.base import Action, Record
from governance.identity.core.principal import Principal, PrincipalKind
from governance.identity.models import Tenant
from governance.identity.moment import Moment
from ledger.errors import RequestError

SOURCE: Final = "urn:countersign:governance:incident"
MOST_KIND: Final = 64
MOST_OPEN: Final = 10
"""So many incidents of one person are open at most: what all are told of must not be drowned."""


@dataclass(frozen=True, kw_only=True)
class OpenIncident(Action[Incident]):
    """`kind` in a few words, `reason` in sentences; `tenant` is a public id, None for the platform."""

    source: ClassVar[str] = SOURCE

    kind: str
    reason: str
    tenant: str | None

    def check(self) -> None:
        """Who may, and the two texts; raises TokenCannotDecide, RoleMissing, BodyMalformed, TooManyOpen."""
        _check_role(self.by, self.tenant, self.at)
        if not 1 <= len(self.kind.strip()) <= MOST_KIND or not self.kind.strip().isprintable():
            raise BodyMalformed("A kind is needed", path="$.kind", next_step=f"Give 1 to {MOST_KIND} characters.")
        checked_reason(self.reason)
        if self.tenant is not None and not Tenant.objects.filter(public_id=_uuid(self.tenant, "$.tenant")).exists():
            raise BodyMalformed("There is no such tenant", path="$.tenant")
        if Incident.objects.filter(by=self.by.actor, closed__isnull=True, change=None).count() >= MOST_OPEN:
            raise TooManyOpen(f"{MOST_OPEN} of your incidents are open", next_step="Have one of them closed first.")

    def execute(self) -> Incident:
        """The row, which is written once its place in the record is known."""
        return Incident(
            public_id=self.at.new_id(), tenant=self.tenant, kind=self.kind.strip(), reason=checked_reason(self.reason),
            by=self.by.actor, opened=self.at.now,
        )  # fmt: skip

    def record(self, result: Incident) -> Record:
        """Everything that the row says."""
        facts = {"kind": result.kind, "reason": result.reason, "tenant": result.tenant}
        return Record(IncidentEvent.OPENED, str(result.public_id), {**facts})

    def settle(self, result: Incident, index: int) -> Incident:
        """With its place."""
        result.index = index
        result.save(force_insert=True)
        return result


@dataclass(frozen=True, kw_only=True)
class NoteOwnIncident(Action[IncidentEntry]):
    """One more entry; with `closes` the last one."""

    source: ClassVar[str] = SOURCE

    incident: Incident = field(repr=False)
    text: str
    closes: bool

    def check(self) -> None:
        """Open still, and by whom it may be; raises IncidentClosed, RoleMissing, BodyMalformed, TokenCannotDecide."""
        _check_role(self.by, self.incident.tenant, self.at)
        checked_reason(self.text)
        Incident.objects.select_for_update().get(pk=self.incident.pk)
        self.incident.refresh_from_db()
        if self.incident.closed is not None:
            raise IncidentClosed("The incident is closed", why=str(self.incident.public_id))
        if self.closes and self._is_party():
            raise RoleMissing(
                "Somebody else closes it", why=f"{self.by.actor} opened it, or carried out something under it"
            )

    def _is_party(self) -> bool:
        named = {"revisions__body__incident": str(self.incident.public_id)}
        return self.by.actor == self.incident.by or Change.objects.filter(executor=self.by.actor, **named).exists()

    def execute(self) -> IncidentEntry:
        """The end of the incident, where this is it, and the entry, which is written with its place."""
        if self.closes:
            self.incident.closed = self.at.now
            self.incident.save(update_fields=["closed"])
        return IncidentEntry(
            incident=self.incident, by=self.by.actor, text=checked_reason(self.text), at=self.at.now
        )  # fmt: skip

    def record(self, result: IncidentEntry) -> Record:
        """What was said."""
        event = IncidentEvent.CLOSED if self.closes else IncidentEvent.NOTED
        return Record(event, str(self.incident.public_id), {"entry": result.text})

    def settle(self, result: IncidentEntry, index: int) -> IncidentEntry:
        """With its place."""
        kept(result, index)
        return result


def open_incident(kind: str, reason: str, *, tenant: str | None, by: Principal, at: Moment) -> Incident:
    """Open one; raises TokenCannotDecide, RoleMissing, BodyMalformed, TooManyOpen, after the denial was recorded."""
    try:
        return OpenIncident(kind=kind, reason=reason, tenant=tenant, by=by, at=at).run()
    except RequestError as error:
        denied(error, by, "incident", "")
        raise


def tend_incident(incident_id: str, text: str, *, closes: bool, by: Principal, at: Moment) -> None:
    """Add to the timeline of any incident, or close it; raises IncidentUnknown and what either kind refuses."""
    row = Incident.objects.filter(public_id=_uuid(incident_id, "$.incident")).first()
    if row is None:
        raise IncidentUnknown("There is no such incident", why=incident_id[:64])
    if row.change is not None:
        note_incident(row.change, text, by=by, at=at, closes=closes)
        return
    try:
        NoteOwnIncident(incident=row, text=text, closes=closes, by=by, at=at).run()
    except RequestError as error:
        denied(error, by, "incident", "")
        raise


def _check_role(by: Principal, tenant: str | None, at: Moment) -> None:
    """Somebody at the server, or a person in a session who stops things there."""
    if by.kind is PrincipalKind.MACHINE:
        return
    require_session(by)
    if not may_tend_incident(views(at.now).get(by.actor), tenant):
        raise RoleMissing("This takes a role that decides, witnesses or runs the platform", why=by.actor)


def _uuid(text: str, path: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise BodyMalformed("This is no id", path=path, why=text[:64]) from error
