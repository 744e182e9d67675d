"""Every rule of the engine is broken once, and of what puts a ledger back, in a copy with its own database: the test
that is named beside it notices.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.engine_rows import ROWS_OF_THE_ENGINE
from tests.mutants.engine_rows_directories import ROWS_OF_DIRECTORIES
from tests.mutants.engine_rows_more import MORE
from tests.mutants.engine_rows_who_may import ROWS_OF_WHO_MAY
from tests.mutants.ledger_rows import ROWS_OF_THE_LEDGER
from tests.mutants.runner import ROOT, TESTS_FAILED, TESTS_PASSED, apply, occurrences
from tests.mutants.table import Mutant

MUTANTS = [
    Mutant(file, old, new, (test,))
    for file, old, new, test in [
        *ROWS_OF_THE_ENGINE,
        *MORE,
        *ROWS_OF_DIRECTORIES,
        *ROWS_OF_THE_LEDGER,
        *ROWS_OF_WHO_MAY,
    ]
]
SECONDS = 400


def run(root: Path, *tests: str) -> int:
    """The exit code of the tests in the copy."""
    words = [sys.executable, "-m", "pytest", "-q", "-x", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(root)}
    return subprocess.run(
        words, cwd=root, env=environment, capture_output=True, timeout=SECONDS, check=False
    ).returncode  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything but the version control and what was built."""
    root = tmp_path_factory.mktemp("engine") / "copy"
    unwanted = shutil.ignore_patterns(".git", ".venv", "__pycache__", "var", ".hypothesis", "node_modules", "bench")
    shutil.copytree(ROOT, root, ignore=unwanted, symlinks=True)
    return root


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_the_text_to_break_stands_there_once(mutant: Mutant) -> None:
    assert occurrences(mutant) == 1


@pytest.mark.long
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda one: one.name)
def test_a_broken_rule_is_noticed(mutant: Mutant, copy: Path) -> None:
    original = (copy / mutant.file).read_text()
    apply(mutant, copy)
    try:
        assert run(copy, *mutant.tests) == TESTS_FAILED
    finally:
        (copy / mutant.file).write_text(original)


@pytest.mark.long
def test_the_unbroken_copy_passes(copy: Path) -> None:
    assert run(copy, *sorted({test for mutant in MUTANTS for test in mutant.tests})) == TESTS_PASSED
