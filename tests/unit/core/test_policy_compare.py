"""Two policies beside each other: the same rule, or a looser one, whatever their names are."""

from __future__ import annotations

import pytest

from ledger.core.policy_compare import loosened, same_rule
from ledger.core.witness_policy import Policy, parse_policy
from tests.unit.core.signers import WITNESSES, Signer, policy_text, signer

MANY = tuple(signer(40 + n, f"many{n}.example", 4) for n in range(11))


def policy(rule: str, witnesses: tuple[Signer, ...] = WITNESSES[:3]) -> Policy:
    if rule == "none":
        return parse_policy(policy_text(quorum="none", witnesses=witnesses))
    return parse_policy(policy_text(rule=rule, witnesses=witnesses))


@pytest.mark.parametrize(
    ("old", "new", "looser"),
    [
        ("2", "1", True),
        ("1", "2", False),
        ("2", "2", False),
        ("2", "none", True),
        ("none", "2", False),
        ("all", "3", False),
    ],
)
def test_a_policy_is_looser_when_fewer_witnesses_meet_it(old: str, new: str, looser: bool) -> None:  # noqa: FBT001  a column of the table
    assert loosened(policy(old), policy(new)) is looser


def test_another_witness_in_place_of_one_is_looser_and_not_the_same() -> None:
    one, other = policy("any", WITNESSES[:1]), policy("any", WITNESSES[1:2])
    assert loosened(one, other)
    assert not same_rule(one, other)


def test_names_and_spelling_do_not_matter() -> None:
    renamed = parse_policy(
        policy_text(rule="all").replace("w0", "zero").replace("group g", "group h").replace("quorum g", "quorum h")
    )
    assert same_rule(policy("3"), renamed)
    assert same_rule(policy("none"), parse_policy(b"quorum none\n"))


def test_beyond_ten_witnesses_only_the_spelling_and_a_fall_to_none_are_told() -> None:
    assert same_rule(policy("6", MANY), policy("6", MANY))
    assert not same_rule(policy("6", MANY), policy("5", MANY))
    assert loosened(policy("6", MANY), policy("none", MANY))
    assert not loosened(policy("6", MANY), policy("5", MANY))
