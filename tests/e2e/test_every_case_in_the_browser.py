"""The corpus before the browser's verifier: the saved page, opened from a disk with the network off.

Every case gives its outcome and its codes, and the report says what the Python verifier's says, step by step.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from console.verifier_page import FILE_NAME, build
from ledger.core import optional_crypto
from ledger.core.report import Report
from tests.corpus.all import all_cases, outcome_for
from tests.corpus.cases import Case, Input
from tests.corpus.run import outcome_of
from tests.support.verify_page import capabilities, reports_of

pytestmark = [pytest.mark.e2e]
BATCH = 50
ALIKE = ("outcome", "ok", "kind", "subject", "checked", "failed", "counts", "not_claimed")


@pytest.fixture(scope="module")
def saved(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The saved page in a fresh profile without a network; a console error fails the tests."""
    file = tmp_path_factory.mktemp("saved") / FILE_NAME
    file.write_bytes(build())
    context = browser.new_context(offline=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda raised: complaints.append(str(raised)))
    page.goto(Path(file).as_uri())
    yield page
    context.close()
    assert not complaints, complaints


@pytest.fixture(scope="module")
def inputs() -> dict[str, Input]:
    """Every case, built once: post-quantum signatures are other bytes each time."""
    return {case.name: case.build() for case in all_cases()}


@pytest.fixture(scope="module")
def reports(saved: Page, inputs: dict[str, Input]) -> dict[str, dict[str, Any]]:
    """What the browser reports on every case."""
    given = list(inputs.values())
    found: list[dict[str, Any]] = []
    for start in range(0, len(given), BATCH):
        found += reports_of(saved, given[start : start + BATCH])
    return dict(zip(inputs, found, strict=True))


def wanted_codes(case: Case, able: dict[str, bool]) -> frozenset[str]:
    """What the corpus expects of a browser that can do this; `needs` names a capability."""
    return case.codes if not case.needs or able[case.needs] else case.without


def same_abilities(case: Case, able: dict[str, bool]) -> bool:
    """Whether this Python and this browser can do the same for the case."""
    return not case.needs or able[case.needs] == optional_crypto.AVAILABLE


def differences(report: dict[str, Any], other: Report) -> list[str]:
    """What the browser's report says otherwise than the Python verifier's; sentences are each one's own."""
    value: dict[str, Any] = other.to_json()
    unlike = [name for name in ALIKE if report[name] != value[name]]
    for rows in ("problems", "notes"):
        mine, its = ([(row["code"], row["path"], row["next"]) for row in one[rows]] for one in (report, value))
        unlike += [rows] if mine != its else []
    return unlike


def test_every_case_gives_its_outcome_and_its_codes(saved: Page, reports: dict[str, dict[str, Any]]) -> None:
    able = capabilities(saved)
    wrong = []
    for case in all_cases():
        report, codes = reports[case.name], wanted_codes(case, able)
        found = frozenset(problem["code"] for problem in report["problems"])
        notes = {note["code"] for note in report["notes"]}
        if (report["outcome"], found) != (outcome_for(codes), codes) or not case.notes <= notes:
            wrong.append(f"{case.name}: {report['outcome']} {sorted(found)}, not {sorted(codes)}")
    assert wrong == []


def test_every_report_says_what_the_python_verifier_says(
    saved: Page, inputs: dict[str, Input], reports: dict[str, dict[str, Any]]
) -> None:
    able = capabilities(saved)
    alike = [case.name for case in all_cases() if same_abilities(case, able)]
    unlike = {name: differences(reports[name], outcome_of(inputs[name])) for name in alike}
    assert {name: found for name, found in unlike.items() if found} == {}


def test_the_browsers_own_ed25519_is_in_use_and_helpers_answer(saved: Page) -> None:
    able = capabilities(saved)
    assert able["ed25519"]
    assert able["helpers"]
