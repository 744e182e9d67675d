"""The tampered bundle differs in one character of one payload, is well packed, and is rejected for it."""

from __future__ import annotations

import pytest
from nacl.signing import SigningKey

from console.demo.tamper import FOUR_DIGITS, NothingToTamper, raised, tamper
from tests.corpus.cases import Input, base, own, packed
from tests.corpus.run import outcome_of

ATTACKER = SigningKey(bytes(range(32)))
GOOD = packed(own(base()))


def test_the_untouched_bundle_is_verified_and_the_tampered_one_rejected_with_the_right_code() -> None:
    assert outcome_of(Input(GOOD)).outcome == "verified"
    report = outcome_of(Input(tamper(GOOD, ATTACKER).bundle))
    assert report.outcome == "rejected"
    assert {problem.code for problem in report.problems} == {
        "payload_digest_mismatch",
        "manifest_key_unknown",
    }


def test_one_character_of_one_payload_is_all_that_changed() -> None:
    made = tamper(GOOD, ATTACKER)
    assert len(made.before) == len(made.after)
    assert sum(one != other for one, other in zip(made.before, made.after, strict=True)) == 1


def test_the_report_names_the_line_of_the_payload_that_was_changed() -> None:
    report = outcome_of(Input(tamper(GOOD, ATTACKER).bundle))
    (path,) = (problem.path for problem in report.problems if problem.code == "payload_digest_mismatch")
    assert path == "objects/payloads.ndjson:1"


def test_tampering_twice_with_the_same_key_gives_the_same_file() -> None:
    assert tamper(GOOD, ATTACKER).bundle == tamper(GOOD, ATTACKER).bundle


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"a":1}', '{"a":2}'),
        ('{"a":9,"b":5731}', '{"a":9,"b":6731}'),
        ('{"a":"7","b":[1]}', '{"a":"7","b":[1]}'),
        ("plain", "plain"),
    ],
)
def test_the_first_digit_of_a_number_is_raised_by_one(before: str, after: str) -> None:
    assert raised(before) == after


def test_basis_points_stay_believable() -> None:
    assert raised('{"confidence_bp":10000,"n":6583}', FOUR_DIGITS) == '{"confidence_bp":10000,"n":7583}'


def test_a_bundle_without_numbers_in_its_payloads_is_refused() -> None:
    empty = base()
    empty.files = {name: b"" if name.startswith("objects/payloads") else data for name, data in empty.files.items()}
    with pytest.raises(NothingToTamper):
        tamper(packed(own(empty)), ATTACKER)
