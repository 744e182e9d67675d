"""A new person, with a first password and without any right."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from governance.identity.actions.base import Action, Record
from governance.identity.core.principal import Principal
from governance.identity.errors import NameInvalid, NameTaken
from governance.identity.events import IdentityEvent
from governance.identity.models.person import Person, normal_email
from governance.identity.moment import Moment


@dataclass(frozen=True, kw_only=True)
class CreatePerson(Action[Person]):
    """Without `password` nobody can sign in with one until it is set."""

    email: str
    display_name: str
    password: str | None = field(repr=False)

    def check(self) -> None:
        """Right, form and uniqueness of the address."""
        self.check_right()
        try:
            validate_email(normal_email(self.email))
        except ValidationError as error:
            raise NameInvalid("Not an e-mail address", path="$.email", next_step="Correct the address.") from error
        if not self.display_name.strip():
            raise NameInvalid("A person needs a name", path="$.display_name", next_step="Say how they are called.")
        if Person.objects.filter(email=normal_email(self.email)).exists():
            raise NameTaken("Somebody signs in with this address already", path="$.email")

    def check_right(self) -> None:
        """Whoever runs the platform."""
        self.require_platform()

    def execute(self) -> Person:
        """One row; the password is stored as Django hashes it."""
        person = Person(
            public_id=self.at.new_id(),
            email=normal_email(self.email),
            display_name=self.display_name.strip(),
            created=self.at.now,
        )
        person.set_password(self.password)
        person.save()
        return person

    def record(self, result: Person) -> Record:
        """The id alone."""
        return Record(IdentityEvent.PERSON_CREATED, str(result.public_id), {})


def create_person(email: str, display_name: str, password: str | None, *, by: Principal, at: Moment) -> Person:
    """Create a person who may not do anything yet; raises NotAllowed, NameInvalid or NameTaken."""
    return CreatePerson(email=email, display_name=display_name, password=password, by=by, at=at).run()
