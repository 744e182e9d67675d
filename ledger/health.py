"""The five health paths of a stream: one table for the page, the API and the metric.

Each row says what is checked, from when on it is late (in multiples of the stream's window age), what an idle
stream means, and what to do next. Four states: pass, stale, fail, not_evaluated; not evaluated is never shown
as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What a check came to."""

    PASS = "pass"  # noqa: S105 - a state, not a password
    STALE = "stale"
    FAIL = "fail"
    NOT_EVALUATED = "not_evaluated"


@dataclass(frozen=True, slots=True)
class HealthPath:
    """One row. `fresh` and `late` are the limits of pass and stale: window ages, or seconds where
    `in_seconds`.
    """

    path: str
    title: str
    rule: str
    fresh: float | None
    late: float | None
    in_seconds: bool
    idle: str
    next_stale: str
    next_fail: str
    next_not_evaluated: str

    def limits(self, window_age_s: int) -> tuple[float, float]:
        """Ages in seconds up to which the path passes, and up to which it is stale."""
        unit = 1 if self.in_seconds else window_age_s
        return (self.fresh or 0) * unit, (self.late or 0) * unit

    def state_at(self, age_s: float, window_age_s: int) -> State:
        """The state of what is `age_s` seconds late or old; never fail where the row has no such limit."""
        fresh, late = self.limits(window_age_s)
        if age_s <= fresh:
            return State.PASS
        return State.FAIL if self.late is not None and age_s > late else State.STALE

    def next_of(self, state: State) -> str:
        """The next step for a state; empty for pass."""
        steps = {
            State.STALE: self.next_stale,
            State.FAIL: self.next_fail,
            State.NOT_EVALUATED: self.next_not_evaluated,
        }
        return steps.get(state, "")


RECEIPT_SAMPLE = 32
STOPPED_PATHS = ("receipt", "window", "checkpoint")
"""Paths that fail while the stream is stopped, whatever their last checks came to."""
STOPPED_NEXT = (
    "Keep everything as it is. Look up the code in docs/durability.md and run ledger_verify in full mode "
    "before anything is appended."
)
DAY_S = 86_400

_ROWS = (
    HealthPath(
        path="receipt",
        title="Receipt",
        rule=f"The receipts of the last {RECEIPT_SAMPLE} events derive from their leaves and verify under "
        "the key delegated at their index.",
        fresh=None,
        late=None,
        in_seconds=False,
        idle="No new event: the last receipts are checked again.",
        next_stale="",
        next_fail="Do not rely on new receipts. Check the seal key, then read the system ledger.",
        next_not_evaluated="Append an event; its receipt is checked at once.",
    ),
    HealthPath(
        path="window",
        title="Window",
        rule="The oldest event that lies in no window yet is younger than twice the window's age.",
        fresh=2,
        late=10,
        in_seconds=False,
        idle="No event waits: there is nothing to close.",
        next_stale="Wait one window; if it stays, check that a worker and the scheduler run.",
        next_fail="Start a worker and the scheduler, or close the window by hand (seal).",
        next_not_evaluated="",
    ),
    HealthPath(
        path="checkpoint",
        title="Checkpoint",
        rule="The newest signed note verifies under the log's key, its root is that of the stored tiles, and "
        "it covers the newest window manifest, or is late by less than twice the window's age.",
        fresh=2,
        late=10,
        in_seconds=False,
        idle="No window was closed: the newest note is checked again.",
        next_stale="Wait one window; if it stays, read the worker's log.",
        next_fail="Stop relying on the newest checkpoint, keep it, and run ledger_verify in full mode.",
        next_not_evaluated="Wait for the first window to close, or close it by hand (seal).",
    ),
    HealthPath(
        path="witness",
        title="Witness",
        rule="The witnesses that the policy in force asks for have cosigned the newest checkpoint.",
        fresh=None,
        late=None,
        in_seconds=False,
        idle="An idle stream stays fresh by being cosigned again.",
        next_stale="Look which witness is missing and ask the witness operator.",
        next_fail="Look which witness is missing or conflicts; keep every note.",
        next_not_evaluated="Give the stream a policy with witnesses of other organisations.",
    ),
    HealthPath(
        path="bundle",
        title="Bundle",
        rule="The newest export was verified offline after it was written, less than 30 days ago.",
        fresh=30 * DAY_S,
        late=None,
        in_seconds=True,
        idle="Exports are made on request: the newest one's age is told.",
        next_stale="Export a bundle and verify it on another machine.",
        next_fail="Keep the rejected bundle, read its report, and run ledger_verify in full mode.",
        next_not_evaluated="Export a bundle; the worker verifies it after writing.",
    ),
)

COMPLETENESS = HealthPath(
    path="completeness",
    title="Completeness at source",
    rule="The newest event is not older than the declared rhythm allows, and no gap at the source was told in the last "
    "24 hours; the search for gaps ran within 10 minutes.",
    fresh=10 * 60,
    late=None,
    in_seconds=True,
    idle="Silence is a gap wherever a rhythm is declared.",
    next_stale="Check that a worker and the scheduler run: gaps are looked for each minute.",
    next_fail="Read the gap leaves, ask the operator of the source what happened, and what was not sent.",
    next_not_evaluated="Declare how often events are expected, or that they are numbered (gaps_declare).",
)
"""Stands beside the five: it is about the source, not about what this server keeps."""

ROWS: dict[str, HealthPath] = {row.path: row for row in (*_ROWS, COMPLETENESS)}

HEALTH_PATHS: dict[str, HealthPath] = {row.path: row for row in _ROWS}
"""The one table, in the order in which it is shown."""
