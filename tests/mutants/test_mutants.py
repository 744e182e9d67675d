"""The mutation gate: no rule of the core can be broken without a test that says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.runner import TESTS_FAILED, TESTS_PASSED, apply, copy_of_packages, occurrences, run_tests
from tests.mutants.table import Mutant, all_rows

MUTANTS = all_rows()
each_mutant = pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)


def test_the_table_is_not_empty_and_names_no_mutant_twice() -> None:
    assert len(MUTANTS) >= 40
    assert len({(mutant.file, mutant.old, mutant.new) for mutant in MUTANTS}) == len(MUTANTS)


@each_mutant
def test_its_text_stands_exactly_once_in_its_file(mutant: Mutant) -> None:
    assert occurrences(mutant) == 1
    assert mutant.old != mutant.new


@pytest.mark.long
def test_without_a_mutant_all_named_tests_pass(tmp_path: Path) -> None:
    named = sorted({test for mutant in MUTANTS for test in mutant.tests})
    assert run_tests(named, copy_of_packages(tmp_path)) == TESTS_PASSED


@pytest.mark.long
@each_mutant
def test_the_mutant_is_caught(mutant: Mutant, tmp_path: Path) -> None:
    root = copy_of_packages(tmp_path)
    apply(mutant, root)
    # Only failed tests count: a copy that cannot be imported or collected has caught nothing.
    assert run_tests(mutant.tests, root) == TESTS_FAILED, "no test noticed"
