"""The founding ceremony: people with waiting keys sign one genesis, and from then on decisions are needed."""

from __future__ import annotations

from typing import Any

import pytest

from governance.change.actions.draft import draft_change
from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.errors import AlreadyFounded, AlreadySaid, ChangeRefused, KeyRefused, RoleMissing
from governance.change.selectors.policies import policy_in_force
from governance.identity.models import PersonKey
from governance.identity.selectors.founding import founding, is_founded
from ledger.errors import DecisionNeeded
from ledger.selectors.leaves import event
from ledger.selectors.streams import stream
from tests.support.clones import Clone
from tests.support.governed import World, genesis_body, payload_of, unfounded
from tests.support.world import SEED, moment, person

pytestmark = pytest.mark.db


@pytest.fixture
def it(ledger_db: Clone) -> World:
    return unfounded()


def drafted(it: World, **more: Any) -> Any:
    return draft_change("genesis", {**genesis_body(it), **more}, "The beginning.", by=SEED, at=moment(it.now))


def test_two_people_found_it_and_everything_stands_in_the_genesis(it: World) -> None:
    row = drafted(it)
    row = it.say(row, Verb.FOUND, "ben")
    assert (row.state, is_founded()) == (State.DRAFT, False)
    row = it.say(row, Verb.FOUND, "eva")
    found = founding()
    assert found is not None
    assert (row.state, found.change, found.index) == (State.APPLIED, row.key, row.index)
    told = payload_of(event(stream("_governance", "changes"), found.index).payload)
    assert told["body"] == genesis_body(it)
    assert policy_in_force().decision == row.key
    assert set(PersonKey.objects.values_list("state", flat=True)) == {"active"}


def test_then_a_change_takes_its_way(it: World) -> None:
    row = drafted(it)
    it.say(row, Verb.FOUND, "ben")
    it.say(row, Verb.FOUND, "eva")
    with pytest.raises(DecisionNeeded):
        person("late@gov.test", it["ada"].role, None)
    change = it.approved(it.in_review())
    it.pass_time(3_601)
    assert it.say(change, Verb.EXECUTE, "eva").state == State.APPLIED


def test_one_person_founds_nothing_however_often(it: World) -> None:
    row = drafted(it)
    it.say(row, Verb.FOUND, "ben")
    with pytest.raises(AlreadySaid):
        it.say(row, Verb.FOUND, "ben")
    assert not is_founded()


def test_somebody_whom_it_does_not_name_signs_nothing(it: World) -> None:
    body = genesis_body(it)
    body["people"] = [one for one in body["people"] if one["person"] != str(it["fay"].row.public_id)]
    row = draft_change("genesis", body, "The beginning.", by=SEED, at=moment(it.now))
    with pytest.raises(KeyRefused):
        it.say(row, Verb.FOUND, "fay")


def test_there_is_one_genesis(it: World) -> None:
    row, other = drafted(it), drafted(it, name="Another")
    for who in ("ben", "eva"):
        it.say(row, Verb.FOUND, who)
    with pytest.raises(ChangeRefused):
        it.say(other, Verb.FOUND, "ben")
    with pytest.raises(AlreadyFounded):
        drafted(it)


def test_a_person_in_a_session_without_a_role_drafts_no_genesis(it: World) -> None:
    nobody = person("nobody@gov.test", None, None)
    from governance.identity.selectors.principals import principal_of_person  # noqa: PLC0415 - once

    by = principal_of_person(nobody, it.now)
    assert by is not None
    with pytest.raises(RoleMissing):
        draft_change("genesis", genesis_body(it), "Mine.", by=by, at=moment(it.now))


@pytest.mark.parametrize("roles", [("approver", "internal_auditor"), ("platform_operator",)])
def test_roles_that_exclude_each_other_or_a_key_are_refused_before_anybody_signs(
    it: World, roles: tuple[str, ...]
) -> None:
    body = genesis_body(it)
    body["people"][0]["roles"] = [{"role": role, "tenant": None} for role in roles]
    with pytest.raises(ChangeRefused, match=r"excludes|no key that counts"):
        draft_change("genesis", body, "The beginning.", by=SEED, at=moment(it.now))


def test_a_policy_that_nobody_can_meet_is_no_beginning(it: World) -> None:
    body = genesis_body(it)
    body["policy"]["rules"][0]["needs"] = [{"count": 40, "group": "ops"}]
    with pytest.raises(ChangeRefused, match="met"):
        draft_change("genesis", body, "Too much.", by=SEED, at=moment(it.now))
