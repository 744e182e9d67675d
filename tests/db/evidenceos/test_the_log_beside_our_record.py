"""Upstream's log of events, listed, shown and verified beside our record; and what lapses, from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from governance.evidenceos.core.directory import EVENT_LOG
from tests.support.clones import Clone
from tests.support.evidenceos_gate import EPOCH, Gate
from tests.support.evidenceos_target import SLUG

pytestmark = pytest.mark.db


@pytest.fixture
def gate(ledger_db: Clone, tmp_path: Path) -> Gate:
    (tmp_path / "data").mkdir()
    return Gate(tmp_path / "data")


@pytest.fixture
def installed(gate: Gate) -> Gate:
    contract = gate.installed(gate.contract())
    gate.applied("nullspec.activate", gate.activate_body(contract))
    return gate


def run(capsys: pytest.CaptureFixture[str], name: str, *words: str) -> tuple[int, dict[str, Any]]:
    code = 0
    try:
        call_command(name, SLUG, *words, "--json")
    except CommandError as error:
        code = error.returncode
    return code, json.loads(capsys.readouterr().out)


def test_each_line_is_listed_with_the_decision_that_led_to_it(
    installed: Gate, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = run(capsys, "evidenceos_verify", "events")
    assert (code, found["verdict"], found["gone"]) == (0, "verified", [])
    assert [row["line"] for row in found["events"]] == [1, 2]
    assert all(row["change"] and row["index"] > 0 for row in found["events"])
    assert [row["index"] for row in found["events"]] == sorted(row["index"] for row in found["events"])


def test_an_id_that_upstream_gives_twice_shows_both_lines(installed: Gate, capsys: pytest.CaptureFixture[str]) -> None:
    listed = run(capsys, "evidenceos_show", "events")[1]["events"]
    (name,) = {row["event"]["event_id"] for row in listed}
    rows = run(capsys, "evidenceos_show", "events", name)[1]["events"]
    assert [row["event"]["event_type"] for row in rows] == ["nullspec_install", "nullspec_activate"]
    assert run(capsys, "evidenceos_show", "events", "2")[1]["events"]["line"] == 2
    for wrong in ("f" * 64, "7", "x"):
        with pytest.raises(CommandError) as found:
            call_command("evidenceos_show", SLUG, "events", wrong, "--json")
        assert found.value.returncode == 1
    capsys.readouterr()


def test_a_line_that_is_gone_and_one_that_claims_a_decision_are_found(
    installed: Gate, capsys: pytest.CaptureFixture[str]
) -> None:
    place = installed.root / EVENT_LOG
    first, second = place.read_bytes().splitlines(keepends=True)
    place.write_bytes(first)
    code, found = run(capsys, "evidenceos_verify", "events")
    assert (code, len(found["gone"])) == (1, 1)
    told = json.loads(second)
    told["countersign"]["change"] = "0198c0de-0000-7000-8000-000000000001"
    place.write_bytes(first + json.dumps(told).encode() + b"\n")
    code, found = run(capsys, "evidenceos_verify", "events")
    assert code == 1
    assert [bool(row["claims"]) for row in found["events"]] == [False, True]
    place.write_bytes(first + second)
    assert run(capsys, "evidenceos_verify", "events")[0] == 0


def test_a_directory_without_a_clock_problem_is_verified_whole(
    installed: Gate, capsys: pytest.CaptureFixture[str]
) -> None:
    (installed.root / "oracle_operator_config.json").unlink()
    assert run(capsys, "evidenceos_verify")[0] == 0
    (installed.root / "epoch_control.json").unlink()
    code, found = run(capsys, "evidenceos_verify")
    assert (code, found["verdict"]) == (2, "incomplete")


def test_what_lapses_is_told_with_its_renewal(installed: Gate, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = run(capsys, "evidenceos_ahead")
    rows = {row["kind"]: row for row in found["ahead"]}
    assert (code, rows["nullspec"]["epoch"], rows["nullspec"]["at"]) == (0, EPOCH + 20, None)
    assert rows["nullspec"]["renewal"] == "nullspec.install"
    assert rows["oracle"]["last_safe"] < rows["oracle"]["at"]


def test_a_stated_resolution_hash_is_taken_as_it_is(
    installed: Gate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    buckets = tmp_path / "buckets.json"
    buckets.write_text(json.dumps({"counts": [3, 5], "calibration_manifest_hash": None, "epoch_created": 2**60}))
    words = (
        "--buckets", str(buckets), "--oracle-id", "settle", "--holdout", "a", "--created-by", "ada",
        "--ttl-epochs", str(2**64 - 1), "--resolution-hash", "5a" * 32,
    )  # fmt: skip
    code, made = run(capsys, "evidenceos_nullspec", *words)
    contract = json.loads(made["body"]["contract"])
    assert code == 0
    assert bytes(contract["oracle_resolution_hash"]) == b"\x5a" * 32
    assert (contract["ttl_epochs"], contract["epoch_created"]) == (2**64 - 1, 2**60)
