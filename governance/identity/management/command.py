"""What the commands of identity share: they act as the machine, through the same audited actions as everybody.

Guarantees that who sits at the server leaves the same events in `_governance/changes` as a person would, under
the actor `machine:<command>`.
"""

from __future__ import annotations

import os

from django.utils import timezone

from governance.identity.actions.found_platform import found_platform
from governance.identity.core.principal import Principal, machine
from governance.identity.models import Namespace, Person, Tenant
from governance.identity.models.person import normal_email
from governance.identity.moment import Moment
from ledger.errors import NotThere
from ledger.management.command import LedgerCommand


class IdentityCommand(LedgerCommand):
    """A command that runs one audited action, or a few that belong together."""

    @property
    def by(self) -> Principal:
        """The machine, by the command's name."""
        return machine(f"machine:{type(self).__module__.rpartition('.')[2]}")

    def moment(self) -> Moment:
        """Now, with the system's random bytes."""
        return Moment(timezone.now(), os.urandom)

    def founded(self) -> None:
        """Make the platform's own streams and namespaces, where a command is the first to need them."""
        found_platform(by=self.by, moment=self.moment)


def person_of(email: str) -> Person:
    """The active person of that address; raises NotThere."""
    found = Person.objects.filter(email=normal_email(email), is_active=True).first()
    if found is None:
        raise NotThere("There is no such person", why=email[:80], next_step="Create them with person_create.")
    return found


def tenant_of(slug: str) -> Tenant:
    """The tenant of that slug; raises NotThere."""
    found = Tenant.objects.filter(slug=slug).first()
    if found is None:
        raise NotThere("There is no such tenant", why=slug[:80], next_step="Create it with tenant_create.")
    return found


def namespace_of(name: str) -> Namespace:
    """The namespace of that name; raises NotThere."""
    found = Namespace.objects.select_related("tenant").filter(name=name).first()
    if found is None:
        raise NotThere("There is no such namespace", why=name[:80], next_step="Create its tenant with tenant_create.")
    return found
