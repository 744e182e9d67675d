"""Whom an occasion in the life of a change concerns now, and what of it they may open."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import cast

from governance.change.core.occasions import Occasion
from governance.change.core.states import State
from governance.change.models import Change, Freeze, Telling
from governance.change.selectors.changes import scope_of
from governance.change.selectors.deployment import changes_stream
from governance.change.selectors.executors import executors_of
from governance.change.selectors.people import views
from governance.change.selectors.standing import Standing, current, standing
from governance.change.types import change_type
from governance.change.types.genesis import GENESIS
from governance.identity.core.roles import Role
from governance.identity.models.membership import Membership
from governance.identity.models.person import Person, actor_of
from governance.watching.core.hearing import HEARINGS, STILL, Party
from ledger.core.types import JSONObject

_DECIDE = (Role.APPROVER, Role.EXECUTOR, Role.PLATFORM_OPERATOR)
_OF_TENANTS = (Role.TENANT_ADMIN, Role.TENANT_DEVELOPER, Role.TENANT_VIEWER)
OWN_PAGE = "/account/"
"""What somebody can open whose roles read no changes: the state of their own roles and keys."""


@dataclass(frozen=True)
class Hearers:
    """The parties of one occasion, each read when it is asked for."""

    telling: Telling
    now: datetime

    def told(self) -> dict[str, Party]:
        """Everybody to be told (`person:<uuid>`), with the reason, without whoever did it."""
        occasion, found = Occasion(self.telling.occasion), dict[str, Party]()
        if self.row.state not in STILL.get(occasion, {self.row.state}) or self._thawed(occasion):
            return {}
        hearing = HEARINGS[occasion]
        for party in hearing.parties:
            for person in self._of(party):
                found.setdefault(person, party)
        if not hearing.actor_too:
            found.pop(self.telling.by, None)
        return found

    def _thawed(self, occasion: Occasion) -> bool:
        """Whether it tells of a freeze that has ended since."""
        if occasion not in {Occasion.FREEZE_LASTS, Occasion.FREEZE_STILL}:
            return False
        return not Freeze.objects.filter(decision=self.row.key, lifted__isnull=True).exists()

    def _of(self, party: Party) -> frozenset[str]:
        return _PARTIES[party](self)

    @cached_property
    def row(self) -> Change:
        """The change."""
        return self.telling.change

    @cached_property
    def standing(self) -> Standing:
        """Where it stands now."""
        stream = changes_stream()
        return standing(self.row, index=stream.size, now=int(max(self.now, stream.recorded).timestamp()))

    def asked(self) -> frozenset[str]:
        """Whom the occasion is about."""
        return frozenset({self.telling.person} - {""})

    def concerned(self) -> frozenset[str]:
        """People whose own powers it changes."""
        return change_type(self.row.type).concerned(current(self.row).body)

    def author(self) -> frozenset[str]:
        """Who wrote it, or a revision of it."""
        return frozenset({self.row.author, *self.row.revisions.values_list("by", flat=True)})

    def able(self) -> frozenset[str]:
        """Who could fill an open place now."""
        if self.row.state != State.IN_REVIEW:
            return frozenset()
        return frozenset(one for slot in self.standing.quorum.slots if slot.person is None for one in slot.could)

    def executors(self) -> frozenset[str]:
        """Who could carry it out now."""
        return frozenset(executors_of(self.standing, self.now))

    def signers(self) -> frozenset[str]:
        """Who signed something over it."""
        return frozenset(self.row.words.values_list("person", flat=True))

    def admins(self) -> frozenset[str]:
        """Admins of the tenant that it concerns."""
        return self._members(Role.TENANT_ADMIN)

    def members(self) -> frozenset[str]:
        """Everybody with a tenant's role there."""
        return self._members(*_OF_TENANTS)

    def named(self) -> frozenset[str]:
        """People whom a genesis names."""
        if self.row.type != GENESIS:
            return frozenset()
        people = cast("list[JSONObject]", current(self.row).body["people"])
        return frozenset(actor_of(uuid.UUID(str(one["person"]))) for one in people)

    def deciders(self) -> frozenset[str]:
        """Approvers, executors and platform operators."""
        return frozenset(
            person for person, view in views(self.now).items() if view.live and any(view.holds(one) for one in _DECIDE)
        )

    def _members(self, *roles: Role) -> frozenset[str]:
        tenant = tenant_of(self.row)
        if tenant is None:
            return frozenset()
        held = Membership.objects.live(self.now).filter(
            tenant__public_id=tenant, role__in=[one.value for one in roles], person__is_active=True
        )
        return frozenset(map(actor_of, held.values_list("person__public_id", flat=True)))


_PARTIES: dict[Party, Callable[[Hearers], frozenset[str]]] = {
    Party.ASKED: Hearers.asked,
    Party.CONCERNED: Hearers.concerned,
    Party.AUTHOR: Hearers.author,
    Party.ABLE: Hearers.able,
    Party.EXECUTORS: Hearers.executors,
    Party.SIGNERS: Hearers.signers,
    Party.ADMINS: Hearers.admins,
    Party.MEMBERS: Hearers.members,
    Party.NAMED: Hearers.named,
    Party.DECIDERS: Hearers.deciders,
}


def page_for(person: Person, row: Change, now: datetime) -> str:
    """The address that this person may open about it."""
    scope = scope_of(person.public_id, now)
    reads = scope.everything or row.tenant in scope.tenants or row.public_id in scope.genesis
    return f"/changes/{row.key}/" if reads else OWN_PAGE


def tenant_of(row: Change) -> str | None:
    """The tenant (public id) that a change concerns, also where only the platform's people decide on it."""
    head, _, rest = row.subject.removeprefix("freeze:").partition(":")
    return row.tenant or (rest.partition("/")[0] if head == "tenant" else None)
