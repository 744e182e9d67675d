from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from console import configuration
from console.supervisor.environment import complete
from console.supervisor.strongbox import open_strongbox
from ledger.storage.guards import FileGuard, open_guard
from ledger.storage.guards.errors import HeadGuardUnreachable


def test_a_checkout_needs_no_configuration(tmp_path: Path) -> None:
    environ = {"COUNTERSIGN_STATE_DIR": str(tmp_path)}
    complete(environ, command="help")
    assert configuration.read(environ).problems == []
    assert environ["COUNTERSIGN_ENV"] == "demo"
    assert environ["COUNTERSIGN_PUBLIC_NAME"].endswith(".localhost")


def test_secrets_are_made_once_and_read_by_their_owner_alone(tmp_path: Path) -> None:
    first, second = ({"COUNTERSIGN_STATE_DIR": str(tmp_path)} for _ in range(2))
    complete(first, command="help")
    complete(second, command="help")
    assert first == second
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_what_is_set_already_stays(tmp_path: Path) -> None:
    environ = {"COUNTERSIGN_STATE_DIR": str(tmp_path), "DJANGO_SECRET_KEY": "mine"}
    environ |= {"DATABASE_URL": "postgresql://a@h/d", "DATABASE_OWNER_URL": "postgresql://b@h/d"}
    complete(environ, command="serve")
    assert environ["DJANGO_SECRET_KEY"] == "mine"
    assert environ["DATABASE_URL"] == "postgresql://a@h/d"
    assert environ["DATABASE_OWNER_URL"] == "postgresql://b@h/d"


def test_production_gets_no_keys_made_up(tmp_path: Path) -> None:
    environ = {"COUNTERSIGN_STATE_DIR": str(tmp_path), "COUNTERSIGN_ENV": "production"}
    complete(environ, command="help")
    assert not {"DJANGO_SECRET_KEY", "COUNTERSIGN_SEAL_KEY", "COUNTERSIGN_PUBLIC_NAME"} & environ.keys()
    assert len(configuration.read(environ).problems) == 3


def test_tests_get_nothing_at_all(tmp_path: Path) -> None:
    environ = {"COUNTERSIGN_STATE_DIR": str(tmp_path / "untouched"), "COUNTERSIGN_ENV": "test"}
    before = dict(environ)
    complete(environ, command="serve")
    assert environ == before
    assert not (tmp_path / "untouched").exists()


def test_two_first_starts_at_once_agree_on_the_secrets(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(open_strongbox, [path] * 8))
    assert len(set(opened)) == 1
    assert json.loads(path.read_text())["seal_key"] == opened[0].seal_key
    assert [entry.name for entry in tmp_path.iterdir()] == ["secrets.json"]


def test_a_checkout_gets_a_head_guard_in_files_made_once(tmp_path: Path) -> None:
    environ = {"COUNTERSIGN_STATE_DIR": str(tmp_path)}
    complete(environ, command="help")
    assert environ["COUNTERSIGN_HEAD_GUARD"] == f"file://{tmp_path / 'guard'}"
    assert isinstance(open_guard(environ["COUNTERSIGN_HEAD_GUARD"]), FileGuard)


def test_a_guard_whose_mark_is_gone_is_not_marked_again(tmp_path: Path) -> None:
    (tmp_path / "guard").mkdir()
    environ = {"COUNTERSIGN_STATE_DIR": str(tmp_path)}
    complete(environ, command="serve")
    with pytest.raises(HeadGuardUnreachable):
        open_guard(environ["COUNTERSIGN_HEAD_GUARD"])


def test_production_gets_no_guard_made_up(tmp_path: Path) -> None:
    environ = {"COUNTERSIGN_STATE_DIR": str(tmp_path), "COUNTERSIGN_ENV": "production"}
    complete(environ, command="serve")
    assert "COUNTERSIGN_HEAD_GUARD" not in environ
    assert not (tmp_path / "guard").exists()
