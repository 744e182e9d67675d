"""Each wall is broken on purpose, in a copy, to show that it bites."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]


@dataclass(frozen=True)
class Break:
    """A line planted in a file, and the contract that has to notice."""

    contract: str
    file: str
    line: str


BREAKS = (
    Break("apps", "ledger/planted.py", "import governance.identity.planted"),
    Break("apps", "governance/identity/planted.py", "import console.planted"),
    Break("ledger", "ledger/core/planted.py", "import ledger.models.planted"),
    Break("ledger", "ledger/models/planted.py", "import ledger.services.planted"),
    Break("pure", "ledger/core/planted.py", "import django.db"),
    Break("pure", "ledger/core/planted.py", "import time"),
    Break("pure", "governance/identity/core/planted.py", "import secrets"),
    Break("doors", "console/views/planted.py", "import ledger.models.planted"),
    Break("doors", "console/api/planted.py", "import governance.identity.models.planted"),
)


def test_there_are_four_walls_and_each_is_broken_below() -> None:
    assert len(CONTRACTS) == 4
    assert {contract["id"] for contract in CONTRACTS} == {planted.contract for planted in BREAKS}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages, with an empty module `planted` wherever a break needs something to import."""
    copy = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in ("ledger", "governance", "console"):
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    for planted in BREAKS:
        for file in (planted.file, planted.line.removeprefix("import ").replace(".", "/") + ".py"):
            if file.endswith("planted.py"):
                (copy / file).parent.mkdir(parents=True, exist_ok=True)
                (copy / file).touch()
                (copy / file).with_name("__init__.py").touch()
    return copy


def lint(house: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    chosen = [word for contract in contracts for word in ("--contract", contract)]
    program = str(Path(sys.executable).with_name("lint-imports"))
    return subprocess.run([program, "--no-cache", *chosen], cwd=house, capture_output=True, text=True, check=False)


def test_the_walls_stand_in_the_copy(house: Path) -> None:
    assert lint(house).returncode == 0, lint(house).stdout


@pytest.mark.parametrize("planted", BREAKS, ids=lambda planted: f"{planted.contract}:{planted.line[7:]}")
def test_it_notices_the_forbidden_import(house: Path, planted: Break) -> None:
    target = house / planted.file
    target.write_text(f"{planted.line}\n")
    try:
        result = lint(house, planted.contract)
    finally:
        target.write_text("")
    assert result.returncode != 0
    assert "BROKEN" in result.stdout, result.stdout + result.stderr
