"""Keys of people for tests: a keypair, and rows as registration and activation leave them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

from nacl.signing import SigningKey

from governance.change.core.possession import filled
from governance.change.core.verbs import Verb
from governance.change.selectors.enrolment import enrolment_fields, possession_in
from governance.identity.actions.register_person_key import register_person_key
from governance.identity.core.person_keys import Custody, KeyState, KeyUse, decision_kid
from governance.identity.core.possession import Possession
from governance.identity.core.principal import Principal
from governance.identity.models import Founding, Person, PersonKey
from governance.identity.selectors.principals import principal_of_person
from ledger.core.canonical import canonical
from ledger.core.dsse import sign_envelope
from ledger.core.keys import kid_of
from ledger.selectors.streams import stream
from tests.support.world import moment


def origin() -> str:
    """The origin of `_governance/changes`, under which keys of people are named."""
    return stream("_governance", "changes").origin


def planted_key(
    holder: Person, *, use: KeyUse = KeyUse.DECISION, custody: Custody = Custody.OFFLINE, since: int | None = 0
) -> tuple[PersonKey, SigningKey]:
    """A key that counts from record `since` (None: it is pending), written past the actions."""
    private = SigningKey(secrets.token_bytes(32))
    public = bytes(private.verify_key)
    now = datetime.now(UTC)
    row = PersonKey.objects.create(
        public_id=moment().new_id(),
        person=holder,
        kid=decision_kid(use, origin(), public),
        public=public,
        use=use.value,
        custody=custody.value,
        name="test key",
        state=(KeyState.PENDING if since is None else KeyState.ACTIVE).value,
        since=since,
        active_from=None if since is None else now,
        possession=b"{}",
        created=now,
    )
    return row, private


def planted_founding() -> Founding:
    """The row that a founding leaves."""
    return Founding.objects.create(change="genesis", index=0, genesis="0" * 64, at=datetime.now(UTC))


def possession(
    holder: Person, private: SigningKey, *, now: datetime | None = None, custody: Custody = Custody.OFFLINE,
    signer: SigningKey | None = None, use: KeyUse = KeyUse.DECISION, replaces: str | None = None, **changed: Any,
) -> bytes:  # fmt: skip
    """The envelope in which a new key says whose it is; `changed` are values of its body that nobody asked for."""
    fields = enrolment_fields(holder, use, now or datetime.now(UTC), replaces=replaces)
    fields["change"]["body"] |= changed  # type: ignore[index, operator, call-overload]  # JSON of a known form
    public = bytes(private.verify_key)
    kid = kid_of(use.value, origin(), public)
    statement = filled(fields, kid=kid, public=public, custody=custody)
    sign, kind = (signer or private).sign, Verb(str(statement["verb"])).payload_type
    return sign_envelope(kind, canonical(statement), kid, lambda raw: sign(raw).signature).to_bytes()


def as_person(holder: Person) -> Principal:
    """The person in a session of theirs."""
    found = principal_of_person(holder, datetime.now(UTC))
    if found is None:
        raise ValueError("not active")
    return found


def proven(holder: Person, envelope: bytes, now: datetime | None = None) -> Possession:
    """What the engine makes of an envelope that `holder` brings; raises KeyMalformed."""
    return possession_in(envelope, holder, now or datetime.now(UTC))


def registered(holder: Person, **more: Any) -> tuple[PersonKey, SigningKey]:
    """A key that its holder registered, as the signing page does it."""
    private = SigningKey(secrets.token_bytes(32))
    row = register_person_key(
        holder, proven(holder, possession(holder, private, **more)), "laptop",
        custodies=frozenset(Custody) - {Custody.DEMO}, by=as_person(holder), at=moment(),
    )  # fmt: skip
    return row, private
