"""A personal token ends early."""

from __future__ import annotations

from dataclasses import dataclass

from governance.identity.actions.base import Action, Record
from governance.identity.core.principal import Principal, PrincipalKind
from governance.identity.errors import Gone, NotAllowed
from governance.identity.events import IdentityEvent
from governance.identity.models.personal_token import PersonalToken
from governance.identity.moment import Moment


@dataclass(frozen=True, kw_only=True)
class RevokePersonalToken(Action[PersonalToken]):
    """By its holder, or by somebody at the server."""

    row: PersonalToken

    def check(self) -> None:
        """Holder and state."""
        own = self.by.actor == self.row.person.actor and self.by.in_session
        if not own and self.by.kind is not PrincipalKind.MACHINE:
            raise NotAllowed("A personal token is revoked by its holder", next_step="Ask its holder.")
        if PersonalToken.objects.select_for_update().get(pk=self.row.pk).revoked is not None:
            raise Gone("This token was revoked before", next_step="Nothing needs to be done.")

    def execute(self) -> PersonalToken:
        """One column."""
        self.row.revoked = self.at.now
        self.row.save(update_fields=["revoked"])
        return self.row

    def record(self, result: PersonalToken) -> Record:
        """Whose."""
        facts = {"person": str(result.person.public_id)}
        return Record(IdentityEvent.PERSONAL_TOKEN_REVOKED, str(result.public_id), {**facts})


def revoke_personal_token(row: PersonalToken, *, by: Principal, at: Moment) -> PersonalToken:
    """End a token; raises NotAllowed or Gone."""
    return RevokePersonalToken(row=row, by=by, at=at).run()
