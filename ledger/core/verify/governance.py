"""Governance exports: a bundle of `_governance/changes` from its first leaf on, and each decision in it judged again.

Steps 1 to 17 are those of any bundle, for the governance origin; step 15 recomputes every quorum from the raw
signatures, the policy's text and the history of keys, which all stand in the log itself.
"""

from __future__ import annotations

from typing import Final

from ledger.core.bundle.layout import OBJECTS
from ledger.core.bundle.lines import MAX_LINE_BYTES, read_object
from ledger.core.commitment import open_commitment
from ledger.core.strict_json import parse
from ledger.core.times import parse_time
from ledger.core.verify.case import Case
from ledger.core.verify.independent import reader_of_notes, seen_in
from ledger.core.verify.judging import Around, Judge, Named, Said, Verdict
from ledger.core.verify.table import LeafTable
from ledger.errors import LedgerError

CHANGES: Final = "/log/_governance/changes"
"""How the origin of a deployment's governance log ends."""


def check_log(case: Case, judge: Judge | None) -> None:
    """Step 15, where everything that it rests on was proved."""
    if judge is None:
        case.findings.problem("not_evaluated", "decisions", "This verifier was built without governance")
        return
    judged(case, judge)


def judged(case: Case, judge: Judge, *, named: tuple[Named, ...] = (), partial: bool = False) -> list[Verdict]:
    """The verdict on a log of decisions, told; none where what it rests on was not proved.

    `named` are leaves of another log whose decisions are asked for; `partial` that leaves of others are commitments.
    """
    before = case.findings.count
    if not _is_whole(case):
        return []
    around = Around(seen_in(case), reader_of_notes(case), partial, named)
    verdict = judge(case.origin or "", _events(case), around)
    for one in verdict.objections:
        case.findings.problem(one.code, f"leaf {one.index}", one.words)
    for one in verdict.notes:
        case.findings.note(one.code, f"leaf {one.index}", one.words)
    case.findings.subject.update(verdict.subject)
    case.findings.ran("decisions", compared=verdict.judged, since=before)
    return [verdict]


def _is_whole(case: Case) -> bool:
    """Whether the log is the reader's, proved, and there from its first leaf on: what is left out cannot be judged."""
    wanted = case.reader.trust.governance_origin
    if wanted is not None and case.origin != wanted:
        case.findings.problem("origin_mismatch", "trust.json", f"The reader trusts {wanted}, this is {case.origin}")
        return False
    if wanted is None and not (case.origin or "").endswith(CHANGES):
        case.findings.problem("decision_unproven", "manifest", f"{case.origin} is no log of governance")
        return False
    leaves = case.leaves
    if leaves is None or not len(leaves) or leaves.first != 0 or not case.range_proved or not case.head_signed:
        case.findings.problem("decision_unproven", "range", "Decisions are judged from the first leaf of a proved log")
        return False
    return True


def _events(case: Case) -> list[Said]:
    leaves = case.leaves
    if leaves is None:
        return []
    payloads, attributes = _opened(case, leaves, "payload"), _opened(case, leaves, "attrs")
    found: list[Said] = []
    for index in range(len(leaves)):
        leaf = leaves.leaf(case.archive, index)
        if leaf is None:
            found.append(Said(index, 0, "", None))
        elif leaf.kind == "event":
            at = int(parse_time(str(leaf.fields["recorded"])).timestamp())
            subject = _subject(attributes.get(index))
            found.append(Said(index, at, str(leaf.fields["type"]), payloads.get(index), subject))
    return found


def _opened(case: Case, leaves: LeafTable, role: str) -> dict[int, bytes]:
    """Payloads or attributes by index; only bytes that open the commitment of their leaf."""
    found: dict[int, bytes] = {}
    if not case.archive.has(OBJECTS[role]):
        return found
    for line in case.archive.lines(OBJECTS[role], MAX_LINE_BYTES):
        try:
            one = read_object(line)
            leaf = leaves.leaf(case.archive, one.index)
            data = case.archive.read(one.file, MAX_LINE_BYTES) if one.file is not None else one.data
            if leaf is not None and leaf.kind == "event" and data is not None:
                open_commitment(bytes.fromhex(str(leaf.fields[role])), one.salt, one.media_type, data)
                found[one.index] = data
        except LedgerError:
            continue  # Step 12 has told it.
    return found


def _subject(attributes: bytes | None) -> str:
    try:
        value = parse(attributes) if attributes is not None else None
    except LedgerError:
        return ""
    return str(value.get("subject", "")) if isinstance(value, dict) else ""
