"""What the checks of one subject found, closed into a report of the ledger's form: verified, rejected or incomplete.

Guarantees that `verified` needs every required step to have run and no problem at all, and that what could not be
checked is neither verified nor rejected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from governance.evidenceos.core.codes import code_of
from governance.evidenceos.core.faults import Fault
from ledger.core.codes_row import Effect
from ledger.core.report import Finding, Outcome, Report

if TYPE_CHECKING:
    from ledger.core.types import JSONObject

STEPS: Final[Mapping[str, str]] = {
    "capsule": "the capsule is canonical and is the one whose hash is stated",
    "head": "the tree head is signed by a key that you trust",
    "inclusion": "the capsule is in the log under the tree head",
    "remembered": "the head that you remembered is part of this log",
    "contract": "the capsule names the contract that is shown",
    "revocations": "the list of revocations is signed by a key that you trust, and is not older than the tree head",
    "standing": "neither the claim nor one that it rests on is in the list of revocations",
}
"""The steps of a claim's verification, each true once it passed."""

REQUIRED: Final = ("capsule", "head", "inclusion", "revocations", "standing")


class Findings:
    """Collects the steps of one verification and what they find."""

    def __init__(self) -> None:
        self.subject: JSONObject = {}
        self._faults: list[Fault] = []
        self._ran: dict[str, bool] = {}
        self._claims: list[str] = []

    def step(self, name: str, faults: Iterable[Fault]) -> bool:
        """Record a step that was carried out, with what it found; tell whether it passed."""
        found = list(faults)
        self._faults += found
        passed = not any(code_of(fault.code).effect is not Effect.NOTE for fault in found)
        self._ran[name] = passed and self._ran.get(name, True)
        return passed

    def skipped(self, fault: Fault) -> None:
        """Record why a step could not be carried out."""
        self._faults.append(fault)

    def not_claimed(self, sentence: str) -> None:
        """Record what this verification says nothing about."""
        self._claims.append(sentence)

    def report(self, kind: str = "claim") -> Report:
        """Close the verification: a required step that did not run makes it incomplete."""
        for name in REQUIRED:
            if name not in self._ran:
                self.skipped(Fault("step_missing", name, f"This could not be checked: {STEPS[name]}"))
        rows = [_finding(fault) for fault in self._faults]
        notes = tuple(row for row in rows if code_of(row.code).effect is Effect.NOTE)
        return Report(
            kind,
            self._outcome(),
            tuple(name for name in STEPS if name in self._ran),
            tuple(name for name in STEPS if self._ran.get(name) is False),
            tuple(row for row in rows if row not in notes),
            notes,
            tuple(self._claims),
            self.subject,
        )

    def _outcome(self) -> Outcome:
        effects = {code_of(fault.code).effect for fault in self._faults}
        if Effect.REJECTED in effects:
            return "rejected"
        return "incomplete" if Effect.INCOMPLETE in effects else "verified"


def _finding(fault: Fault) -> Finding:
    return Finding(fault.code, fault.path, fault.message, code_of(fault.code).next)
