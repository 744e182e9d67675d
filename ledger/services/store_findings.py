"""What `verify_store` finds: codes, each once with its place, its reason and the next step.

Findings of parts are written down and put together again in order, so that a verification that was interrupted, or
shared among processes, ends in the same report.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ledger.core.codes import Effect
from ledger.core.report import MAX_SHOWN, Finding
from ledger.errors import LedgerError
from ledger.services.store_codes import code_of


@dataclass(frozen=True, slots=True)
class StoreReport:
    """The outcome for one stream; `counts` says what was really checked, `totals` how often each code was found.

    `facts` tells how it was done: the size it speaks of, when it began, what was sampled and what that gives.
    """

    origin: str
    mode: str
    outcome: str
    counts: dict[str, int]
    problems: tuple[Finding, ...]
    totals: dict[str, int]
    facts: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        """The report as a JSON object."""
        problems = [problem.to_json() for problem in self.problems]
        return {
            "origin": self.origin, "mode": self.mode, "outcome": self.outcome, **self.facts, "checked": self.counts,
            "found": self.totals, "problems": problems,
        }  # fmt: skip


@dataclass(slots=True)
class StoreFindings:
    """Collects problems and counts; of each code the first twenty are told one by one."""

    counts: dict[str, int] = field(default_factory=dict)
    _problems: list[Finding] = field(default_factory=list)
    _seen: dict[str, int] = field(default_factory=dict)

    def problem(self, code: str, path: str, message: str) -> None:
        """Record one problem under a code of the store or the verifier."""
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

    @property
    def problems(self) -> tuple[Finding, ...]:
        """The problems that are told one by one."""
        return tuple(self._problems)

    def to_json(self) -> dict[str, Any]:
        """Everything that was collected, to be absorbed elsewhere."""
        problems = [[one.code, one.path, one.message] for one in self._problems]
        return {"counts": self.counts, "problems": problems, "seen": self._seen}

    def absorb(self, part: dict[str, Any]) -> None:
        """Add what another collected and wrote with `to_json`."""
        for what, number in part["counts"].items():
            self.count(what, number)
        shown: dict[str, int] = {}
        for code, path, message in part["problems"]:
            self.problem(code, path, message)
            shown[code] = shown.get(code, 0) + 1
        for code, number in part["seen"].items():
            self._seen[code] += number - shown[code]

    def report(self, origin: str, mode: str, facts: dict[str, Any]) -> StoreReport:
        """Close the report: one rejected problem rejects, any other makes it incomplete."""
        effects = {code_of(code).effect for code in self._seen}
        outcome = "rejected" if Effect.REJECTED in effects else "incomplete" if effects else "verified"
        return StoreReport(origin, mode, outcome, dict(self.counts), tuple(self._problems), dict(self._seen), facts)
