"""Steps 13 and 16: anchors and freshness; and what is told of evidence that is not evaluated.

Anchors are answered `not_evaluated` until their formats are read: a line of the report, and incomplete only where
trust.json demands them.
"""

from __future__ import annotations

from ledger.core.bundle.layout import ANCHORS
from ledger.core.checkpoint_trust import assess
from ledger.core.note import Note
from ledger.core.report import Findings
from ledger.core.signature_check import SignatureCheck, check_signature
from ledger.core.trust import Reader
from ledger.core.verify.case import Case


def check_anchors(case: Case) -> None:
    """Time anchors: counted and named, not evaluated."""
    named = case.leaves.kinds["anchor"] if case.leaves is not None else 0
    demanded = bool(case.reader.trust.tsa_roots)
    not_evaluated(case, ANCHORS, "Time anchors", named, demanded=demanded)
    if demanded and not case.archive.names(ANCHORS):
        case.findings.problem("anchor_missing", ANCHORS, "The bundle holds none")


def not_evaluated(case: Case, folder: str, words: str, named: int, *, demanded: bool, why: str = "") -> None:
    """Tell of evidence that was not evaluated, and `why`: `named` leaves point to it; `demanded` is whether trust.json
    wants it.
    """
    files, unread = len(case.archive.names(folder)), why or f"{words.lower()} are not read by this release"
    if named and not demanded:
        kind = "leaf names" if named == 1 else "leaves name"
        case.findings.not_claimed(f"{words}: {named:,} {kind} one; not evaluated.")
    if demanded:
        case.findings.problem("not_evaluated", folder, f"trust.json demands them; {unread}")
    elif files:
        case.findings.note("not_evaluated", folder, f"{files} files; {unread}")
    elif not named:
        case.findings.not_claimed(f"{words}: none asked for, none in the bundle.")


def check_freshness(case: Case) -> None:
    """The newest cosignature on any checkpoint that the reader's witnesses signed."""
    if case.head is not None:
        check_age(case.findings, case.reader, case.head.path, [held.note for held in case.notes], case.check)


def check_age(
    findings: Findings, reader: Reader, path: str, notes: list[Note], check: SignatureCheck = check_signature
) -> None:
    """Newest independent time in `notes` against the reader's `max_age` (seconds)."""
    limit = reader.trust.max_age
    if limit is None:
        findings.not_claimed("No limit on the age of the head was asked for.")
        return
    times = [time for note in notes for _, time in assess(note, reader.policy, reader.now, check).cosigned]
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
