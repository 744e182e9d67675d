"""Rejections, vetoes, holds, expiry, staleness: each ends or stops a change at once, and no lock is banked."""

from __future__ import annotations

import pytest

from governance.change.actions.edit import edit_change
from governance.change.actions.hold import hold_change, release_change
from governance.change.actions.rebase import rebase_change
from governance.change.actions.settle import settle_change
from governance.change.actions.withdraw import withdraw_change
from governance.change.core.policy import Policy, Rule
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.change.selectors.executors import executors_of
from governance.change.selectors.standing import standing
from governance.identity.models import GroupMember, PersonKey, Tenant
from tests.support.clones import Clone
from tests.support.governed import World, put_in_force, refused, rule, world
from tests.support.world import moment

pytestmark = pytest.mark.db


@pytest.fixture
def it(ledger_db: Clone) -> World:
    return world()


@pytest.fixture
def row(it: World) -> Change:
    return it.approved(it.in_review())


def test_a_rejection_ends_it(it: World, row: Change) -> None:
    assert it.say(row, Verb.REJECT, "dov").state == "rejected"
    with refused("change_state"):
        it.say(row, Verb.EXECUTE, "eva")


def test_a_veto_ends_it_though_it_is_ready(it: World, row: Change) -> None:
    it.pass_time(3_601)
    assert it.say(row, Verb.VETO, "fay").state == "vetoed"


def test_an_author_has_no_veto(it: World, row: Change) -> None:
    with refused("role_missing"):
        it.say(row, Verb.VETO, "ada")


def test_its_author_alone_takes_it_back(it: World, row: Change) -> None:
    with refused("role_missing"):
        withdraw_change(row.key, by=it["ben"].principal(), at=moment(it.now))
    assert withdraw_change(row.key, by=it["ada"].principal(), at=moment(it.now)).state == "withdrawn"


def test_a_hold_stops_it_and_after_its_release_the_lock_begins_anew(it: World, row: Change) -> None:
    it.pass_time(3_601)
    assert hold_change(row.key, "Wait.", by=it["dov"].principal(), at=moment(it.now)).state == "held"
    with refused("change_state"):
        it.say(row, Verb.EXECUTE, "eva")
    row = release_change(row.key, by=it["dov"].principal(), at=moment(it.now))
    assert row.state == "in_review"
    row = settle_change(row.key, at=moment(it.now))
    assert (row.state, row.ready_at) == ("timelocked", row.lost_at + 3_600)
    with refused("time_locked"):
        it.say(row, Verb.EXECUTE, "eva")
    it.pass_time(3_601)
    assert it.say(row, Verb.EXECUTE, "eva").state == "applied"


def test_its_author_does_not_release_what_others_hold(it: World, row: Change) -> None:
    hold_change(row.key, "Wait.", by=it["dov"].principal(), at=moment(it.now))
    with refused("role_missing"):
        release_change(row.key, by=it["ada"].principal(), at=moment(it.now))


def test_an_approval_taken_back_clears_the_lock(it: World, row: Change) -> None:
    it.pass_time(3_601)
    row = it.say(row, Verb.REVOKE_APPROVAL, "cyd")
    assert (row.state, row.ready_at) == ("in_review", None)
    row = it.say(row, Verb.APPROVE, "dov")
    with refused("time_locked"):
        it.say(row, Verb.EXECUTE, "eva")


def test_nobody_takes_back_what_they_did_not_say(it: World, row: Change) -> None:
    with refused("nothing_to_revoke"):
        it.say(row, Verb.REVOKE_APPROVAL, "dov")


def test_an_edit_voids_every_signature(it: World, row: Change) -> None:
    it.pass_time(3_601)
    row = edit_change(row.key, it.suspend, "Better words.", revision=1, by=it["ada"].principal(), at=moment(it.now))
    assert (row.state, row.revision, row.ready_at) == ("in_review", 2, None)
    with refused("change_state"):
        it.say(row, Verb.EXECUTE, "eva")
    row = it.say(row, Verb.APPROVE, "ben")
    assert row.state == "in_review"


def test_it_expires(it: World, row: Change) -> None:
    it.pass_time(90_000)
    with refused("change_expired"):
        it.say(row, Verb.EXECUTE, "eva")
    row.refresh_from_db()
    assert row.state == "expired"


def test_the_clock_expires_it_too(it: World, row: Change) -> None:
    it.pass_time(90_000)
    assert settle_change(row.key, at=moment(it.now)).state == "expired"


def test_another_state_makes_it_stale_and_a_rebase_asks_everybody_again(it: World, row: Change) -> None:
    other = it.approved(it.in_review(body={**it.suspend, "state": "disabled"}))
    it.pass_time(3_601)
    assert it.say(other, Verb.EXECUTE, "eva").state == "applied"
    with refused("change_stale"):
        it.say(row, Verb.EXECUTE, "eva")
    row.refresh_from_db()
    assert row.state == "stale"
    row = rebase_change(row.key, revision=1, by=it["ada"].principal(), at=moment(it.now))
    assert (row.state, row.revision) == ("in_review", 2)
    row = it.approved(row)
    it.pass_time(3_601)
    it.say(row, Verb.EXECUTE, "eva")
    assert Tenant.objects.get(pk=it.acme.tenant.pk).state == "suspended"


@pytest.mark.parametrize(
    "rules", [(rule("*", name="everything", lock_s=0),), (rule("*", name="everything"), rule("thaw"))]
)
def test_another_policy_makes_it_stale(it: World, row: Change, rules: tuple[Rule, ...]) -> None:
    put_in_force(Policy(rules))
    it.pass_time(3_601)
    with refused("change_stale"):
        it.say(row, Verb.EXECUTE, "eva")


@pytest.mark.parametrize("lost", ["key", "place", "person"])
def test_an_approval_counts_only_while_its_key_its_place_and_its_person_do(it: World, row: Change, lost: str) -> None:
    it.pass_time(3_601)
    if lost == "key":
        PersonKey.objects.filter(kid=it["cyd"].kid).update(state="revoked", until=row.index + 1, revoked_at=it.now)
    elif lost == "place":
        GroupMember.objects.filter(person=it["cyd"].row).update(revoked=it.now)
    else:
        type(it["cyd"].row).objects.filter(pk=it["cyd"].row.pk).update(is_active=False)
    with refused("quorum_missing"):
        it.say(row, Verb.EXECUTE, "eva")
    row.refresh_from_db()
    assert (row.state, row.ready_at) == ("in_review", None)


@pytest.mark.parametrize("lost", ["place", "role", "bar"])
def test_a_quorum_that_was_lost_and_came_back_brings_no_time_with_it(it: World, row: Change, lost: str) -> None:
    cyd, told = it["cyd"].row, row.ready_at
    it.pass_time(1_800)
    if lost == "place":
        cyd.group_places.update(revoked=it.now)
        GroupMember.objects.create(person=cyd, group_id="ops", created=it.now)
    elif lost == "role":
        cyd.memberships.update(revoked=it.now)
        cyd.memberships.create(public_id=moment().new_id(), role="approver", created=it.now)
    else:
        type(cyd).objects.filter(pk=cyd.pk).update(barred_until=it.now)
    since = int(it.now.timestamp())
    it.pass_time(1_810)
    with refused("time_locked"):
        it.say(row, Verb.EXECUTE, "eva")
    assert told is not None
    assert since + 3_600 - told > 1_700
    it.pass_time(1_800)
    assert it.say(row, Verb.EXECUTE, "eva").state == "applied"


def test_one_person_with_two_places_fills_one(it: World) -> None:
    row = it.in_review()
    row = it.say(row, Verb.APPROVE, "dov")
    assert row.state == "in_review"


def test_an_executor_who_wrote_or_approved_does_not_carry_out(it: World) -> None:
    for one in ("ada", "ben"):
        it[one].row.memberships.create(public_id=moment().new_id(), person=it[one].row, role="executor", created=it.now)
    row = it.approved(it.in_review())
    it.pass_time(3_601)
    with refused("sod_author"):
        it.say(row, Verb.EXECUTE, "ada")
    with refused("sod_approver"):
        it.say(row, Verb.EXECUTE, "ben")


def test_an_executor_who_edited_it_once_does_not_carry_it_out(it: World) -> None:
    it["ben"].row.memberships.create(public_id=moment().new_id(), person=it["ben"].row, role="executor", created=it.now)
    row = it.in_review()
    edit_change(row.key, it.suspend, "Better.", revision=1, by=it["ben"].principal(it.now), at=moment(it.now))
    row = edit_change(row.key, it.suspend, "As before.", revision=2, by=it["ada"].principal(it.now), at=moment(it.now))
    row = it.approved(row, "cyd", "dov")
    it.pass_time(3_601)
    with refused("sod_author"):
        it.say(row, Verb.EXECUTE, "ben")
    assert it["ben"].id not in executors_of(standing(row, index=row.index + 1, now=int(it.now.timestamp())), it.now)


def test_a_clock_that_goes_back_shortens_nothing(it: World, row: Change) -> None:
    before = row.ready_at
    it.pass_time(-7_200)
    row = it.say(row, Verb.APPROVE, "dov")
    assert before is not None
    assert row.ready_at is not None
    assert row.ready_at >= before
