"""Ten recovery codes for a person. They sign in, once each, and never count as a fresh second factor.

Guarantees that they are shown once and stored as keyed hashes alone.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from governance.identity.actions.base import Action, Record
from governance.identity.core.principal import Principal, PrincipalKind
from governance.identity.errors import NotAllowed
from governance.identity.events import IdentityEvent
from governance.identity.models.person import Person
from governance.identity.models.second_factor import RecoveryCode, RecoveryDevice
from governance.identity.moment import Moment

CODES = 10
CODE_BYTES = 10


@dataclass(frozen=True, kw_only=True)
class CreateRecoveryCodes(Action[tuple[str, ...]]):
    """New codes end the old ones."""

    person: Person

    def check(self) -> None:
        """Only the holder, or somebody at the server."""
        own = self.by.actor == self.person.actor and self.by.in_session
        if not own and self.by.kind is not PrincipalKind.MACHINE:
            raise NotAllowed("Recovery codes are made by their holder", next_step="Sign in and make them there.")

    def execute(self) -> tuple[str, ...]:
        """One device with ten codes of 80 random bits, in 16 base32 characters each."""
        RecoveryDevice.objects.filter(user=self.person).delete()
        device = RecoveryDevice.objects.create(user=self.person, name="recovery codes", public_id=self.at.new_id())
        codes = tuple(base64.b32encode(self.at.entropy(CODE_BYTES)).decode().lower() for _ in range(CODES))
        RecoveryCode.objects.bulk_create(device.keep(code) for code in codes)
        return codes

    def record(self, result: tuple[str, ...]) -> Record:
        """How many; the codes are no part of it."""
        facts = {"codes": len(result)}
        return Record(IdentityEvent.RECOVERY_CODES_CREATED, str(self.person.public_id), {**facts})


def create_recovery_codes(person: Person, *, by: Principal, at: Moment) -> tuple[str, ...]:
    """Make ten codes and return them, once; raises NotAllowed."""
    return CreateRecoveryCodes(person=person, by=by, at=at).run()
