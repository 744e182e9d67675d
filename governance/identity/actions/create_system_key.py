"""A new system key. Its token leaves this function once and is stored nowhere."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from governance.identity.actions.base import Action, Record
from governance.identity.core.names import is_platform_name
from governance.identity.core.principal import Principal, Scope
from governance.identity.errors import NameInvalid, NameTaken
from governance.identity.events import IdentityEvent
from governance.identity.models.namespace import Namespace
from governance.identity.models.system_key import SystemKey
from governance.identity.moment import Moment
from governance.identity.tokens import SECRET_BYTES, Token, TokenKind
from ledger.core.types import JSONObject

KEY_SCOPES = frozenset({Scope.APPEND, Scope.READ})


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """The row, and the token that is shown once."""

    key: SystemKey
    token: Token


@dataclass(frozen=True, kw_only=True)
class CreateSystemKey(Action[IssuedKey]):
    """A key of one namespace; nobody but the platform itself appends to the platform's own."""

    namespace: Namespace
    name: str
    scopes: frozenset[Scope]

    def check(self) -> None:
        """Right, name and scopes."""
        self.require_manage(self.namespace.name)
        if not self.name.strip():
            raise NameInvalid("A key needs a name", path="$.name", next_step="Name the program that will use it.")
        if not self.scopes or not self.scopes <= KEY_SCOPES:
            raise NameInvalid("A key may append, read or both", path="$.scopes", next_step="Choose append or read.")
        if Scope.APPEND in self.scopes and is_platform_name(self.namespace.name):
            raise NameInvalid("No key appends to the platform's own streams", path="$.scopes", next_step="Choose read.")
        if SystemKey.objects.filter(namespace=self.namespace, name=self.name.strip()).exists():
            raise NameTaken("A key of this name exists here", path="$.name")

    def execute(self) -> IssuedKey:
        """One row with the digest."""
        token = Token(TokenKind.SYSTEM_KEY, self.at.new_id(), self.at.entropy(SECRET_BYTES))
        key = SystemKey.objects.create(
            public_id=token.public_id,
            namespace=self.namespace,
            name=self.name.strip(),
            secret_hash=token.digest(),
            may_append=Scope.APPEND in self.scopes,
            may_read=Scope.READ in self.scopes,
            created_by=self.by.actor,
            created=self.at.now,
        )
        return IssuedKey(key, token)

    def record(self, result: IssuedKey) -> Record:
        """Where and what for; the token is no part of it."""
        scopes = sorted(scope.value for scope in self.scopes)
        facts: JSONObject = {"namespace": self.namespace.name, "name": result.key.name, "scopes": [*scopes]}
        return Record(IdentityEvent.SYSTEM_KEY_CREATED, str(result.key.public_id), facts)


def create_system_key(
    namespace: Namespace, name: str, scopes: Collection[Scope], *, by: Principal, at: Moment
) -> IssuedKey:
    """Make a key; raises NotAllowed, NameInvalid or NameTaken."""
    return CreateSystemKey(namespace=namespace, name=name, scopes=frozenset(scopes), by=by, at=at).run()
