"""A person registers a public key of theirs: it waits, and counts for nothing, until somebody else activates it.

Guarantees that a public key or passkey which anybody ever registered is refused. That the private part was there was
verified by the engine, under libsodium; the server never sees it.
"""

from __future__ import annotations

from dataclasses import dataclass

from nacl.bindings import crypto_core_ed25519_is_valid_point

from governance.identity.actions.base import Action, Record
from governance.identity.core.authenticators import UNTOLD
from governance.identity.core.person_keys import Custody, KeyState
from governance.identity.core.possession import Possession
from governance.identity.core.principal import Principal, PrincipalKind
from governance.identity.core.roles import KEYLESS_ROLES
from governance.identity.errors import CoolingDown, KeyMalformed, KeyTaken, NameInvalid, NotAllowed, RoleExcluded
from governance.identity.events import IdentityEvent
from governance.identity.models.credential_claim import CredentialClaim
from governance.identity.models.membership import Membership
from governance.identity.models.person import Person
from governance.identity.models.person_key import PersonKey
from governance.identity.models.signing_passkey import SigningPasskey
from governance.identity.moment import Moment
from governance.identity.selectors.founding import is_founded
from ledger.core.types import JSONObject

LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class DeclaredPasskey:
    """The passkey that opens the key, as the signing page told it: SHA-256 of its id (hex), its COSE key, and its model
    (AAGUID).
    """

    digest: str
    public: bytes
    aaguid: str = UNTOLD


@dataclass(frozen=True, kw_only=True)
class RegisterPersonKey(Action[PersonKey]):
    """`proof` was verified by the engine, which knows statements; `custodies` are those that are taken here; `passkey`
    is the one that opens the key, where one does.
    """

    person: Person
    proof: Possession
    name: str
    custodies: frozenset[Custody]
    passkey: DeclaredPasskey | None = None

    def check(self) -> None:
        """Holder, proof, custody, uniqueness; the person's row is locked against a grant beside it."""
        self._check_holder()
        row = Person.objects.select_for_update().get(pk=self.person.pk)
        check_not_barred(row, self.at)
        if not 0 < len(self.name.strip()) <= LONGEST_NAME:
            raise NameInvalid("A key needs a name of up to 100 characters", path="$.name", next_step="Name its place.")
        self._check_key()
        check_may_hold(self.person, self.at)
        if self.passkey is not None:
            check_unclaimed(self.passkey.digest)

    def _check_holder(self) -> None:
        own = self.by.actor == self.person.actor and self.by.in_session
        founding = self.by.kind is PrincipalKind.MACHINE and not is_founded()
        if not own and not founding:
            raise NotAllowed("A key is registered by its holder", next_step="Sign in and register it there.")

    def _check_key(self) -> None:
        if self.proof.person != self.person.actor:
            raise KeyMalformed("The proof names somebody else", path="$.signer.person")
        if not crypto_core_ed25519_is_valid_point(self.proof.public):
            raise KeyMalformed("The key's point is outside of the main subgroup", path="$.public")
        if self.proof.custody not in self.custodies:
            raise KeyMalformed("Keys in this custody are not taken here", why=self.proof.custody, path="$.custody")
        if PersonKey.objects.filter(public=self.proof.public).exists():
            raise KeyTaken("This key was registered before", path="$.public")
        replaces = self.proof.replaces
        rows = PersonKey.objects.filter(person=self.person, state=KeyState.ACTIVE.value, use=self.proof.use.value)
        if replaces is not None and not rows.filter(kid=replaces).exists():
            raise KeyMalformed("The key to be replaced is no active key of yours", path="$.replaces")

    def execute(self) -> PersonKey:
        """One row that waits, and its passkey's."""
        replaces = self.proof.replaces
        row = PersonKey.objects.create(
            public_id=self.at.new_id(),
            person=self.person,
            kid=self.proof.kid,
            public=self.proof.public,
            use=self.proof.use.value,
            custody=self.proof.custody.value,
            name=self.name.strip(),
            replaces=PersonKey.objects.get(kid=replaces) if replaces is not None else None,
            possession=self.proof.raw,
            created=self.at.now,
        )
        if self.passkey is not None:
            self._keep(row, self.passkey)
        return row

    def _keep(self, row: PersonKey, passkey: DeclaredPasskey) -> None:
        CredentialClaim.objects.create(digest=passkey.digest, person=self.person, created=self.at.now)
        SigningPasskey.objects.create(
            key=row, credential=passkey.digest, public=passkey.public, aaguid=passkey.aaguid, created=self.at.now
        )  # fmt: skip

    def record(self, result: PersonKey) -> Record:
        """Whose, which, and the signed proof as it was received."""
        facts: JSONObject = {**facts_of(result), "possession": self.proof.raw.decode()}
        facts |= {"passkey": {"aaguid": self.passkey.aaguid}} if self.passkey is not None else {}
        return Record(IdentityEvent.PERSON_KEY_REGISTERED, str(result.person.public_id), facts)


def check_not_barred(person: Person, at: Moment) -> None:
    """Raise CoolingDown within 24 hours of a recovery."""
    if person.barred_until is not None and person.barred_until > at.now:
        until = f"until {person.barred_until:%Y-%m-%d %H:%M} UTC"
        raise CoolingDown("Keys and factors are left alone after a recovery", why=until)


def check_unclaimed(digest: str) -> None:
    """Raise KeyTaken where anybody ever registered this credential."""
    if CredentialClaim.objects.filter(digest=digest).exists():
        raise KeyTaken("This passkey was registered before", path="$.id", next_step="Use another authenticator.")


def check_may_hold(person: Person, at: Moment) -> None:
    """Raise RoleExcluded where a role of the person forbids a key that counts."""
    held = Membership.objects.live(at.now).filter(person=person, role__in=[role.value for role in KEYLESS_ROLES])
    if held.exists():
        raise RoleExcluded("A platform operator holds no key that counts", why="Separation of duties")


def facts_of(key: PersonKey) -> JSONObject:
    """What the ledger keeps of a key."""
    return {
        "person": str(key.person.public_id), "kid": key.kid, "public": bytes(key.public).hex(), "use": key.use,
        "custody": key.custody, "replaces": key.replaces.kid if key.replaces is not None else None,
    }  # fmt: skip


def register_person_key(
    person: Person, proof: Possession, name: str, *, custodies: frozenset[Custody], by: Principal, at: Moment,
    passkey: DeclaredPasskey | None = None,
) -> PersonKey:  # fmt: skip
    """Register a key that waits for a second person; raises NotAllowed, NameInvalid, KeyMalformed, KeyTaken,
    RoleExcluded or CoolingDown.
    """
    action = RegisterPersonKey(
        person=person, proof=proof, name=name, custodies=custodies, passkey=passkey, by=by, at=at
    )  # fmt: skip
    return action.run()
