"""A time-based one-time password device for a person.

Guarantees that nobody enrols a factor for somebody else over the network: it is done at the server when a
person is founded (after the founding of the deployment for people who have none), by whom a ticket is for, or by the
person in a session that already gave a second factor (the view asks for a fresh one).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import transaction

from governance.identity.actions.base import Action, Record
from governance.identity.actions.mails import queue_mail
from governance.identity.actions.register_person_key import check_not_barred
from governance.identity.core.principal import Principal, PrincipalKind
from governance.identity.errors import NameInvalid, NotAllowed
from governance.identity.events import IdentityEvent
from governance.identity.models.person import Person
from governance.identity.models.second_factor import Authenticator
from governance.identity.moment import Moment
from governance.identity.selectors.factors import real_factors
from governance.identity.selectors.founding import is_founded
from ledger.storage.sealing import NONCE_BYTES

TOTP_SECRET_BYTES = 20
LONGEST_NAME = 64


@dataclass(frozen=True, kw_only=True)
class EnrolTotp(Action[Authenticator]):
    """RFC 6238: SHA-1, 6 digits, 30 s, as every authenticator understands it."""

    person: Person
    secret: bytes = field(repr=False)
    name: str = "authenticator"

    def check(self) -> None:
        """Holder, length of the secret, and a name of its own."""
        own = self.by.actor == self.person.actor and self.by.in_session
        if not own and (self.by.kind is not PrincipalKind.MACHINE or (is_founded() and real_factors(self.person))):
            raise NotAllowed("A second factor is enrolled by its holder", next_step="Sign in and enrol it there.")
        if not 0 < len(self.name.strip()) <= LONGEST_NAME:
            raise NameInvalid("A factor needs a name of up to 64 characters", path="$.name", next_step="Name it.")
        if len(self.secret) != TOTP_SECRET_BYTES:
            raise NameInvalid("The secret has 20 bytes", path="$.secret", next_step="Draw a new one.")

    def execute(self) -> Authenticator:
        """One confirmed device, whose secret is sealed before it is written."""
        made = Authenticator(user=self.person, name=self.name.strip(), public_id=self.at.new_id(), confirmed=True)
        made.keep(self.secret, self.at.entropy(NONCE_BYTES))
        made.save(force_insert=True)
        return made

    def record(self, result: Authenticator) -> Record:
        """Whose, and which kind."""
        return Record(
            IdentityEvent.FACTOR_ENROLLED, str(self.person.public_id), {"factor": "totp", "name": result.name}
        )


def enrol_totp(person: Person, secret: bytes, *, by: Principal, at: Moment) -> Authenticator:
    """Enrol `secret` (20 random bytes) for `person`; raises NotAllowed or NameInvalid."""
    return EnrolTotp(person=person, secret=secret, by=by, at=at).run()


def add_authenticator(person: Person, secret: bytes, name: str, *, by: Principal, at: Moment) -> Authenticator:
    """Enrol one more, of a name of its own, and let its holder know; raises NotAllowed, NameInvalid or CoolingDown."""
    with transaction.atomic():
        check_not_barred(Person.objects.select_for_update().get(pk=person.pk), at)
        made = EnrolTotp(person=person, secret=secret, name=name, by=by, at=at).run()
        told = f"The authenticator {made.name} was enrolled. If it was not you, remove it and revoke your keys."
        queue_mail(person, "An authenticator was enrolled", told, at.now)
    return made
