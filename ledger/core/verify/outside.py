"""Steps 13, 15 and 16: anchors, governance decisions and freshness.

Anchors and decisions are answered `not_evaluated` until their formats are read: a line of the report, and
incomplete only where trust.json demands them.
"""

from __future__ import annotations

from ledger.core.bundle.layout import ANCHORS, DECISIONS
from ledger.core.checkpoint_trust import assess
from ledger.core.note import Note
from ledger.core.report import Findings
from ledger.core.trust import Reader
from ledger.core.verify.case import Case


def check_anchors(case: Case) -> None:
    """Time anchors: counted and named, not evaluated."""
    _not_evaluated(case, ANCHORS, "Time anchors", demanded=bool(case.reader.trust.tsa_roots), lacking="anchor_missing")


def check_decisions(case: Case) -> None:
    """Governance decisions: counted and named, not evaluated."""
    origin = case.reader.trust.governance_origin
    _not_evaluated(case, DECISIONS, "Governance decisions", demanded=origin is not None, lacking="")
    history = case.history
    leaves = history.leaves if history is not None else ()
    for leaf in leaves:
        if leaf.fields.get("decision") is not None and origin is not None:
            case.findings.problem(
                "decision_unproven", f"leaf {leaf.index}", "It names a decision that was not proved here"
            )


def _not_evaluated(case: Case, folder: str, words: str, *, demanded: bool, lacking: str) -> None:
    files = len(case.archive.names(folder))
    if demanded:
        case.findings.problem(
            "not_evaluated", folder, f"trust.json demands them; {words.lower()} are not read by this release"
        )
    elif files:
        case.findings.note("not_evaluated", folder, f"{files} files; {words.lower()} are not read by this release")
    else:
        case.findings.not_claimed(f"{words}: none asked for, none in the bundle.")
    if demanded and lacking and not files:
        case.findings.problem(lacking, folder, "The bundle holds none")


def check_freshness(case: Case) -> None:
    """The newest cosignature on any checkpoint that the reader's witnesses signed."""
    if case.head is not None:
        check_age(case.findings, case.reader, case.head.path, [held.note for held in case.notes])


def check_age(findings: Findings, reader: Reader, path: str, notes: list[Note]) -> None:
    """Newest independent time in `notes` against the reader's `max_age` (seconds)."""
    limit = reader.trust.max_age
    if limit is None:
        findings.not_claimed("No limit on the age of the head was asked for.")
        return
    times = [time for note in notes for _, time in assess(note, reader.policy, reader.now).cosigned]
    if reader.now is None or not times:
        reason = "no clock was given" if times else "no witness of your policy gives an independent time"
        findings.problem("not_evaluated", path, f"The age of the head could not be judged: {reason}")
    elif reader.now - max(times) > limit:
        findings.problem(
            "too_old",
            path,
            f"The newest independent time is {reader.now - max(times):,} s old, {limit:,} are allowed",
        )
        findings.ran("freshness", passed=False)
    else:
        findings.ran("freshness")
