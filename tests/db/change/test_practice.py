"""Who may not be there when they are needed is told early, and a drill goes through everything without an effect."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.change.actions.withdraw import withdraw_change
from governance.change.core.policy import Policy
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.change.selectors.liveness import drill, practice, quiet
from governance.change.selectors.policies import policy_in_force
from governance.change.selectors.replaying import replayed
from governance.identity.models import Founding, GroupMember
from governance.identity.models import Person as PersonRow
from tests.db.change.test_the_record_explains_the_database import UNLOCKED, decided
from tests.support.clones import Clone
from tests.support.governed import World, put_in_force, refused, rule, world
from tests.support.world import moment

pytestmark = pytest.mark.db
DAY = 86_400


@pytest.fixture
def it(ledger_db: Clone) -> World:
    """Everybody's place and key are a year old."""
    made = world()
    made.pass_time(365 * DAY)
    return made


def ended(it: World, *who: str, how: Verb = Verb.VETO) -> Change:
    """A change that `who` approve and fay ends."""
    row = it.in_review()
    for one in who:
        row = it.say(row, Verb.APPROVE, one)
    it.pass_time(5)
    return it.say(row, how, "fay")


def silent(it: World) -> dict[str, int]:
    found = quiet(it.now)
    return {name: found[one.id].silent for name, one in it.people.items() if one.id in found and found[one.id].silent}


def thin(it: World) -> tuple[str, ...]:
    return practice(it.now, policy_in_force().policy).thin


def test_whoever_said_nothing_twice_in_a_row_is_flagged(it: World) -> None:
    ended(it, "ben")
    assert silent(it) == {}
    ended(it, "cyd")
    assert silent(it) == {"dov": 2}
    ended(it, "cyd")
    assert silent(it) == {"dov": 3, "ben": 2}
    ended(it, "dov")
    assert silent(it) == {"ben": 3}


def test_a_rejection_is_an_answer_too(it: World) -> None:
    ended(it, "ben")
    it.say(it.in_review(), Verb.REJECT, "cyd")
    assert silent(it) == {"dov": 2}


def test_who_could_not_have_signed_is_not_counted_silent(it: World) -> None:
    ended(it, "ben", "cyd")
    later = it.now + timedelta(minutes=1)
    GroupMember.objects.filter(person=it["dov"].row).update(revoked=it.now)
    GroupMember.objects.create(person=it["dov"].row, group_id="ops", created=later)
    ended(it, "ben", "cyd")
    assert silent(it) == {}


def test_who_wrote_it_or_whom_it_concerns_is_not_counted_silent(it: World) -> None:
    body = {"person": str(it["dov"].row.public_id), "role": None, "tenant": None, "group": "science"}
    for number in range(2):
        row = it.in_review("role.revoke", body) if number else it.in_review(by="dov")
        it.say(it.say(it.say(row, Verb.APPROVE, "ben"), Verb.APPROVE, "cyd"), Verb.VETO, "fay")
    assert silent(it) == {}


def test_what_was_withdrawn_asked_for_nobody(it: World) -> None:
    for _ in range(2):
        row = it.in_review()
        withdraw_change(row.key, by=it["ada"].principal(it.now), at=moment(it.now))
    assert silent(it) == {}


def test_a_key_that_nobody_used_for_90_days_is_flagged(it: World) -> None:
    ended(it, "ben", "cyd", "dov")
    used = {it[name].kid for name in ("ben", "cyd", "dov", "fay")}
    unused = {kid for one in quiet(it.now).values() for kid in one.unused}
    assert unused == {one.kid for one in it.people.values()} - used
    later = it.now + timedelta(days=91)
    assert {kid for one in quiet(later).values() for kid in one.unused} == {one.kid for one in it.people.values()}


def test_a_young_key_is_not_flagged(ledger_db: Clone) -> None:
    it = world()
    assert quiet(it.now + timedelta(days=89)) == {}
    assert quiet(it.now + timedelta(days=91)).keys() == {one.id for one in it.people.values()}


def test_whoever_left_is_not_flagged(it: World) -> None:
    PersonRow.objects.filter(pk=it["eva"].row.pk).update(is_active=False)
    assert it["eva"].id not in quiet(it.now)


def test_a_rule_that_hangs_on_silent_people_is_named(it: World) -> None:
    assert thin(it) == ("everything: nobody is left for a place of group ops.",)
    ended(it, "ben", "cyd", "dov")
    assert thin(it) == ()
    for _ in range(2):
        ended(it, "ben", "cyd")
    assert silent(it) == {"dov": 2}
    assert thin(it) == ()
    ended(it, "ben")
    ended(it, "ben")
    assert thin(it) == ("everything: nobody is left for a place of group ops.",)


def test_a_drill_is_suggested_each_quarter(it: World) -> None:
    began = Founding.objects.get().at
    found = drill(began + timedelta(days=90), policy_in_force().policy)
    assert found is not None
    assert (found.last, found.is_due) == (None, False)
    assert drill(began + timedelta(days=92), policy_in_force().policy).is_due  # type: ignore[union-attr]  # there is a rule
    row = it.approved(it.in_review("drill", {"exercise": "Can two of ops sign from home?"}))
    with refused("time_locked"):
        it.say(row, Verb.EXECUTE, "eva")
    it.pass_time(3_601)
    it.say(row, Verb.EXECUTE, "eva")
    found = drill(it.now + timedelta(days=90), policy_in_force().policy)
    assert found is not None
    assert (found.last is None, found.is_due) == (False, False)
    assert drill(it.now + timedelta(days=92), policy_in_force().policy).is_due  # type: ignore[union-attr]  # there is a rule


def test_without_a_rule_for_it_there_is_no_drill(it: World) -> None:
    put_in_force(Policy((rule("tenant.state", name="tenants"),)))
    assert drill(it.now, policy_in_force().policy) is None
    with refused("rule_missing"):
        it.draft("drill", {"exercise": "?"})


def test_two_drills_do_not_count_as_one_and_the_record_explains_both(ledger_db: Clone) -> None:
    it = decided(UNLOCKED)
    first, second = (it.approved(it.in_review("drill", {"exercise": str(one)})) for one in range(2))
    it.say(first, Verb.EXECUTE, "eva")
    with refused("change_stale"):
        it.say(second, Verb.EXECUTE, "eva")
    assert it.say(it.approved(it.in_review("drill", {"exercise": "3"})), Verb.EXECUTE, "eva").state == "applied"
    report = replayed()
    assert report.contradictions == ()
