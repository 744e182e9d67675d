"""The quorum against a definition by brute force, over made-up staffs and histories, with counts of what was met."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.change.core.people import Approver, Custody, PersonKey
from governance.change.core.policy import Need, Rule
from governance.change.core.quorum import Subject, Word, quorum
from governance.change.core.verbs import Verb
from tests.support.approvals import RULE

NAMES = ("a", "b", "c", "d", "e")
MEMBERSHIPS = tuple(map(frozenset, ({"ops"}, {"science"}, {"ops", "science"}, {"ops", "science"}, set[str]())))
INDEX, NOW = 50, 500
MET: Counter[str] = Counter()


@st.composite
def keys(draw: st.DrawFn, name: str) -> PersonKey:
    until = draw(st.sampled_from((None, None, None, None, None, 15, INDEX)))
    public = draw(st.sampled_from((name,) * 6 + ("shared",))).encode()
    custody = draw(st.sampled_from((Custody.PASSKEY, Custody.OFFLINE)))
    return PersonKey(f"key-{name}", public, custody, draw(st.sampled_from((0, 0, 5))), 0, until)


@st.composite
def staffs(draw: st.DrawFn) -> dict[str, Approver]:
    made = {}
    for name in NAMES:
        groups = draw(st.sampled_from(MEMBERSHIPS))
        live = draw(st.sampled_from((True,) * 7 + (False,)))
        made[name] = Approver(name, groups, (draw(keys(name)),), live)
    return made


@st.composite
def histories(draw: st.DrawFn) -> list[Word]:
    names, revisions = st.sampled_from(NAMES), st.sampled_from((1, 1, 1, 1, 1, 2))
    verbs = st.sampled_from((*[Verb.APPROVE] * 6, Verb.REVOKE_APPROVAL, Verb.REJECT))
    return [
        Word(name := draw(names), f"key-{name}", draw(verbs), draw(revisions), 3 + at, at)
        for at in range(draw(st.integers(0, 12)))
    ]  # fmt: skip


def _rule(ops: int, science: int, offline: bool) -> Rule:  # noqa: FBT001  (a strategy fills it)
    return replace(RULE, needs=(Need("ops", ops), Need("science", science)), offline_key=offline)


rules = st.builds(
    _rule,
    st.integers(0, 3), st.integers(0, 2), st.sampled_from((False, False, True)),
)  # fmt: skip


def defined(rule: Rule, subject: Subject, words: list[Word], staff: dict[str, Approver]) -> bool:
    """Whether some choice of distinct people, each with a live approval of their own, fills every place."""
    last: dict[str, Verb] = {}
    first: dict[str, Word] = {}
    for word in words:
        if (
            word.revision == subject.revision
            and word.verb in {Verb.APPROVE, Verb.REVOKE_APPROVAL}
            and valid(word, staff)
        ):
            if word.verb is Verb.APPROVE and last.get(word.person) is not Verb.APPROVE:
                first[word.person] = word
            last[word.person] = word.verb
    said = [name for name, verb in last.items() if verb is Verb.APPROVE]
    able = [
        name for name in said if staff[name].live and name not in subject.contributors and grouped(staff[name], rule)
    ]
    able = without_shared(sorted(able, key=lambda name: first[name].index), staff)
    if rule.offline_key and not any(staff[name].keys[0].custody is Custody.OFFLINE for name in able):
        return False
    places = [need.group for need in rule.needs for _ in range(need.count)]
    return any(
        all(group in staff[name].groups for group, name in zip(places, chosen, strict=True))
        for chosen in itertools.permutations(able, len(places))
    )


def valid(word: Word, staff: dict[str, Approver]) -> bool:
    """An approval needs a key that lived then and lives now; taking one back needs nothing."""
    key = staff[word.person].keys[0]
    alive = all(key.since <= index and (key.until is None or index < key.until) for index in (word.index, INDEX))
    return alive or word.verb is Verb.REVOKE_APPROVAL


def grouped(one: Approver, rule: Rule) -> bool:
    return bool(one.groups & {need.group for need in rule.needs if need.count})


def without_shared(names: list[str], staff: dict[str, Approver]) -> list[str]:
    seen: set[bytes] = set()
    return [name for name in names if (public := staff[name].keys[0].public) not in seen and not seen.add(public)]  # type: ignore[func-returns-value]  # adds


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rules, staffs(), histories(), st.sets(st.sampled_from(NAMES), max_size=1))
def test_it_is_met_exactly_where_a_choice_of_distinct_people_exists(
    rule: Rule, staff: dict[str, Approver], words: list[Word], contributors: set[str]
) -> None:
    subject = Subject(1, frozenset(contributors))
    found = quorum(rule, subject, words, staff, index=INDEX, now=NOW)
    assert found.met == defined(rule, subject, words, staff)
    MET[f"met {len(found.slots)}" if found.met else "not met"] += 1
    for _, reason in found.refused:
        MET[reason.value] += 1
    if found.since is not None and found.slots:
        assert found.since == shortest(rule, subject, words, staff)


def shortest(rule: Rule, subject: Subject, words: list[Word], staff: dict[str, Approver]) -> int:
    """The lock begins no earlier than the last approval that the quorum which stands cannot do without."""
    kept = [word for word in words if not _taken_back(word, words)]
    return next(
        max(word.at for word in kept[:length] if word.verb is Verb.APPROVE)
        for length in range(1, len(kept) + 1)
        if defined(rule, subject, kept[:length], staff)
    )


def _taken_back(word: Word, words: list[Word]) -> bool:
    later = [
        one for one in words if one.index > word.index and (one.person, one.revision) == (word.person, word.revision)
    ]
    return word.verb is Verb.APPROVE and any(one.verb is Verb.REVOKE_APPROVAL for one in later)


def test_the_search_has_met_what_it_is_about() -> None:
    """Runs after the search above, in the same process: without it a search that meets nothing would pass."""
    if not MET:
        test_it_is_met_exactly_where_a_choice_of_distinct_people_exists()
    wanted = {"not met", "met 1", "met 2", "met 3", "revoked", "repeated", "key_shared", "key_not_valid", "contributed"}
    assert wanted <= set(MET), sorted(MET)
