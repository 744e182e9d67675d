"""The report of a verification: three outcomes, everything that was found, and only what really ran.

Guarantees that `verified` needs every required step to have run and no problem at all, that unknown is
never folded into either verdict, and that the same input gives the same bytes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ledger.core.codes import Effect, code_of
from ledger.core.json_faults import MAX_SAFE_INTEGER
from ledger.core.steps import NONE, REQUIRED, STEPS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ledger.core.types import JSON, JSONObject
    from ledger.errors import LedgerError

Outcome: TypeAlias = Literal["verified", "rejected", "incomplete", "unusable"]

MAX_SHOWN: Final = 20
"""Findings of one code that are listed one by one; the rest is counted."""

EXIT_CODES: Final[Mapping[Outcome, int]] = {"verified": 0, "rejected": 1, "incomplete": 2, "unusable": 64}


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem or note: its `code`, where it was found, what was compared, and what to do next."""

    code: str
    path: str
    message: str
    next: str

    def to_json(self) -> JSONObject:
        """The form in which it stands in a report."""
        return {"code": self.code, "path": self.path, "message": self.message, "next": self.next}


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found: steps that compared something, those of them that failed, and the findings.

    `subject` says what was verified: counts, origin, digest. `counts` says how many things a step compared;
    a step with 0 is not in `checked`.
    """

    kind: str
    outcome: Outcome
    checked: tuple[str, ...]
    failed: tuple[str, ...]
    problems: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    not_claimed: tuple[str, ...]
    subject: JSONObject
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def none(self) -> tuple[str, ...]:
        """Steps that were asked for and found nothing to compare."""
        return tuple(step for step in self.counts if step not in self.checked)

    @property
    def exit_code(self) -> int:
        """0 verified, 1 rejected, 2 incomplete, 64 unusable input or arguments."""
        return EXIT_CODES[self.outcome]

    @property
    def codes(self) -> frozenset[str]:
        """The codes of all problems."""
        return frozenset(problem.code for problem in self.problems)

    def to_json(self) -> JSONObject:
        """The report as a JSON object with a fixed set of names."""
        checked: list[JSON] = list(self.checked)
        failed: list[JSON] = list(self.failed)
        claims: list[JSON] = list(self.not_claimed)
        return {
            "outcome": self.outcome,
            "ok": self.outcome == "verified",
            "kind": self.kind,
            "subject": {name: _readable(value) for name, value in self.subject.items()},
            "checked": checked,
            "failed": failed,
            "counts": dict(self.counts),
            "problems": [problem.to_json() for problem in self.problems],
            "notes": [note.to_json() for note in self.notes],
            "not_claimed": claims,
        }


def _readable(value: JSON) -> JSON:
    """A number as it stands in JSON: sizes go up to 2^63-1, and beyond 2^53-1 they are text (RFC 7493, section 2.2)."""
    return str(value) if isinstance(value, int) and abs(value) > MAX_SAFE_INTEGER else value


@dataclass(slots=True)
class Findings:
    """Collects what the steps of one verification of `kind` find."""

    kind: str
    subject: JSONObject = field(default_factory=dict)
    _problems: list[Finding] = field(default_factory=list)
    _notes: list[Finding] = field(default_factory=list)
    _ran: dict[str, bool] = field(default_factory=dict)
    _compared: dict[str, int] = field(default_factory=dict)
    _unlisted: int = 0
    _claims: list[str] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)

    def problem(self, code: str, path: str, message: str) -> None:
        """Record that `message` was compared at `path` and failed with `code`; the verification goes on."""
        self._add(self._problems, code, path, message)

    def note(self, code: str, path: str, message: str) -> None:
        """Record what a reader should know although it leaves the outcome as it is."""
        self._add(self._notes, code, path, message)

    def refused(self, error: LedgerError, path: str, code: str = "") -> None:
        """Record a refusal of the core under its own code (or `code`), with its place inside `path`."""
        place = f"{path} {error.path}" if error.path else path
        reason = f": {error.why}" if error.why else ""
        self.problem(code or error.code, place, f"{error.what}{reason}")

    @property
    def count(self) -> int:
        """How many problems there are so far."""
        return len(self._problems) + self._unlisted

    def ran(self, step: str, *, compared: int | None = None, since: int | None = None, passed: bool = True) -> None:
        """Record that a step of `STEPS` was carried out to its end; it failed if `count` grew `since`.

        `compared` says how many things it compared; with 0 it is told in the words of `NONE`, not as passed.
        """
        if step not in STEPS:
            raise KeyError(step)
        if compared is not None:
            self._compared[step] = compared
        self._ran[step] = passed and since in (None, self.count) and self._ran.get(step, True)

    def passed(self, step: str) -> bool:
        """Whether a step was carried out and found nothing wrong."""
        return self._ran.get(step, False)

    def not_claimed(self, sentence: str) -> None:
        """Record what this verification says nothing about."""
        self._claims.append(sentence)

    def has(self, *codes: str) -> bool:
        """Whether a problem with one of `codes` was found."""
        return any(self._counts[code] for code in codes)

    def report(self) -> Report:
        """Close the verification: what is required and did not run makes it incomplete."""
        for step in REQUIRED[self.kind]:
            if step not in self._ran or (not self._ran[step] and not self.count):
                self.problem("not_evaluated", step, f"This could not be checked: {STEPS[step]}")
        return Report(
            self.kind,
            self._outcome(),
            tuple(step for step in STEPS if self._told(step)),
            tuple(step for step in STEPS if self._ran.get(step) is False),
            self._closed(self._problems),
            self._closed(self._notes),
            tuple(dict.fromkeys(self._claims)),
            self.subject,
            {step: self._compared[step] for step in STEPS if step in self._compared},
        )

    def _told(self, step: str) -> bool:
        """Whether the step belongs into `checked`: it compared something, or failed."""
        empty = self._compared.get(step) == 0 and step in NONE
        return step in self._ran and not (empty and self._ran[step])

    def _add(self, rows: list[Finding], code: str, path: str, message: str) -> None:
        row = code_of(code)
        self._counts[row.name] += 1
        if self._counts[row.name] <= MAX_SHOWN:
            rows.append(Finding(row.name, path[:200], message[:600], row.next))
        elif rows is self._problems:
            self._unlisted += 1

    def _outcome(self) -> Outcome:
        effects = {code_of(problem.code).effect for problem in self._problems}
        if Effect.INPUT in effects:
            return "unusable"
        if Effect.REJECTED in effects:
            return "rejected"
        return "incomplete" if effects else "verified"

    def _closed(self, rows: list[Finding]) -> tuple[Finding, ...]:
        more = [row for code in dict.fromkeys(row.code for row in rows) if (row := self._more(code))]
        return (*rows, *more)

    def _more(self, code: str) -> Finding | None:
        rest = self._counts[code] - MAX_SHOWN
        return Finding(code, "", f"{rest:,} more of this code", code_of(code).next) if rest > 0 else None
