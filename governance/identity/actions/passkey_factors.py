"""A passkey is enrolled, or a second factor is taken away, by its holder.

Guarantees that a credential belongs to one person for ever, and that nobody takes their last factor away from
themselves. Whether an existing factor or a ticket allows it is asked by the door (governance reference, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass

from django_otp_webauthn.models import WebAuthnCredential

from governance.identity.actions.base import Action, Record
from governance.identity.actions.mails import queue_mail
from governance.identity.actions.register_person_key import check_not_barred, check_unclaimed
from governance.identity.core.principal import Principal
from governance.identity.errors import LastFactor, NameInvalid, NotAllowed
from governance.identity.events import IdentityEvent
from governance.identity.models.credential_claim import CredentialClaim
from governance.identity.models.person import Person
from governance.identity.moment import Moment
from governance.identity.selectors.factors import real_factors

LONGEST_NAME = 64


def check_own(by: Principal, person: Person) -> None:
    """Raise NotAllowed unless the person acts in a session of theirs."""
    if by.actor != person.actor or not by.in_session:
        raise NotAllowed("A second factor is its holder's business", next_step="Sign in and do it there.")


@dataclass(frozen=True, kw_only=True)
class EnrolPasskey(Action[WebAuthnCredential]):
    """`credential` is verified (governance.identity.passkeys) and not saved."""

    person: Person
    credential: WebAuthnCredential
    name: str

    def check(self) -> None:
        """Holder, name, and that nobody ever registered the credential."""
        check_own(self.by, self.person)
        check_not_barred(Person.objects.get(pk=self.person.pk), self.at)
        if not 0 < len(self.name.strip()) <= LONGEST_NAME:
            raise NameInvalid(
                "A passkey needs a name of up to 64 characters", path="$.name", next_step="Name its device."
            )
        check_unclaimed(self._digest)

    @property
    def _digest(self) -> str:
        return str(WebAuthnCredential.get_credential_id_sha256(bytes(self.credential.credential_id)))

    def execute(self) -> WebAuthnCredential:
        """The claim, the credential, and a mail that it is there."""
        CredentialClaim.objects.create(digest=self._digest, person=self.person, created=self.at.now)
        self.credential.name = self.name.strip()
        self.credential.save(force_insert=True)
        told = f"The passkey {self.credential.name} was enrolled. If it was not you, remove it and revoke your keys."
        queue_mail(self.person, "A passkey was enrolled", told, self.at.now)
        return self.credential

    def record(self, result: WebAuthnCredential) -> Record:
        """Whose, and which kind."""
        facts = {"factor": "passkey", "name": result.name, "aaguid": str(result.aaguid)}
        return Record(IdentityEvent.FACTOR_ENROLLED, str(self.person.public_id), {**facts})


@dataclass(frozen=True, kw_only=True)
class RemoveFactor(Action[str]):
    """`factor` is the device's persistent id; recovery codes do not count as a factor that is left."""

    person: Person
    factor: str

    def check(self) -> None:
        """Holder, and that another factor is left; the person's row is locked against a second removal."""
        check_own(self.by, self.person)
        check_not_barred(Person.objects.select_for_update().get(pk=self.person.pk), self.at)
        found = real_factors(self.person)
        if self.factor not in [one.persistent_id for one in found]:
            raise NotAllowed("This is no factor of yours", next_step="Load the page again.")
        if len(found) == 1:
            raise LastFactor("Nobody takes their last second factor away from themselves")

    def execute(self) -> str:
        """The row goes; sessions that rest on it are no longer verified."""
        device = next(one for one in real_factors(self.person) if one.persistent_id == self.factor)
        name = str(device.name)
        device.delete()
        told = f"The second factor {name} was removed. If it was not you, sign in and end your sessions."
        queue_mail(self.person, "A second factor was removed", told, self.at.now)
        return name

    def record(self, result: str) -> Record:
        """Whose, and which."""
        kind = "passkey" if "webauthn" in self.factor else "totp"
        return Record(IdentityEvent.FACTOR_REMOVED, str(self.person.public_id), {"factor": kind, "name": result})


def enrol_passkey(
    person: Person, credential: WebAuthnCredential, name: str, *, by: Principal, at: Moment
) -> WebAuthnCredential:
    """Keep a verified passkey; raises NotAllowed, NameInvalid, KeyTaken or CoolingDown."""
    return EnrolPasskey(person=person, credential=credential, name=name, by=by, at=at).run()


def remove_factor(person: Person, factor: str, *, by: Principal, at: Moment) -> str:
    """Take a factor away and return its name; raises NotAllowed, LastFactor or CoolingDown."""
    return RemoveFactor(person=person, factor=factor, by=by, at=at).run()
