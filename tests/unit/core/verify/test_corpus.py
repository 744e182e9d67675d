"""Every case of the corpus gives exactly its outcome and its problem codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.core import optional_crypto
from ledger.core.codes import CODES, RESERVED, Effect
from ledger.core.strict_json import parse
from tests.corpus.all import all_cases, outcome_for, write_corpus
from tests.corpus.cases import Case
from tests.corpus.run import outcome_of

CASES = all_cases()
CLASSICAL = {
    "changed-payload": "payload_digest_mismatch",
    "changed-index": "leaf_index_mismatch",
    "removed-event": "leaf_missing",
    "inserted-event": "leaf_unexpected",
    "stale-checkpoint": "checkpoint_stale",
    "conflicting-heads": "fork_proven",
    "witness-04-borrowed": "witness_signature_wrong",
}


def expected_codes(case: Case) -> frozenset[str]:
    lacking = case.needs == "mldsa44" and not optional_crypto.AVAILABLE
    return case.without if lacking else case.codes


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_gives_its_outcome_and_codes(case: Case) -> None:
    report = outcome_of(case.build())
    codes = expected_codes(case)
    assert {problem.code for problem in report.problems} == codes
    assert report.outcome == outcome_for(codes)
    assert case.notes <= {note.code for note in report.notes}
    for finding in (*report.problems, *report.notes):
        assert finding.message
        assert finding.next


@pytest.mark.parametrize(("name", "code"), CLASSICAL.items())
def test_each_classical_mutation_has_a_code_of_its_own_naive_and_repacked(name: str, code: str) -> None:
    forms = {case.name.removeprefix(f"{name}-"): case.codes for case in CASES if case.name.startswith(name)}
    assert code in forms["naive"] & forms["repacked"] & forms["own"]


def test_a_wrong_witness_signature_is_told_for_both_kinds_of_cosignature_in_every_form() -> None:
    found = [
        case for case in CASES if case.name.startswith(("witness-04-", "witness-06-")) and case.needs in ("", "mldsa44")
    ]
    wrong = {case.name for case in found if "witness_signature_wrong" in case.codes}
    assert len(wrong) == 2 * 3 * 3


def test_no_two_classical_mutations_look_alike() -> None:
    sets = [case.codes for case in CASES for name in CLASSICAL if case.name == f"{name}-own"]
    assert len(sets) == len(set(sets)) == len(CLASSICAL)


def test_every_code_of_a_bundle_occurs_in_some_case() -> None:
    found = frozenset[str]().union(*(case.codes | case.notes | case.without for case in CASES))
    own = {name for name, code in CODES.items() if code.effect is not Effect.INPUT}
    assert own - RESERVED - found == set()
    assert RESERVED & found == set()


def test_the_corpus_reaches_every_outcome_many_times() -> None:
    outcomes = [outcome_for(case.codes) for case in CASES]
    counts = {outcome: outcomes.count(outcome) for outcome in set(outcomes)}
    assert counts["rejected"] > 150
    assert counts["verified"] > 20
    assert counts["incomplete"] > 30


def test_the_corpus_can_be_written_for_other_verifiers(tmp_path: Path) -> None:
    count = write_corpus(tmp_path)
    index = parse((tmp_path / "corpus.json").read_bytes())
    assert isinstance(index, dict)
    assert isinstance(index["cases"], list)
    assert len(index["cases"]) == count == len(CASES)
    assert (tmp_path / "good" / "input").stat().st_size > 10_000
