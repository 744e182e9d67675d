"""Quorum arithmetic: the decision and its explanation are one calculation."""

from __future__ import annotations

from itertools import product

import pytest

from ledger.core.witness_policy import parse_policy
from tests.unit.core.signers import WITNESSES, policy_text, signer

NESTED = "".join(
    [
        *(f"witness X{n} {signer(20 + n, f'x{n}.example', 4).vkey}\n" for n in (1, 2, 3)),
        "group X 2 X1 X2 X3\n",
        *(f"witness Y{n} {signer(30 + n, f'y{n}.example', 4).vkey}\n" for n in (1, 2, 3)),
        "group Y any Y1 Y2 Y3\ngroup both all X Y\nquorum both\n",
    ]
)


def test_the_nested_example_of_the_specification_counts_as_it_says() -> None:
    policy = parse_policy(NESTED)
    names = [f"{letter}{n}" for letter in "XY" for n in (1, 2, 3)]
    for chosen in product([False, True], repeat=6):
        present = {name for name, taken in zip(names, chosen, strict=True) if taken}
        assert policy.met_by(present) is (sum(chosen[:3]) >= 2 and any(chosen[3:]))


@pytest.mark.parametrize(("rule", "needed"), [("any", 1), ("1", 1), ("2", 2), ("3", 3), ("all", 3)])
def test_a_group_needs_its_threshold(rule: str, needed: int) -> None:
    policy = parse_policy(policy_text(rule))
    for count in range(4):
        assert policy.met_by([f"w{n}" for n in range(count)]) is (count >= needed)


def test_a_quorum_can_be_one_witness() -> None:
    policy = parse_policy(policy_text(quorum="w1"))
    assert policy.met_by(["w1"])
    assert not policy.met_by(["w0", "w2"])


def test_quorum_none_is_met_by_nobody() -> None:
    policy = parse_policy(policy_text(quorum="none"))
    assert policy.quorum is None
    assert policy.met_by([])
    assert policy.why([]).words() == "no witness is needed"


def test_the_name_of_a_group_is_no_witness() -> None:
    policy = parse_policy(policy_text())
    assert not policy.met_by(["g", "stranger"])


def test_a_name_given_twice_counts_once() -> None:
    assert not parse_policy(policy_text()).met_by(["w0", "w0"])


def test_the_explanation_can_be_read_aloud() -> None:
    why = parse_policy(NESTED).why(["X1", "X3"])
    assert not why.met
    assert why.words() == "group both: 2 of 2 needed, have X"
    assert [one.words() for one in why.members] == [
        "group X: 2 of 3 needed, have X1, X3",
        "group Y: 1 of 3 needed, have none",
    ]
    assert [one.words() for one in why.members[0].members] == [
        "witness X1: has cosigned",
        "witness X2: has not cosigned",
        "witness X3: has cosigned",
    ]


def test_keys_are_given_the_names_of_the_policy() -> None:
    policy = parse_policy(policy_text())
    keys = [WITNESSES[0].vkey, WITNESSES[3].vkey, signer(1).vkey]
    assert policy.names_of(keys) == {"w0"}
