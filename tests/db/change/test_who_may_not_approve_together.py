"""Two approvals that are one: of one organisational unit where the rule keeps units apart, or by one passkey."""

from __future__ import annotations

import dataclasses

import pytest

from governance.change.core.policy import Policy
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.change.selectors.standing import standing
from governance.identity.models import Person
from tests.support.clones import Clone
from tests.support.governed import POLICY, World, refused, rule, world

pytestmark = pytest.mark.db
APART = Policy((rule("*", name="everything", units_apart=True), *(
    dataclasses.replace(one, name="keys", change="key.enrol") for one in POLICY.rules
)))  # fmt: skip
UNITS = {"ben": "north", "cyd": "north", "dov": "south"}


@pytest.fixture
def it(ledger_db: Clone) -> World:
    made = world(APART)
    for name, unit in UNITS.items():
        Person.objects.filter(pk=made[name].row.pk).update(unit=unit)
    return made


def could(it: World, row: Change) -> set[str]:
    stands = standing(row, index=10_000, now=int(it.now.timestamp()))
    return {one for slot in stands.quorum.slots for one in slot.could}


def test_the_second_of_a_unit_is_refused_and_another_unit_completes_it(it: World) -> None:
    row = it.say(it.in_review(), Verb.APPROVE, "ben")
    assert could(it, row) == {it["dov"].id}
    with refused("sod_unit"):
        it.say(row, Verb.APPROVE, "cyd")
    assert not row.words.filter(person=it["cyd"].id).exists()
    assert it.say(row, Verb.APPROVE, "dov").state == "timelocked"


def test_somebody_without_a_unit_is_refused(it: World) -> None:
    row = it.in_review()
    Person.objects.filter(pk=it["cyd"].row.pk).update(unit="")
    with refused("sod_unit"):
        it.say(row, Verb.APPROVE, "cyd")


def test_who_moves_into_the_unit_of_another_counts_no_more(it: World) -> None:
    row = it.approved(it.in_review(), "ben", "dov")
    it.pass_time(3_601)
    Person.objects.filter(pk=it["dov"].row.pk).update(unit="north")
    with refused("quorum_missing"):
        it.say(row, Verb.EXECUTE, "eva")


def test_a_rule_that_keeps_units_apart_takes_as_many_units_as_people(it: World) -> None:
    Person.objects.filter(pk=it["dov"].row.pk).update(unit="north")
    harder = Policy((rule("*", name="everything", units_apart=True, lock_s=60),))
    with refused("policy_unsatisfiable"):
        it.draft("policy.change", {"policy": harder.to_json()})
