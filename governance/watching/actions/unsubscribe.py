"""A person ends a subscription of their own; its open episodes end with it, and nothing more is told."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import ClassVar

from django.db.models import QuerySet

from governance.identity.actions.base import Action, Record
from governance.identity.core.principal import Principal
from governance.identity.errors import Gone
from governance.identity.models.person import Person
from governance.identity.moment import Moment
from governance.watching.events import WatchingEvent
from governance.watching.models import Episode, Subscription


@dataclass(frozen=True, kw_only=True)
class Unsubscribe(Action[Subscription]):
    """Somebody else's subscription is as unknown as one that never was."""

    source: ClassVar[str] = "urn:countersign:governance:watching"

    person: Person
    public_id: uuid.UUID

    def check(self) -> None:
        """It must be in force, and the person's own."""
        if not self._rows().exists() or self.by.actor != self.person.actor:
            raise Gone("There is no such subscription of yours in force", next_step="Look at the list.")

    def execute(self) -> Subscription:
        """Ended, with its episodes."""
        row = self._rows().select_for_update().get()
        row.ended = self.at.now
        row.save(update_fields=["ended"])
        Episode.objects.filter(subscription=row, ended__isnull=True).update(ended=self.at.now)
        return row

    def record(self, result: Subscription) -> Record:
        """Where."""
        return Record(WatchingEvent.UNSUBSCRIBED, str(result.public_id), {"namespace": result.namespace})

    def _rows(self) -> QuerySet[Subscription]:
        return Subscription.objects.filter(person=self.person, public_id=self.public_id, ended__isnull=True)


def unsubscribe(person: Person, public_id: uuid.UUID, *, by: Principal, at: Moment) -> Subscription:
    """End a subscription; raises Gone."""
    return Unsubscribe(person=person, public_id=public_id, by=by, at=at).run()
