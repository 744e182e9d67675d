"""A person gives an address to which their asks are posted, or takes it back; each is recorded with the host alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.conf import settings

from governance.identity.actions.base import Action, Record
from governance.identity.core.principal import Principal
from governance.identity.errors import NameInvalid, NotAllowed
from governance.identity.models.person import Person
from governance.identity.moment import Moment
from governance.watching.core.webhooks import target_of
from governance.watching.events import WatchingEvent
from governance.watching.models import Webhook
from ledger.core.types import JSONObject


@dataclass(frozen=True, kw_only=True)
class SetWebhook(Action[Webhook]):
    """One's own, in a session; a new address ends the one before."""

    source: ClassVar[str] = "urn:countersign:governance:watching"

    person: Person
    url: str

    def check(self) -> None:
        """Whose, and where to."""
        check_own(self.by, self.person)
        target_of(self.url, plain=bool(settings.COUNTERSIGN_WEBHOOK_NETWORKS))

    def execute(self) -> Webhook:
        """One row in force."""
        Webhook.objects.filter(person=self.person, ended__isnull=True).update(ended=self.at.now)
        return Webhook.objects.create(
            public_id=self.at.new_id(), person=self.person, url=self.url, created=self.at.now
        )  # fmt: skip

    def record(self, result: Webhook) -> Record:
        """The host: an address may hold a password of the receiver."""
        facts: JSONObject = {"host": target_of(result.url, plain=True).host}
        return Record(WatchingEvent.WEBHOOK_SET, str(result.public_id), facts)


@dataclass(frozen=True, kw_only=True)
class EndWebhook(Action[Webhook]):
    """Nothing more is posted, nor what waits."""

    source: ClassVar[str] = "urn:countersign:governance:watching"

    person: Person

    def check(self) -> None:
        """Whose."""
        check_own(self.by, self.person)
        if not Webhook.objects.filter(person=self.person, ended__isnull=True).exists():
            raise NameInvalid("You have given no address", path="$", next_step="There is nothing to do.")

    def execute(self) -> Webhook:
        """The row ends."""
        row = Webhook.objects.select_for_update().get(person=self.person, ended__isnull=True)
        row.ended = self.at.now
        row.save(update_fields=["ended"])
        return row

    def record(self, result: Webhook) -> Record:
        """Which."""
        facts: JSONObject = {"host": target_of(result.url, plain=True).host}
        return Record(WatchingEvent.WEBHOOK_ENDED, str(result.public_id), facts)


def check_own(by: Principal, person: Person) -> None:
    """Raise NotAllowed unless it is the person, in a session."""
    if by.actor != person.actor or not by.in_session:
        raise NotAllowed("An address is given by its person", next_step="Sign in and give it there.")


def set_webhook(person: Person, url: str, *, by: Principal, at: Moment) -> Webhook:
    """Post this person's asks to `url` from now on; raises NotAllowed or NameInvalid."""
    return SetWebhook(person=person, url=url, by=by, at=at).run()


def end_webhook(person: Person, *, by: Principal, at: Moment) -> Webhook:
    """Post nothing more; raises NotAllowed or NameInvalid."""
    return EndWebhook(person=person, by=by, at=at).run()
