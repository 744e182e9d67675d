"""Starting over forgets everything that is ours, and nothing that somebody else runs or holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.demo.reset import ResetRefused, reset, reset_or_exit
from console.supervisor import registry
from console.supervisor.environment import complete
from console.supervisor.strongbox import open_strongbox
from ledger.storage.guards import open_guard


def test_it_forgets_secrets_and_with_them_the_host_label(tmp_path: Path) -> None:
    before = open_strongbox(tmp_path / "secrets.json").public_name
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "secret").write_text("00")
    reset({"COUNTERSIGN_STATE_DIR": str(tmp_path)})
    assert not (tmp_path / "demo").exists()
    assert open_strongbox(tmp_path / "secrets.json").public_name != before


def test_it_refuses_a_database_that_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{}")
    with pytest.raises(ResetRefused, match="create an empty database"):
        reset({"COUNTERSIGN_STATE_DIR": str(tmp_path), "DATABASE_URL": "postgresql://elsewhere/x"})
    assert (tmp_path / "secrets.json").exists()


def test_it_refuses_while_a_supervisor_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "secrets.json").write_text("{}")
    with registry.exclusive(tmp_path / "run"), pytest.raises(SystemExit):
        reset_or_exit({"COUNTERSIGN_STATE_DIR": str(tmp_path)})
    assert (tmp_path / "secrets.json").exists()
    assert "Another supervisor already runs" in capsys.readouterr().err


def test_it_forgets_the_head_guard_with_the_database_that_it_guarded(tmp_path: Path) -> None:
    environ = {"COUNTERSIGN_STATE_DIR": str(tmp_path)}
    complete(environ, command="demo")
    guard = open_guard(environ["COUNTERSIGN_HEAD_GUARD"])
    guard.create("demo.localhost/log/acme/decisions")
    reset({"COUNTERSIGN_STATE_DIR": str(tmp_path)})
    assert not (tmp_path / "guard").exists()
    again = {"COUNTERSIGN_STATE_DIR": str(tmp_path)}
    complete(again, command="demo")
    assert open_guard(again["COUNTERSIGN_HEAD_GUARD"]).create("demo.localhost/log/acme/decisions")
