"""A person asks to be told of a stream, or of all streams of a namespace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from governance.identity.actions.base import Action, Record
from governance.identity.core.principal import Principal
from governance.identity.core.roles import Capability, Role
from governance.identity.errors import NameInvalid, NotAllowed
from governance.identity.models.person import Person
from governance.identity.moment import Moment
from governance.watching.core.rules import Kind
from governance.watching.events import WatchingEvent
from governance.watching.models import Subscription
from governance.watching.models.subscription import LONGEST_MINUTES
from ledger.core.types import JSONObject
from ledger.selectors.streams import StreamView

MOST = 50


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for; `stream` None means every stream of the namespace (PLATFORM: alarms, wherever they are)."""

    namespace: str
    stream: StreamView | None
    kind: Kind
    minutes: int
    counts_not_evaluated: bool = False
    by_mail: bool = False


@dataclass(frozen=True, kw_only=True)
class Subscribe(Action[Subscription]):
    """Everybody subscribes for themselves alone, where they may see; a suspended tenant's members too."""

    source: ClassVar[str] = "urn:countersign:governance:watching"

    person: Person
    wish: Wish

    def check(self) -> None:
        """Right, bounds, and no more than fifty."""
        may = self.wish.kind is Kind.PLATFORM or self.by.may(Capability.SEE, self.wish.namespace)
        if not may or self.by.actor != self.person.actor:
            raise NotAllowed("This takes a role in the tenant", why="Nobody subscribes to what they may not see.")
        if self.wish.kind is Kind.PLATFORM:
            self._check_platform()
        if not 1 <= self.wish.minutes <= LONGEST_MINUTES:
            raise NameInvalid("Minutes are 1 to 10,080", path="$.minutes", next_step="A week is the longest patience.")
        if Subscription.objects.filter(person=self.person, ended__isnull=True).count() >= MOST:
            raise NameInvalid(f"You have {MOST} subscriptions", path="$", next_step="End one that you do not need.")

    def _check_platform(self) -> None:
        """For who runs the platform, and once."""
        if Role.PLATFORM_OPERATOR not in self.by.roles:
            raise NotAllowed("This takes the role platform operator", why="It tells of the platform's own work.")
        if Subscription.objects.filter(person=self.person, kind=Kind.PLATFORM, ended__isnull=True).exists():
            raise NameInvalid("You have these mails already", path="$.kind", next_step="There is nothing to do.")

    def execute(self) -> Subscription:
        """One row."""
        wish = self.wish
        return Subscription.objects.create(
            public_id=self.at.new_id(),
            person=self.person,
            namespace=wish.namespace,
            stream_id=wish.stream.id if wish.stream else None,
            kind=wish.kind.value,
            minutes=wish.minutes,
            counts_not_evaluated=wish.counts_not_evaluated,
            by_mail=wish.by_mail,
            created=self.at.now,
        )

    def record(self, result: Subscription) -> Record:
        """What is watched, by the actor's opaque name."""
        facts: JSONObject = {
            "namespace": self.wish.namespace,
            "stream": self.wish.stream.name if self.wish.stream else "*",
            "kind": self.wish.kind.value,
            "minutes": self.wish.minutes,
            "by_mail": self.wish.by_mail,
        }
        return Record(WatchingEvent.SUBSCRIBED, str(result.public_id), facts)


def subscribe(person: Person, wish: Wish, *, by: Principal, at: Moment) -> Subscription:
    """Subscribe; raises NotAllowed or NameInvalid."""
    return Subscribe(person=person, wish=wish, by=by, at=at).run()
