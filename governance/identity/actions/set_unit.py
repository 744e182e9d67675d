"""A person belongs to another organisational unit, or to none: it decides whose approvals count beside each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from governance.identity.actions.base import Action, Record
from governance.identity.actions.create_person import check_unit
from governance.identity.core.governed import PERSON_UNIT
from governance.identity.core.principal import Principal
from governance.identity.events import IdentityEvent
from governance.identity.models.person import Person
from governance.identity.moment import Moment


@dataclass(frozen=True, kw_only=True)
class SetUnit(Action[Person]):
    """`unit` is the name of the unit, '' for none."""

    governed_by: ClassVar[str | None] = PERSON_UNIT

    person: Person
    unit: str

    def check(self) -> None:
        """Before the founding who sits at the server, and the form of the name."""
        self.require_platform()
        if self.unit:
            check_unit(self.unit)

    def execute(self) -> Person:
        """Two columns, behind the row's lock: what was approved before counts in the new unit from now on."""
        row = Person.objects.select_for_update().get(pk=self.person.pk)
        row.unit, row.unit_since = self.unit, self.at.now
        row.save(update_fields=["unit", "unit_since"])
        return row

    def record(self, result: Person) -> Record:
        """Whose, and which."""
        facts = {"person": str(result.public_id), "unit": result.unit}
        return Record(IdentityEvent.PERSON_UNIT_SET, str(result.public_id), {**facts})


def set_unit(person: Person, unit: str, *, by: Principal, at: Moment, decision: str | None = None) -> Person:
    """Say to which unit a person belongs; raises NotAllowed, NameInvalid or DecisionNeeded."""
    return SetUnit(person=person, unit=unit, by=by, at=at, decision=decision).run()
