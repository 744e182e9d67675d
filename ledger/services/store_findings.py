"""What `verify_store` finds: the verifier's own codes, each once with its place, its reason and the next
step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ledger.core.codes import Effect, code_of
from ledger.core.report import MAX_SHOWN, Finding
from ledger.errors import LedgerError


@dataclass(frozen=True, slots=True)
class StoreReport:
    """The outcome for one stream; `leaves`, `receipts` and the others count what was really checked."""

    origin: str
    mode: str
    outcome: str
    counts: dict[str, int]
    problems: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """The report as a JSON object."""
        problems = [problem.to_json() for problem in self.problems]
        return {
            "origin": self.origin, "mode": self.mode, "outcome": self.outcome, "checked": self.counts,
            "problems": problems,
        }  # fmt: skip


@dataclass(slots=True)
class StoreFindings:
    """Collects problems and counts; of each code the first twenty are told one by one."""

    counts: dict[str, int] = field(default_factory=dict)
    _problems: list[Finding] = field(default_factory=list)
    _seen: dict[str, int] = field(default_factory=dict)

    def problem(self, code: str, path: str, message: str) -> None:
        """Record one problem under the verifier's code."""
        row = code_of(code)
        self._seen[row.name] = self._seen.get(row.name, 0) + 1
        if self._seen[row.name] <= MAX_SHOWN:
            self._problems.append(Finding(row.name, path, message, row.next))

    def refused(self, error: LedgerError, path: str, code: str = "") -> None:
        """Record a refusal of the core under its own code, or `code`."""
        self.problem(code or error.code, path, str(error))

    def count(self, what: str, number: int = 1) -> None:
        """Say that this much was checked."""
        self.counts[what] = self.counts.get(what, 0) + number

    def report(self, origin: str, mode: str) -> StoreReport:
        """Close the report: one rejected problem rejects, any other makes it incomplete."""
        effects = {code_of(problem.code).effect for problem in self._problems}
        outcome = "rejected" if Effect.REJECTED in effects else "incomplete" if effects else "verified"
        return StoreReport(origin, mode, outcome, dict(self.counts), tuple(self._problems))
