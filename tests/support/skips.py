"""On CI nothing is skipped by accident: only what is marked `optional` may be."""

from __future__ import annotations

import os

import pytest

_skipped: list[str] = []


class NoSilentSkips:
    """Collects skipped tests without the marker; with CI=true any of them fails the run."""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and "optional" not in report.keywords and not hasattr(report, "wasxfail"):
            _skipped.append(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A module that skips itself as a whole carries no marker, so it counts too."""
        if report.skipped:
            _skipped.append(report.nodeid)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if _skipped and on_ci() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not _skipped:
            return
        verdict = "FAILS THE RUN, since CI=true" if on_ci() else "would fail on CI"
        terminalreporter.section(f"skipped without the marker `optional`: {verdict}", red=on_ci(), yellow=not on_ci())
        for nodeid in _skipped:
            terminalreporter.line(nodeid)


def on_ci() -> bool:
    return os.environ.get("CI", "").lower() == "true"
