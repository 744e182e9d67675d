"""What lies in the state directory is its owner's alone."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from console.supervisor.account import Account
from console.supervisor.children import leashed
from console.supervisor.layout import Layout


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_an_open_state_directory_of_an_older_version_is_closed(tmp_path: Path) -> None:
    var = tmp_path / "var"
    for name in ("", "log", "run", "store"):
        (var / name).mkdir(mode=0o755, parents=True)
        (var / name).chmod(0o755)
    layout = Layout(var, tmp_path / "elsewhere", Account())
    layout.make_private()
    assert [mode(var / name) for name in ("", "log", "run", "store")] == [0o700] * 4


def test_the_databases_account_passes_and_does_not_list(tmp_path: Path) -> None:
    Layout(tmp_path, tmp_path / "postgres", Account(os.geteuid(), os.getegid())).make_private()
    assert mode(tmp_path) == 0o711


def test_a_log_is_made_and_tightened(tmp_path: Path) -> None:
    layout = Layout(tmp_path, tmp_path / "elsewhere", Account())
    assert mode(layout.log("web")) == 0o600
    layout.log("web").chmod(0o644)
    assert mode(layout.log("web")) == 0o600
    assert mode(tmp_path / "log") == 0o700


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_what_a_child_makes_is_its_owners_alone(tmp_path: Path, kind: str) -> None:
    made = tmp_path / "made"
    command = {"file": ["touch", str(made)], "directory": ["mkdir", str(made)]}[kind]
    subprocess.run(leashed(command, signal.SIGTERM), check=True)
    assert mode(made) & 0o077 == 0
