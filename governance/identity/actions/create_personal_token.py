"""A new personal token: its holder's own, with an end, for reading and drafting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from governance.identity.actions.base import Action, Record
from governance.identity.core.principal import Principal, PrincipalKind
from governance.identity.errors import NameInvalid, NameTaken, NotAllowed
from governance.identity.events import IdentityEvent
from governance.identity.models.person import Person
from governance.identity.models.personal_token import PersonalToken
from governance.identity.moment import Moment
from governance.identity.tokens import SECRET_BYTES, Token, TokenKind

LONGEST_LIFE = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """The row, and the token that is shown once."""

    row: PersonalToken
    token: Token


@dataclass(frozen=True, kw_only=True)
class CreatePersonalToken(Action[IssuedToken]):
    """Nobody makes a token for somebody else."""

    person: Person
    name: str
    life: timedelta

    def check(self) -> None:
        """Holder, name and life."""
        own = self.by.actor == self.person.actor and self.by.in_session
        if not own and self.by.kind is not PrincipalKind.MACHINE:
            raise NotAllowed("A personal token is made by its holder", next_step="Sign in and make it there.")
        if not self.name.strip():
            raise NameInvalid("A token needs a name", path="$.name", next_step="Name the script that will use it.")
        if not timedelta(0) < self.life <= LONGEST_LIFE:
            raise NameInvalid("A token lives at most 366 days", path="$.life", next_step="Choose a shorter life.")
        rows = PersonalToken.objects.filter(person=self.person, revoked__isnull=True)
        if rows.filter(name=self.name.strip()).exists():
            raise NameTaken("A token of this name exists", path="$.name")

    def execute(self) -> IssuedToken:
        """One row with the digest."""
        token = Token(TokenKind.PERSONAL, self.at.new_id(), self.at.entropy(SECRET_BYTES))
        row = PersonalToken.objects.create(
            public_id=token.public_id,
            person=self.person,
            name=self.name.strip(),
            secret_hash=token.digest(),
            expires=self.at.now + self.life,
            created=self.at.now,
        )
        return IssuedToken(row, token)

    def record(self, result: IssuedToken) -> Record:
        """Whose, and until when."""
        facts = {"person": str(self.person.public_id), "expires": result.row.expires.isoformat()}
        return Record(IdentityEvent.PERSONAL_TOKEN_CREATED, str(result.row.public_id), {**facts})


def create_personal_token(person: Person, name: str, life: timedelta, *, by: Principal, at: Moment) -> IssuedToken:
    """Make a token for oneself; raises NotAllowed, NameInvalid or NameTaken."""
    return CreatePersonalToken(person=person, name=name, life=life, by=by, at=at).run()
