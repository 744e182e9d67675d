"""A new secret for a system key; the old one works until the end of the overlap. The actor stays the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from governance.identity.actions.base import Action, Record
from governance.identity.actions.create_system_key import IssuedKey
from governance.identity.core.principal import Principal
from governance.identity.errors import Gone, NameInvalid
from governance.identity.events import IdentityEvent
from governance.identity.models.system_key import KeyState, SystemKey
from governance.identity.moment import Moment
from governance.identity.tokens import SECRET_BYTES, Token, TokenKind

LONGEST_OVERLAP = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class RotateSystemKey(Action[IssuedKey]):
    """`overlap` may be nothing: then the old secret ends at once."""

    key: SystemKey
    overlap: timedelta

    def check(self) -> None:
        """Right, state and length of the overlap."""
        self.require_manage(self.key.namespace.name)
        if not timedelta(0) <= self.overlap <= LONGEST_OVERLAP:
            raise NameInvalid("The overlap is at most 30 days", path="$.overlap", next_step="Choose a shorter one.")
        row = SystemKey.objects.select_for_update().get(pk=self.key.pk)
        if row.state != KeyState.ACTIVE:
            raise Gone("A disabled key has no new secret")

    def execute(self) -> IssuedKey:
        """Move the digest of the old secret aside and store the new one's."""
        token = Token(TokenKind.SYSTEM_KEY, self.key.public_id, self.at.entropy(SECRET_BYTES))
        row = SystemKey.objects.select_related("namespace").get(pk=self.key.pk)
        row.previous_hash, row.previous_until = row.secret_hash, self.at.now + self.overlap
        row.secret_hash = token.digest()
        row.save(update_fields=["secret_hash", "previous_hash", "previous_until"])
        return IssuedKey(row, token)

    def record(self, result: IssuedKey) -> Record:
        """Until when both secrets work."""
        until = (self.at.now + self.overlap).isoformat()
        facts = {"namespace": result.key.namespace.name, "overlap_until": until}
        return Record(IdentityEvent.SYSTEM_KEY_ROTATED, str(result.key.public_id), {**facts})


def rotate_system_key(key: SystemKey, overlap: timedelta, *, by: Principal, at: Moment) -> IssuedKey:
    """Give a key a new secret; raises NotAllowed, NameInvalid or Gone."""
    return RotateSystemKey(key=key, overlap=overlap, by=by, at=at).run()
