"""The doctor names what fails and how to fix it; no symptom keeps it from looking at the rest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from console import doctor_checks
from console.health_checks import FAIL, PASS, Finding


def test_ids_are_unique_and_every_category_has_checks() -> None:
    assert len({check.id for check in doctor_checks.CHECKS}) == len(doctor_checks.CHECKS)
    assert all(doctor_checks.chosen(check.category, check.id) == [check] for check in doctor_checks.CHECKS)


def test_a_secret_that_others_may_read_fails_with_a_fix(tmp_path: Path, settings: Settings) -> None:
    settings.COUNTERSIGN_STATE_DIR = tmp_path
    secret = tmp_path / "secrets.json"
    secret.write_text("{}")
    secret.chmod(0o644)
    found = doctor_checks.secret_files()
    assert (found.state, found.detail) == (FAIL, "Others may read secrets.json.")
    assert "chmod 600" in found.next
    secret.chmod(0o600)
    assert doctor_checks.secret_files().state == PASS


def test_a_package_of_another_version_is_named(tmp_path: Path, settings: Settings) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "requirements.txt").write_text("django==1.0 \\\n    --hash=sha256:00\nnot-there==2\n")
    found = doctor_checks.packages()
    assert found.state == FAIL
    assert "instead of 1.0" in found.detail
    assert "not-there missing instead of 2" in found.detail


def test_the_packages_that_run_these_tests_are_those_that_are_pinned() -> None:
    assert doctor_checks.packages().state == PASS


def test_a_check_that_cannot_be_carried_out_has_failed_and_says_why() -> None:
    def broken() -> Finding:
        raise OSError("no room\nsecond line")

    found = doctor_checks.examined(doctor_checks.Check("machine", "broken", "Broken", broken))
    assert found.state == FAIL
    assert found.detail == "The check could not be carried out: no room"
    assert found.next


def test_one_check_is_run_by_id_and_answers_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("doctor", "--check", "python", "--json")
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is True
    assert [row["id"] for row in said["checks"]] == ["python"]


def test_an_unknown_check_is_refused_with_the_next_step() -> None:
    with pytest.raises(CommandError, match="--list"):
        call_command("doctor", "--check", "horoscope")


def test_a_failed_check_ends_with_exit_code_one(tmp_path: Path, settings: Settings) -> None:
    settings.COUNTERSIGN_STATE_DIR = tmp_path
    (tmp_path / "secrets.json").write_text("{}")
    (tmp_path / "secrets.json").chmod(0o644)
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", "--category", "machine")
    assert ended.value.code == 1
