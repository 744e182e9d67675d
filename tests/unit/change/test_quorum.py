"""Which approvals count, and since when a change is approved."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from governance.change.core.people import Approver, Custody
from governance.change.core.policy import Need, Rule
from governance.change.core.quorum import Quorum, Refused, Subject, Word, may_approve, quorum
from governance.change.core.verbs import Verb
from tests.support.approvals import INDEX, NOW, RULE, SUBJECT, approval, approver, key, people

OPS = people(*(approver(name, "ops") for name in "abc"))


def judged(*words: Word, staff: dict[str, Approver] = OPS, rule: Rule = RULE, subject: Subject = SUBJECT) -> Quorum:
    return quorum(rule, subject, words, staff, index=INDEX, now=NOW)


def reasons(found: Quorum) -> list[Refused]:
    return [reason for _, reason in found.refused]


def test_two_people_of_the_group_approve() -> None:
    found = judged(approval("a", 10), approval("b", 20))
    assert (found.met, found.since, found.approvers) == (True, 200, frozenset("ab"))


def test_one_of_two_is_not_enough_and_the_empty_place_says_who_could_sign() -> None:
    found = judged(approval("a"))
    assert (found.met, found.since) == (False, None)
    assert [(slot.person, slot.could) for slot in found.slots] == [("a", ()), (None, ("b", "c"))]


def test_a_place_that_was_taken_and_given_back_counts_from_then_on() -> None:
    staff = people(approver("a", "ops"), approver("b", "ops", began=(("ops", 250),)), approver("c", "ops"))
    assert judged(approval("a", 10), approval("b", 20), staff=staff).since == 250
    assert judged(approval("a", 10), approval("b", 20), approval("c", 22), staff=staff).since == 220


def test_after_a_bar_a_word_counts_from_its_end_on() -> None:
    staff = people(approver("a", "ops"), approver("b", "ops", barred_until=300))
    assert judged(approval("a", 10), approval("b", 20), staff=staff).since == 300


def test_the_same_person_twice_counts_once() -> None:
    found = judged(approval("a", 10), approval("a", 11))
    assert (found.met, reasons(found)) == (False, [Refused.REPEATED])


def test_a_second_key_of_the_same_person_counts_nothing() -> None:
    staff = people(approver("a", "ops", keys=(key("a"), key("a", kid="other"))), approver("b", "ops"))
    found = judged(approval("a", 10), approval("a", 11, kid="other"), staff=staff)
    assert (found.met, reasons(found)) == (False, [Refused.REPEATED])


def test_one_public_key_enrolled_by_two_people_counts_once() -> None:
    shared = bytes(32)
    staff = people(*(approver(name, "ops", keys=(key(name, public=shared),)) for name in "ab"))
    found = judged(approval("a", 10), approval("b", 11), staff=staff)
    assert (found.met, reasons(found)) == (False, [Refused.KEY_SHARED])


def test_one_passkey_that_opens_the_keys_of_two_people_counts_once() -> None:
    found = judged(approval("a", 10, credential="c1"), approval("b", 11, credential="c1"))
    assert (found.met, reasons(found)) == (False, [Refused.CREDENTIAL_SHARED])
    assert judged(approval("a", 10, credential="c1"), approval("b", 11, credential="c2")).met
    assert judged(approval("a", 10), approval("b", 11)).met


APART = replace(RULE, units_apart=True)


def in_units(**units: str) -> dict[str, Approver]:
    return people(*(approver(name, "ops", unit=unit) for name, unit in units.items()))


def test_where_units_are_apart_one_approval_of_each_counts() -> None:
    staff = in_units(a="north", b="north", c="south")
    found = judged(approval("a", 10), approval("b", 11), staff=staff, rule=APART)
    assert (found.met, reasons(found)) == (False, [Refused.UNIT_SHARED])
    assert [slot.could for slot in found.slots] == [(), ("c",)]
    assert judged(approval("a", 10), approval("c", 11), staff=staff, rule=APART).met
    assert judged(approval("a", 10), approval("b", 11), staff=staff).met


def test_where_units_are_apart_a_word_counts_from_when_the_unit_began() -> None:
    staff = people(approver("a", "ops", unit="north"), approver("b", "ops", unit="south", unit_since=400))
    assert judged(approval("a", 10), approval("b", 11), staff=staff, rule=APART).since == 400
    assert judged(approval("a", 10), approval("b", 11), staff=staff).since == 110


def test_where_units_are_apart_nobody_counts_whose_unit_is_not_known() -> None:
    found = judged(approval("a", 10), approval("b", 11), staff=in_units(a="north", b=""), rule=APART)
    assert (found.met, reasons(found)) == (False, [Refused.UNIT_UNKNOWN])


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"live": False}, Refused.NOT_LIVE),
        ({"barred_until": NOW + 1}, Refused.BARRED),
        ({"groups": frozenset({"science"})}, Refused.NO_GROUP),
        ({"keys": ()}, Refused.KEY_UNKNOWN),
        ({"keys": (key("b", until=50),)}, Refused.KEY_DEAD),
        ({"keys": (key("b", since=21),)}, Refused.KEY_DEAD),
    ],
)
def test_what_took_the_power_away_since_counts(changed: dict[str, Any], reason: Refused) -> None:
    words = approval("a", 10), approval("b", 20)
    assert judged(*words).met
    found = judged(*words, staff={**OPS, "b": replace(OPS["b"], **changed)})
    assert (found.met, reasons(found)) == (False, [reason])


def test_a_key_that_ends_at_the_very_index_does_not_count_there() -> None:
    ends = people(OPS["a"], approver("b", "ops", keys=(key("b", until=INDEX),)))
    lives = people(OPS["a"], approver("b", "ops", keys=(key("b", until=INDEX + 1),)))
    words = approval("a"), approval("b", 20)
    assert (judged(*words, staff=ends).met, judged(*words, staff=lives).met) == (False, True)


def test_a_key_given_only_later_cannot_have_signed_before() -> None:
    staff = people(OPS["a"], approver("b", "ops", keys=(key("b", since=20),)))
    assert judged(approval("a"), approval("b", 20), staff=staff).met
    assert not judged(approval("a"), approval("b", 19), staff=staff).met


def test_who_contributed_to_any_revision_does_not_count() -> None:
    found = judged(approval("a"), approval("b", 20), subject=replace(SUBJECT, contributors=frozenset({"b"})))
    assert (found.met, reasons(found)) == (False, [Refused.CONTRIBUTOR])


def test_nobody_approves_what_changes_their_own_power() -> None:
    found = judged(approval("a"), approval("b", 20), subject=replace(SUBJECT, concerned=frozenset({"b"})))
    assert (found.met, reasons(found)) == (False, [Refused.CONCERNED])


def test_an_approval_of_another_revision_counts_nothing() -> None:
    found = judged(approval("a"), approval("b", 20, revision=2))
    assert (found.met, reasons(found)) == (False, [Refused.REVISION])


def test_somebody_nobody_knows_counts_nothing() -> None:
    assert reasons(judged(approval("stranger"))) == [Refused.UNKNOWN]


def test_an_approval_taken_back_does_not_count_and_can_be_given_again() -> None:
    back = approval("b", 30, verb=Verb.REVOKE_APPROVAL)
    words = approval("a"), approval("b", 20), back
    assert (judged(*words).met, reasons(judged(*words))) == (False, [Refused.REVOKED])
    assert judged(*words, approval("b", 40)).since == 400


def test_nobody_takes_back_the_approval_of_another() -> None:
    assert judged(approval("a"), approval("b", 20), approval("c", 30, verb=Verb.REVOKE_APPROVAL)).met


@pytest.mark.parametrize("verb", [verb for verb in Verb if verb not in {Verb.APPROVE, Verb.REVOKE_APPROVAL}])
def test_no_other_word_is_an_approval(verb: Verb) -> None:
    assert not judged(approval("a"), approval("b", 20, verb=verb)).met


def test_the_lock_begins_anew_when_another_completes_the_quorum() -> None:
    words = approval("a", 10), approval("b", 20), approval("c", 90)
    assert judged(*words).since == 200
    without = {**OPS, "b": replace(OPS["b"], live=False)}
    assert judged(*words, staff=without).since == 900


def test_the_lock_begins_after_the_quorum_was_last_lost() -> None:
    assert judged(approval("a"), approval("b", 20), subject=replace(SUBJECT, lost_at=777)).since == 777


def test_the_order_in_which_words_are_handed_over_does_not_matter() -> None:
    words = approval("a", 10), approval("b", 20), approval("b", 30, verb=Verb.REVOKE_APPROVAL)
    assert judged(*words) == judged(*reversed(words))


def test_groups_are_filled_by_distinct_people_and_nobody_is_wasted() -> None:
    rule = replace(RULE, needs=(Need("ops", 1), Need("science", 1)))
    both, ops = approver("both", "ops", "science"), approver("ops", "ops")
    assert not judged(approval("both"), staff=people(both), rule=rule).met
    found = judged(approval("both", 10), approval("ops", 20), staff=people(both, ops), rule=rule)
    assert [(slot.group, slot.person) for slot in found.slots] == [("ops", "ops"), ("science", "both")]


def test_two_of_one_group_fill_no_place_of_the_other() -> None:
    rule = replace(RULE, needs=(Need("ops", 1), Need("science", 1)))
    found = judged(approval("a", 10), approval("b", 20), rule=rule)
    assert (found.met, [slot.person for slot in found.slots]) == (False, ["a", None])


def test_a_new_key_counts_only_after_its_cool_down() -> None:
    rule = replace(RULE, cool_down_s=100)
    staff = people(OPS["a"], approver("b", "ops", keys=(key("b", active_from=150),)))
    assert reasons(judged(approval("a"), approval("b", 24), staff=staff, rule=rule)) == [Refused.KEY_COOLS_DOWN]
    assert judged(approval("a"), approval("b", 25), staff=staff, rule=rule).met


def test_a_critical_rule_wants_one_key_that_no_browser_holds() -> None:
    rule = replace(RULE, offline_key=True)
    words = approval("a", 10), approval("b", 20)
    assert (judged(*words, rule=rule).met, judged(*words, rule=rule).lacks_offline) == (False, True)
    staff = {**OPS, "c": approver("c", "ops", keys=(key("c", custody=Custody.OFFLINE),))}
    found = judged(*words, approval("c", 30), staff=staff, rule=rule)
    assert (found.since, found.lacks_offline) == (300, False)


def test_a_rule_without_needs_is_met_at_once() -> None:
    assert judged(rule=replace(RULE, needs=())).since == 0


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (approver("x", "ops"), None),
        (approver("author", "ops"), Refused.CONTRIBUTOR),
        (approver("x", "science"), Refused.NO_GROUP),
        (approver("x", "ops", live=False), Refused.NOT_LIVE),
        (approver("x", "ops", keys=()), Refused.KEY_DEAD),
        (approver("x", "ops", keys=(key("x", active_from=NOW),)), Refused.KEY_COOLS_DOWN),
    ],
)
def test_an_empty_place_is_offered_to_those_who_can_sign_now(one: Approver, reason: Refused | None) -> None:
    rule = replace(RULE, cool_down_s=1)
    assert may_approve(rule, SUBJECT, one, index=INDEX, now=NOW) is reason
    could = judged(staff=people(one), rule=rule).slots[0].could
    assert could == (() if reason else (one.person,))
