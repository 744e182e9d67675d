"""A report in words: one line with the outcome first, then what was checked, what is wrong, and what is not
claimed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ledger.core.report import Finding, Report
from ledger.core.steps import NONE, STEPS, UNITS
from ledger.core.types import JSON

_MARK: Final = {True: "failed", False: "ok    "}


def in_words(report: Report) -> str:
    """The report as plain text that ends in a newline; characters that could steer a terminal are escaped."""
    lines = [headline(report), ""]
    steps = [_step(report, step) for step in report.checked] + [f"  none   {NONE[step]}" for step in report.none]
    lines += ["Checked:", *steps, ""] if steps else []
    lines += _findings("Problems:", report.problems)
    lines += _findings("Notes:", report.notes)
    if report.not_claimed:
        lines += ["Not claimed:", *(f"  - {sentence}" for sentence in report.not_claimed), ""]
    return "".join(f"{_harmless(line)}\n" for line in lines).rstrip("\n") + "\n"


def headline(report: Report) -> str:
    """One line: the outcome, and what it is about."""
    about = _about(report.kind, report.subject)
    if report.outcome == "verified":
        return f"verified: {about}"
    codes = ", ".join(sorted(report.codes))
    return f"{report.outcome}: {about} ({codes})"


def _about(kind: str, subject: dict[str, JSON]) -> str:
    origin = _text(subject, "origin")
    if kind == "bundle":
        return _bundle(subject)
    if kind == "checkpoint":
        return f"checkpoint of {_number(subject, 'size')} leaves of {origin}"
    if kind == "unusable":
        return "nothing was verified"
    if kind == "governance":
        return "governance export"
    words = "receipt for leaf" if kind == "receipt" else "leaf"
    return f"{words} {_number(subject, 'index')} of {origin}"


def _bundle(subject: dict[str, JSON]) -> str:
    if "events" not in subject:
        return "bundle"
    hidden = subject.get("hidden")
    shown = f", {_number(subject, 'hidden')} leaves hidden" if hidden else ""
    span = f"leaves {_number(subject, 'from')} to {_number(subject, 'to')}{shown}"
    events, origin = _number(subject, "events"), _text(subject, "origin")
    return f"{events} events of {origin}, {span}, under a head of {_number(subject, 'size')} leaves"


def _number(subject: dict[str, JSON], name: str) -> str:
    value = subject.get(name)
    return f"{value:,}" if isinstance(value, int) else "?"


def _text(subject: dict[str, JSON], name: str) -> str:
    value = subject.get(name)
    return value if isinstance(value, str) else "an unknown log"


def _step(report: Report, step: str) -> str:
    return f"  {_MARK[step in report.failed]} {step_in_words(step, report.counts.get(step))}"


def step_in_words(step: str, count: int | None) -> str:
    """What a step checked, with how many things it compared where it counts them."""
    if count is None or step not in UNITS:
        return STEPS[step]
    return f"{STEPS[step]}: {count:,} {UNITS[step][count != 1]} compared"


def _findings(title: str, findings: Iterable[Finding]) -> list[str]:
    rows: list[str] = []
    for finding in findings:
        place = f" at {finding.path}" if finding.path else ""
        rows += [f"  {finding.code}{place}", f"    {finding.message}", f"    next: {finding.next}"]
    return [title, *rows, ""] if rows else []


def _harmless(line: str) -> str:
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in line)
