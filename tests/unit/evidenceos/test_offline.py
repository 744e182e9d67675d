"""A claim, or a copy of a data directory, is verified offline: by files and the clock alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from governance.evidenceos import offline
from governance.evidenceos.core import claim_files
from tests.support.evidenceos import LOG, STRANGER, public
from tests.support.evidenceos_files import CAPSULE, STORED, b64, directory, fetched_json, snapshot, snapshot_json
from tests.support.evidenceos_target import bytes_below, put

ROOT = Path(__file__).resolve().parents[3]
KEY = public(LOG).hex()


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    code = offline.main([*words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def claim(folder: Path, **files: bytes) -> list[str]:
    shown = {"capsule": fetched_json(), "revoked": snapshot_json(snapshot()), **files}
    put(folder, {f"{name}.json": data for name, data in shown.items() if data})
    return ["claim", *(str(folder / f"{name}.json") for name in shown if shown[name])]


def test_a_sound_claim_is_verified_by_a_process_without_framework_or_network(tmp_path: Path) -> None:
    words = [*claim(tmp_path), "--key", KEY, "--json"]
    watched = (
        "import socket, sys; socket.socket = None\n"
        "from governance.evidenceos.offline import main\n"
        f"code = main({words!r})\n"
        "sys.exit(99 if {'django', 'psycopg', 'celery'} & {name.split('.')[0] for name in sys.modules} else code)"
    )
    found = subprocess.run(
        [sys.executable, "-c", watched], cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    answer = json.loads(found.stdout)
    assert (answer["outcome"], answer["failed"]) == ("verified", [])
    assert answer["checked"] == ["capsule", "head", "inclusion", "revocations", "standing"]
    assert answer["answer"] == claim_files.ANSWERS["verified"]
    assert any("was not revoked" in one for one in answer["not_claimed"])
    assert [one["what"] for one in answer["files"]] == ["answer of FetchCapsule", "list of revocations"]


def test_what_is_wrong_missing_or_unusable_has_its_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(capsys, *claim(tmp_path), "--key", KEY)[0] == 0
    code, answer = told(capsys, *claim(tmp_path, capsule=fetched_json(CAPSULE + b" ")), "--key", KEY)
    assert (code, answer["outcome"]) == (1, "rejected")
    assert all(one["next"] for one in answer["problems"])
    code, answer = told(capsys, *claim(tmp_path, revoked=b""), "--key", b64(public(LOG)))
    assert (code, "revocations_missing" in [one["code"] for one in answer["problems"]]) == (2, True)
    code, answer = told(capsys, *claim(tmp_path), "--key", public(STRANGER).hex())
    assert (code, answer["outcome"]) == (2, "incomplete")
    for words in (["claim"], ["claim", str(tmp_path / "none")], [*claim(tmp_path), "--key", "x"], ["other"], []):
        assert told(capsys, *words)[0] == 64
    code, answer = told(capsys, *claim(tmp_path, capsule=b"{}"), "--key", KEY)
    assert (code, "FetchCapsule" in answer["why"]) == (64, True)


def test_a_fault_of_its_own_is_no_verdict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim_files, "judged", lambda *_given: 1 // 0)
    assert told(capsys, *claim(tmp_path), "--key", KEY)[0] == 64


def test_a_copy_of_a_directory_is_read_whole_and_no_byte_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = put(tmp_path / "data", directory())
    before = bytes_below(root)
    code, answer = told(capsys, "directory", str(root))
    found = {row["path"]: row["verdict"] for row in answer["files"]}
    assert (code, found[STORED]) == (1, "verified")
    assert found["oracle_operator_config.json"] == "rejected"
    (root / "oracle_operator_config.json").unlink()
    assert told(capsys, "directory", str(root))[0] == 0
    (root / "epoch_control.json").unlink()
    code, answer = told(capsys, "directory", str(root))
    assert (code, answer["outcome"]) == (2, "incomplete")
    assert told(capsys, "directory", str(root), "--epoch", "12")[0] == 0
    (root / STORED).write_bytes(b"{")
    code, answer = told(capsys, "directory", str(root), "--epoch", "12")
    found = {row["path"]: [one["code"] for one in row["faults"]] for row in answer["files"]}
    assert (code, found[STORED]) == (1, ["evidenceos_json"])
    kept = bytes_below(root)
    assert {path: one for path, one in before.items() if path in kept and path != STORED} == {
        path: one for path, one in kept.items() if path != STORED
    }


def test_a_directory_of_something_else_is_no_sound_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "readme.txt").write_text("x")
    assert told(capsys, "directory", str(tmp_path))[0] == 64
    assert told(capsys, "directory", str(tmp_path / "none"))[0] == 64
