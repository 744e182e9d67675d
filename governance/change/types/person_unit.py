"""`person.unit`: to which organisational unit somebody belongs; where a rule keeps units apart, it says who counts."""

from __future__ import annotations

import uuid
from dataclasses import replace

from governance.change.core.policy import Direction
from governance.change.core.satisfiable import Staff
from governance.change.errors import EffectRefused
from governance.change.types.base import Applying, Finding, FindingState, Plain
from governance.change.types.checks import unit_name, uuid_text
from governance.change.types.people_documents import person_row, unit_of, unit_subject
from governance.change.types.policy_change import check_still_met
from governance.identity.actions.set_unit import set_unit
from governance.identity.core.governed import PERSON_UNIT
from governance.identity.models import GroupMember
from governance.identity.models.person import actor_of
from ledger.core.fields import Schema, nullable
from ledger.core.types import JSONObject


class PersonUnit(Plain):
    """It is the platform's: units keep people of all tenants apart."""

    name = PERSON_UNIT
    words = "Move a person to another unit"
    schema: Schema = {"person": uuid_text, "unit": nullable(unit_name)}

    def subject(self, body: JSONObject) -> str:
        """One document per person."""
        return unit_subject(body["person"])

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """The unit now."""
        return unit_of(person_row(body["person"], lock=lock))

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """The unit that is asked for; raises EffectRefused where it is that already."""
        if base["unit"] == body["unit"]:
            raise EffectRefused("The person is in this unit already", why=str(body["unit"]), path="$.unit")
        return {"unit": body["unit"]}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """Whoever leaves a unit can count beside those who stay: it is judged as if it gave power."""
        return Direction.LOOSENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """What was approved in the unit of before."""
        told = "Where a rule keeps units apart, open approvals of the person count from now on as those of"
        return [f"{told} {body['unit']}." if body["unit"] is not None else f"{told} no unit: not at all."]

    def preflight(self, base: JSONObject, body: JSONObject) -> list[Finding]:
        """How many units could approve afterwards; whether every rule can still be met is checked on submission."""
        others = GroupMember.objects.filter(revoked__isnull=True, person__is_active=True)
        others = others.exclude(person__public_id=uuid.UUID(str(body["person"])))
        named = {str(body["unit"] or ""), *others.values_list("person__unit", flat=True)} - {""}
        told = f"Units with somebody in an approver group, or named here: {len(named)}."
        return [Finding("units_left", FindingState.PASS, told)]

    def concerned(self, body: JSONObject) -> frozenset[str]:
        """The person themselves."""
        return frozenset({actor_of(uuid.UUID(str(body["person"])))})

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        """The unit before."""
        return {"type": self.name, "body": {"person": body["person"], "unit": base["unit"]}}

    def check(self, body: JSONObject, staff: Staff) -> None:
        """The policy stays satisfiable; raises PolicyUnsatisfiable."""
        check_still_met(moved(staff, body), staff)

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """Identity's own action."""
        row = person_row(body["person"], lock=True)
        set_unit(row, str(body["unit"] or ""), by=context.by, at=context.at, decision=context.decision)


def moved(staff: Staff, body: JSONObject) -> Staff:
    """The people there would be with the person in the other unit."""
    person, unit = actor_of(uuid.UUID(str(body["person"]))), str(body["unit"] or "")
    approvers = tuple(one if one.person != person else replace(one, unit=unit) for one in staff.approvers)
    return replace(staff, approvers=approvers)
