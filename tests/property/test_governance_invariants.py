"""Invariants of governed change in its pure core, searched for by Hypothesis, with counts of what was met.

Histories with a database are `test_change_histories.py`; the quorum by brute force is `test_quorum_properties.py`.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.change.core.monotone import upside_down
from governance.change.core.people import Approver
from governance.change.core.policy import Direction, ExecutorRule, Need, Policy, Rule, strictest
from governance.change.core.quorum import Subject, Word, quorum
from governance.change.core.rendering import as_text
from governance.change.core.satisfiable import Staff, unmet
from governance.change.core.statement import built, parsed
from governance.change.core.verbs import Verb, verb_of
from governance.change.errors import StatementMalformed
from ledger.core.canonical import canonical
from ledger.core.dsse import pae
from tests.property.test_quorum_properties import INDEX, NAMES, NOW, histories, staffs
from tests.support.approvals import RULE
from tests.support.statements import fields

MET: Counter[str] = Counter()
LOTS = settings(max_examples=400, deadline=None)
SUBJECT = Subject(1, frozenset())


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """Any rule about a tenant's state."""
    groups = draw(st.sampled_from((("ops",), ("science",), ("ops", "science"))))
    made: dict[str, Any] = {
        "name": f"r{draw(st.integers(0, 99))}", "change": draw(st.sampled_from(("tenant.state", "*"))),
        "needs": tuple(Need(group, draw(st.integers(1, 2))) for group in groups),
        "lock_s": draw(st.sampled_from((0, 60, 3_600))), "life_s": draw(st.sampled_from((7_200, 86_400))),
        "executor": draw(st.sampled_from(ExecutorRule)), "cool_down_s": draw(st.sampled_from((0, 0, 100))),
        "offline_key": draw(st.booleans()), "units_apart": draw(st.sampled_from((False, False, True))),
        "directions": draw(st.sets(st.sampled_from(Direction), min_size=1).map(frozenset)),
    }  # fmt: skip
    return replace(RULE, **made)


def placed(staff: dict[str, Approver]) -> dict[str, Approver]:
    """Each in a unit of two."""
    return {name: replace(one, unit="abcde"[place // 2]) for place, (name, one) in enumerate(staff.items())}


def met(rule: Rule, words: list[Word], staff: dict[str, Approver], index: int = INDEX) -> bool:
    return quorum(rule, SUBJECT, words, staff, index=index, now=NOW).met


@LOTS
@given(staffs(), histories(), st.sampled_from(NAMES), st.integers(0, 60))
def test_i10_no_word_of_a_key_counts_from_the_place_on_that_took_it_away(
    staff: dict[str, Approver], words: list[Word], name: str, until: int
) -> None:
    ended = {**staff, name: replace(staff[name], keys=(replace(staff[name].keys[0], until=until),))}
    said = {word.person for word in words if word.verb is Verb.APPROVE and word.revision == 1}
    for index in (until - 1, until, until + 1):
        found = quorum(RULE, SUBJECT, words, ended, index=index, now=NOW)
        counts = name in {slot.person for slot in found.slots}
        assert not (counts and index >= until)
        MET["i10 lost" if name in said and index >= until else "i10 counted" if counts else "i10 other"] += 1


@LOTS
@given(st.lists(rules(), min_size=1, max_size=3), staffs())
def test_i11_a_rule_is_satisfiable_exactly_where_some_people_could_meet_it(
    listed: list[Rule], staff: dict[str, Approver]
) -> None:
    people = placed(staff)
    there = Staff(tuple(people.values()), frozenset({"z"}), frozenset({"y"}), INDEX)
    for rule in listed:
        told = not unmet([replace(rule, executor=ExecutorRule.ANY)], there)
        assert told == _some_could(rule, people)
        MET["i11 satisfiable" if told else "i11 not satisfiable"] += 1


def _some_could(rule: Rule, people: dict[str, Approver]) -> bool:
    """By brute force: everybody approves who can, in any order in which the first of a unit is the one that counts."""
    able = [one for one in people.values() if one.live and one.keys[0].lives_at(INDEX)]
    offline = [one for one in able if one.keys[0].custody.value == "offline" and one.groups & {*rule.places}]
    for chosen in itertools.permutations(able, rule.people):
        fits = all(group in one.groups for group, one in zip(rule.places, chosen, strict=True))
        apart = not rule.units_apart or len({one.unit for one in chosen}) == len(chosen)
        if fits and apart and (offline or not rule.offline_key):
            return True
    return False


@LOTS
@given(rules(), rules(), staffs(), histories())
def test_i12_what_the_policy_lets_loosen_it_lets_tighten(
    one: Rule, other: Rule, staff: dict[str, Approver], words: list[Word]
) -> None:
    policy, pair = Policy((one, other)), (("tenant.state", "tenant.state"),)
    ways = [_of(policy, way) for way in (Direction.TIGHTENS, Direction.LOOSENS)]
    if None in ways:
        MET["i12 one way"] += 1
        return
    tightens, loosens = ways
    assert tightens is not None
    assert loosens is not None
    if upside_down(policy, pair):
        MET["i12 refused"] += 1
        return
    MET["i12 same" if tightens == loosens else "i12 easier"] += 1
    alike = replace(tightens, units_apart=loosens.units_apart)
    assert met(alike, words, placed(staff)) or not met(loosens, words, placed(staff))
    assert tightens.lock_s <= loosens.lock_s
    assert tightens.executor.strictness <= loosens.executor.strictness


def _of(policy: Policy, way: Direction) -> Rule | None:
    covering = [rule for rule in policy.rules if rule.covers("tenant.state", way)]
    return policy.rule_for("tenant.state", way) if covering else None


@LOTS
@given(rules(), rules(), staffs(), histories())
def test_i13_what_meets_the_stricter_of_two_rules_meets_both(
    one: Rule, other: Rule, staff: dict[str, Approver], words: list[Word]
) -> None:
    both, people = strictest([one, other]), placed(staff)
    if met(both, words, people):
        MET["i13 met"] += 1
        # The joined rule's offline signature may come from a group that only one of the two asks (DECISIONS).
        for alone in (one, other):
            assert met(replace(alone, units_apart=both.units_apart, offline_key=False), words, people)
            assert both.offline_key >= alone.offline_key
    assert both.lock_s >= max(one.lock_s, other.lock_s)
    assert both.life_s <= min(one.life_s, other.life_s)
    assert both.executor.strictness >= max(one.executor.strictness, other.executor.strictness)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cn", "Cc"]), min_size=1, max_size=12)


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    """A statement with other words in it."""
    made = fields(draw(st.sampled_from(Verb)))
    made["change"] = {**made["change"], "reason": draw(TEXTS), "id": draw(TEXTS), "revision": draw(st.integers(0, 9))}
    made["tenant"] = draw(st.none() | TEXTS)
    return made


@LOTS
@given(statements(), statements())
def test_i16_two_statements_read_alike_only_if_they_are_the_same_bytes(one: Any, other: Any) -> None:
    try:
        pair = built(one), built(other)
    except StatementMalformed:
        MET["i16 refused"] += 1
        return
    assert (as_text(pair[0]) == as_text(pair[1])) == (pair[0].raw == pair[1].raw)
    MET["i16 read"] += 1


@LOTS
@given(statements(), st.integers(0, 10**6), st.integers(1, 255))
def test_i17_bytes_that_are_taken_are_the_canonical_form_of_what_they_say(one: Any, place: int, flip: int) -> None:
    try:
        raw = built(one).raw
    except StatementMalformed:
        return
    changed = bytearray(raw)
    changed[place % len(raw)] ^= flip
    for data in (raw, bytes(changed)):
        try:
            taken = parsed(data)
        except StatementMalformed:
            MET["i17 refused"] += 1
            continue
        assert canonical(taken.fields) == data
        MET["i17 taken"] += 1


@LOTS
@given(st.binary(max_size=40))
def test_i20_no_signed_bytes_of_one_verb_are_those_of_another(raw: bytes) -> None:
    for one, other in itertools.combinations(Verb, 2):
        assert pae(one.payload_type, raw) != pae(other.payload_type, raw)
        assert verb_of(one.payload_type) is one
        MET["i20 pairs"] += 1


SEARCHES: dict[str, Callable[[], None]] = {
    "i10": test_i10_no_word_of_a_key_counts_from_the_place_on_that_took_it_away,
    "i11": test_i11_a_rule_is_satisfiable_exactly_where_some_people_could_meet_it,
    "i12": test_i12_what_the_policy_lets_loosen_it_lets_tighten,
    "i13": test_i13_what_meets_the_stricter_of_two_rules_meets_both,
    "i16": test_i16_two_statements_read_alike_only_if_they_are_the_same_bytes,
    "i17": test_i17_bytes_that_are_taken_are_the_canonical_form_of_what_they_say,
    "i20": test_i20_no_signed_bytes_of_one_verb_are_those_of_another,
}
REACHED = (
    "i10 lost", "i10 counted", "i11 satisfiable", "i11 not satisfiable", "i12 refused", "i12 easier", "i13 met",
    "i16 read", "i16 refused", "i17 taken", "i17 refused", "i20 pairs",
)  # fmt: skip


def test_every_search_has_met_what_it_is_about() -> None:
    """Runs those searches that ran in another process: a search that meets nothing would pass."""
    for number, search in SEARCHES.items():
        if not any(one.startswith(number) for one in MET):
            search()
    assert [one for one in REACHED if not MET[one]] == [], MET


@pytest.mark.parametrize("verb", Verb)
def test_a_verb_has_one_payload_type(verb: Verb) -> None:
    assert [one for one in Verb if one.payload_type == verb.payload_type] == [verb]
