"""A new person, with a first password and without any right."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from governance.identity.actions.base import Action, Record
from governance.identity.core.names import is_unit_name
from governance.identity.core.principal import Principal
from governance.identity.errors import NameInvalid, NameTaken
from governance.identity.events import IdentityEvent
from governance.identity.models.person import Person, normal_email
from governance.identity.moment import Moment


@dataclass(frozen=True, kw_only=True)
class CreatePerson(Action[Person]):
    """Without `password` nobody can sign in with one until it is set; `unit` is the organisational one ('': none)."""

    email: str
    display_name: str
    password: str | None = field(repr=False)
    unit: str = ""

    def check(self) -> None:
        """Right, form and uniqueness of the address."""
        self.check_right()
        try:
            validate_email(normal_email(self.email))
        except ValidationError as error:
            raise NameInvalid("Not an e-mail address", path="$.email", next_step="Correct the address.") from error
        if not self.display_name.strip():
            raise NameInvalid("A person needs a name", path="$.display_name", next_step="Say how they are called.")
        if self.unit:
            check_unit(self.unit)
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
            unit=self.unit,
            unit_since=self.at.now if self.unit else None,
            created=self.at.now,
        )
        person.set_password(self.password)
        person.save()
        return person

    def record(self, result: Person) -> Record:
        """The id alone, and the unit where there is one: a reader of the record keeps units apart by it."""
        unit = {"person": str(result.public_id), "unit": result.unit} if result.unit else {}
        return Record(IdentityEvent.PERSON_CREATED, str(result.public_id), {**unit})


def check_unit(unit: str) -> None:
    """Raise NameInvalid unless an organisational unit may be called so."""
    if not is_unit_name(unit):
        raise NameInvalid(
            "A unit has a name of a-z, 0-9 and -, up to 63 of them", path="$.unit", next_step="Write it like north-2."
        )


def create_person(
    email: str, display_name: str, password: str | None, *, by: Principal, at: Moment, unit: str = ""
) -> Person:
    """Create a person who may not do anything yet; raises NotAllowed, NameInvalid or NameTaken."""
    action = CreatePerson(email=email, display_name=display_name, password=password, unit=unit, by=by, at=at)
    return action.run()
