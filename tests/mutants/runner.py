"""Applies one mutant to a copy of the packages in a temporary directory and runs its tests there.

The copy's tests run without this repository's settings and its fixtures for all: they must need neither Django nor a
database. Nothing in the working tree is touched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.mutants.table import Mutant

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("ledger", "governance", "tests")
SECONDS = 900

TESTS_PASSED = 0
TESTS_FAILED = 1

_SETTINGS = """[pytest]
pythonpath = .
markers =
    optional: in this copy always there or skipped
    long: in this copy never named
    db: in this copy never named
    e2e: in this copy never named
"""
_ARGUMENTS = ("-q", "-x", "-c", "mutants.ini", "--import-mode=importlib", "--tb=no")
_WITHOUT = ("-p", "no:django", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:benchmark")


def copy_of_packages(into: Path) -> Path:
    """Copy what the tests of pure code need; return the copy's root."""
    unwanted = shutil.ignore_patterns("__pycache__", "*.pyc", ".hypothesis")
    for package in PACKAGES:
        if (ROOT / package).is_dir():
            shutil.copytree(ROOT / package, into / package, ignore=unwanted)
    (into / "tests" / "conftest.py").unlink()  # what needs Django; fixtures beside the tests of pure code stay
    (into / "mutants.ini").write_text(_SETTINGS)
    return into


def occurrences(mutant: Mutant, root: Path = ROOT) -> int:
    """How often the text to replace stands in its file: a row is valid at exactly 1."""
    file = root / mutant.file
    return file.read_text(encoding="utf-8").count(mutant.old) if file.is_file() else 0


def apply(mutant: Mutant, root: Path) -> None:
    """Put the mutant's text into the copy."""
    file = root / mutant.file
    file.write_text(file.read_text(encoding="utf-8").replace(mutant.old, mutant.new), encoding="utf-8")


def run_tests(tests: Iterable[str], root: Path) -> int:
    """Run the named tests in the copy; return pytest's exit code."""
    command = [sys.executable, "-m", "pytest", *_ARGUMENTS, *_WITHOUT, *tests]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PYTEST_ADDOPTS", None)
    return subprocess.run(
        command, cwd=root, env=environment, capture_output=True, timeout=SECONDS, check=False
    ).returncode
