"""Keys of people for tests: a keypair, and rows as registration and activation leave them."""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime
from typing import Any

from nacl.signing import SigningKey

from governance.identity.actions.register_person_key import register_person_key
from governance.identity.core.person_keys import Custody, KeyState, KeyUse, decision_kid
from governance.identity.core.possession import PAYLOAD_TYPE
from governance.identity.core.principal import Principal
from governance.identity.enrolment import enrolment_fields
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
    signer: SigningKey | None = None, **changed: Any,
) -> bytes:  # fmt: skip
    """The envelope in which a new key says whose it is; `changed` fields are not what the portal asked for."""
    use, replaces = changed.pop("use", KeyUse.DECISION), changed.pop("replaces", None)
    public = bytes(private.verify_key)
    fields = enrolment_fields(holder, use, now or datetime.now(UTC), replaces=replaces)
    fields |= {
        "custody": custody.value,
        "public": base64.b64encode(public).decode(),
        "kid": kid_of(use.value, origin(), public),
        **changed,
    }
    sign = (signer or private).sign
    return sign_envelope(
        PAYLOAD_TYPE, canonical(fields), str(fields["kid"]), lambda raw: sign(raw).signature
    ).to_bytes()


def as_person(holder: Person) -> Principal:
    """The person in a session of theirs."""
    found = principal_of_person(holder, datetime.now(UTC))
    if found is None:
        raise ValueError("not active")
    return found


def registered(holder: Person, **more: Any) -> tuple[PersonKey, SigningKey]:
    """A key that its holder registered, as the signing page does it."""
    private = SigningKey(secrets.token_bytes(32))
    row = register_person_key(
        holder, possession(holder, private, **more), "laptop", custodies=frozenset(Custody) - {Custody.DEMO},
        by=as_person(holder), at=moment(),
    )  # fmt: skip
    return row, private
