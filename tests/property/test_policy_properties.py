"""Policies: parsed as generated, and the quorum equals a plain recursive count."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from ledger.core.witness_policy import Policy, parse_policy
from ledger.errors import PolicyInvalid
from tests.unit.core.signers import signer

KEYS = [signer(100 + number, f"w{number}.example", 4).vkey for number in range(8)]
WORDS = [
    "log",
    "witness",
    "group",
    "quorum",
    "none",
    "any",
    "all",
    "1",
    "2",
    "w",
    "g",
    "#",
    "\t",
    " ",
    "\n",
    "\n",
    str(KEYS[0]),
]


@st.composite
def policies(draw: st.DrawFn) -> tuple[str, dict[str, tuple[int, list[str]]], str]:
    """A lawful text, its groups by name (threshold, members) and its quorum."""
    free = [f"w{number}" for number in range(draw(st.integers(1, 8)))]
    lines = [f"witness {name} {KEYS[number]}" for number, name in enumerate(free)]
    groups: dict[str, tuple[int, list[str]]] = {}
    for number in range(draw(st.integers(0, 4))):
        members = draw(st.lists(st.sampled_from(free), min_size=1, unique=True))
        threshold = draw(st.integers(1, len(members)))
        rules = [
            str(threshold),
            *(["any"] if threshold == 1 else []),
            *(["all"] if threshold == len(members) else []),
        ]
        name = f"g{number}"
        lines.append(f"group {name} {draw(st.sampled_from(rules))} {' '.join(members)}")
        groups[name] = (threshold, members)
        free = [one for one in free if one not in members] + [name]
    quorum = draw(st.sampled_from(free))
    return "\n".join([*lines, f"quorum {quorum}", ""]), groups, quorum


def count(name: str, groups: dict[str, tuple[int, list[str]]], present: set[str]) -> bool:
    if name not in groups:
        return name in present
    threshold, members = groups[name]
    return sum(count(member, groups, present) for member in members) >= threshold


@given(policies(), st.sets(st.sampled_from([f"w{number}" for number in range(8)])))
def test_the_quorum_is_what_a_plain_count_says(
    drawn: tuple[str, dict[str, tuple[int, list[str]]], str], present: set[str]
) -> None:
    text, groups, quorum = drawn
    policy = parse_policy(text)
    assert {one.name: (one.threshold, list(one.members)) for one in policy.groups} == groups
    assert policy.met_by(present) is count(quorum, groups, present)
    assert policy.why(present).met is policy.met_by(present)


@given(policies(), st.sets(st.sampled_from([f"w{number}" for number in range(8)])))
def test_another_witness_never_breaks_a_quorum(
    drawn: tuple[str, dict[str, tuple[int, list[str]]], str], present: set[str]
) -> None:
    policy = parse_policy(drawn[0])
    everybody = present | {one.name for one in policy.witnesses}
    assert policy.met_by(everybody) or not policy.met_by(present)


@given(st.one_of(st.binary(), st.lists(st.sampled_from(WORDS)).map(lambda words: " ".join(words).encode())))
def test_any_bytes_are_a_policy_or_refused_with_their_line(data: bytes) -> None:
    read = policy_or_refusal(data)
    if isinstance(read, Policy):
        assert read.text == data
    else:
        assert re.fullmatch("line [0-9]+", read.path)
        assert 1 <= int(read.path.removeprefix("line ")) <= data.count(b"\n") + 1


def policy_or_refusal(data: bytes) -> Policy | PolicyInvalid:
    try:
        return parse_policy(data)
    except PolicyInvalid as error:
        return error
