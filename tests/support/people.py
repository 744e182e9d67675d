"""Keys of people for tests: a keypair, and rows as registration and activation leave them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from nacl.signing import SigningKey

from governance.identity.core.person_keys import Custody, KeyState, KeyUse, decision_kid
from governance.identity.models import Founding, Person, PersonKey
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
