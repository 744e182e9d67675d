"""To which unit somebody belongs is said when they are entered or founded, and afterwards by a change alone."""

from __future__ import annotations

import dataclasses
from typing import Any

import psycopg
import pytest

from governance.change.actions.draft import draft_change
from governance.change.actions.revert import draft_revert
from governance.change.core.policy import ExecutorRule, Policy
from governance.change.core.verbs import Verb
from governance.change.errors import PolicyUnsatisfiable
from governance.change.models import Change
from governance.change.selectors.replaying import replayed
from governance.change.selectors.satisfied import unmet_without
from governance.change.types import change_type
from governance.identity.actions.invite_person import invite_person
from governance.identity.actions.set_unit import set_unit
from governance.identity.errors import NameInvalid
from governance.identity.models import Person
from ledger.errors import DecisionNeeded
from tests.support.clones import Clone
from tests.support.governed import World, genesis_body, refused, rule, unfounded
from tests.support.world import SEED, moment

pytestmark = pytest.mark.db
APART = Policy((
    rule("tenant.state", name="apart", units_apart=True, lock_s=0),
    rule("*", name="everything", lock_s=0, executor=ExecutorRule.NOT_AUTHOR),
))  # fmt: skip
UNITS = {"ben": "north", "cyd": "north", "dov": "south", "ada": "methods"}


def founded_with(units: dict[str, str]) -> World:
    """Founded in earnest, with these units in the genesis."""
    made = unfounded()
    body = genesis_body(made, APART)
    body["people"] = [
        {**one, **({"unit": units[name]} if name in units else {})}
        for name, one in zip(made.people, body["people"], strict=True)
    ]
    row = draft_change("genesis", body, "The beginning.", by=SEED, at=moment(made.now))
    made.say(row, Verb.FOUND, "ben")
    made.say(row, Verb.FOUND, "eva")
    return made


@pytest.fixture
def it(ledger_db: Clone) -> World:
    return founded_with(UNITS)


def body_of(it: World, who: str, unit: str | None) -> dict[str, Any]:
    return {"person": str(it[who].row.public_id), "unit": unit}


def decided(it: World, body: dict[str, Any], *who: str) -> Change:
    return it.say(it.approved(it.in_review("person.unit", body), *who), Verb.EXECUTE, "eva")


def unit(it: World, who: str) -> str:
    return Person.objects.get(pk=it[who].row.pk).unit


def test_the_founding_sets_units_and_they_keep_people_apart(it: World) -> None:
    assert {name: unit(it, name) for name in it.people} == {**dict.fromkeys(it.people, ""), **UNITS}
    row = it.say(it.in_review(), Verb.APPROVE, "ben")
    with refused("sod_unit"):
        it.say(row, Verb.APPROVE, "cyd")
    it.say(it.say(row, Verb.APPROVE, "dov"), Verb.EXECUTE, "eva")
    assert replayed().contradictions == ()


def test_a_change_moves_somebody_and_its_revert_moves_them_back(it: World) -> None:
    row = decided(it, body_of(it, "cyd", "east"), "ben", "dov")
    assert unit(it, "cyd") == "east"
    suspend = it.approved(it.in_review(), "ben", "cyd")
    it.say(suspend, Verb.EXECUTE, "eva")
    assert replayed().contradictions == ()
    back = draft_revert(row.key, "Too early.", by=it["fay"].principal(), at=moment(it.now))
    it.say(back, Verb.REVERT, "fay")
    assert unit(it, "cyd") == "north"
    assert replayed().contradictions == ()


def test_whom_it_moves_neither_approves_nor_carries_it_out(it: World) -> None:
    row = it.in_review("person.unit", body_of(it, "cyd", "east"))
    with refused("sod_concerned"):
        it.say(row, Verb.APPROVE, "cyd")


def test_nobody_is_moved_so_that_a_rule_cannot_be_met(it: World) -> None:
    with refused("policy_unsatisfiable"):
        it.in_review("person.unit", body_of(it, "dov", "north"))
    with refused("policy_unsatisfiable"):
        it.in_review("person.unit", body_of(it, "dov", None))
    assert unmet_without(it["dov"].row, it.now)
    assert not unmet_without(it["cyd"].row, it.now)


@pytest.mark.usefixtures("ledger_db")
def test_a_genesis_under_which_units_are_too_few_is_not_taken() -> None:
    with pytest.raises(PolicyUnsatisfiable):
        founded_with({**UNITS, "dov": "north"})


def test_nobody_is_moved_by_an_act_after_the_founding(it: World) -> None:
    with pytest.raises(DecisionNeeded) as asked:
        set_unit(it["cyd"].row, "east", by=SEED, at=moment(it.now))
    assert "person.unit" in asked.value.next_step
    assert unit(it, "cyd") == "north"


def test_a_unit_that_nobody_decided_is_found(it: World, owner_connection: psycopg.Connection[Any]) -> None:
    owner_connection.execute("UPDATE identity_person SET unit = 'east' WHERE email = 'cyd@gov.test'")
    assert {one.code for one in replayed().contradictions} == {"replay_state_mismatch"}


def test_a_unit_of_somebody_who_was_invited_is_found_too(it: World, owner_connection: psycopg.Connection[Any]) -> None:
    invite_person("new@gov.test", "New", unit="west-2", by=SEED, at=moment(it.now))
    owner_connection.execute("UPDATE identity_person SET unit = 'east' WHERE email = 'new@gov.test'")
    assert {one.code for one in replayed().contradictions} == {"replay_state_mismatch"}


def test_an_invitation_sets_it_and_the_record_explains_it(it: World) -> None:
    row, _ = invite_person("new@gov.test", "New", unit="west-2", by=SEED, at=moment(it.now))
    assert (row.unit, row.unit_since) == ("west-2", row.created)
    assert replayed().contradictions == ()
    body = {"person": str(row.public_id), "unit": "north"}
    assert change_type("person.unit").base(dict(body), lock=False) == {"unit": "west-2"}
    decided(it, body)
    assert replayed().contradictions == ()


@pytest.mark.parametrize("name", ["North", "n\u043erth", "north 2", "a" * 64, "_x", "north\n"])
def test_a_unit_has_one_spelling(it: World, name: str) -> None:
    with pytest.raises(NameInvalid):
        invite_person("new@gov.test", "New", unit=name, by=SEED, at=moment(it.now))
    with refused("change_body_malformed"):
        it.draft("person.unit", body_of(it, "cyd", name))


def test_what_was_approved_in_another_unit_counts_from_the_move_on(it: World) -> None:
    slow = Policy(tuple(dataclasses.replace(one, lock_s=3_600) if one.name == "apart" else one for one in APART.rules))
    it.say(it.approved(it.in_review("policy.change", {"policy": slow.to_json()})), Verb.EXECUTE, "eva")
    row = it.approved(it.in_review(), "ben", "dov")
    it.pass_time(3_500)
    decided(it, body_of(it, "dov", "south-2"), "ben", "cyd")
    it.pass_time(200)
    with refused("time_locked"):
        it.say(row, Verb.EXECUTE, "eva")
    it.pass_time(3_600)
    assert it.say(row, Verb.EXECUTE, "eva").state == "applied"
