"""Step 9, logs that continue one another: where the old one ended, and what the new one takes over.

The genesis leaf of a successor names origin, size and root of the old log's last head that counts. The old log is
accepted up to there and no further: what it promised behind that head is given up, and what is found behind it, or
behind the leaf by which it was closed, is not the log's any more.
"""

from __future__ import annotations

from typing import cast

from ledger.core.bundle.layout import PREDECESSOR
from ledger.core.checkpoint import Checkpoint, parse_checkpoint
from ledger.core.checkpoint_trust import assess
from ledger.core.envelope import Envelope
from ledger.core.note import MAX_NOTE_BYTES, Note, parse_note
from ledger.core.report import Findings
from ledger.core.trust import Reader
from ledger.core.types import Hash, JSONObject, TreeSize
from ledger.core.verify import table
from ledger.core.verify.case import Case


def check_continued(case: Case) -> None:
    """The head of the log that this one continues: what genesis says, against the note in the bundle and the heads
    that the reader remembers.
    """
    value = case.history.genesis.fields["continues"] if case.history is not None else None
    if not isinstance(value, dict):
        if case.archive.has(PREDECESSOR):
            case.findings.problem("manifest_file_extra", PREDECESSOR, "This log continues no other")
        return
    before, taken = case.findings.count, _taken_over(value)
    _remembered(case.findings, case.reader, taken)
    if not case.archive.has(PREDECESSOR):
        told = f"The log says that it continues {taken.origin} at {taken.size:,} leaves; its head is not in the bundle."
        case.findings.not_claimed(told)
        return
    note = parse_note(case.archive.read(PREDECESSOR, MAX_NOTE_BYTES))
    if parse_checkpoint(note.text) != taken:
        text = "It is another head than the one at which genesis says this log takes over"
        case.findings.problem("continues_mismatch", PREDECESSOR, text)
    elif _is_signed(case, note, taken):
        case.findings.ran("predecessor", since=before)


def _taken_over(value: JSONObject) -> Checkpoint:
    root = Hash(bytes.fromhex(str(value["root"])))
    return Checkpoint(str(value["origin"]), TreeSize(cast("int", value["size"])), root)


def _is_signed(case: Case, note: Note, taken: Checkpoint) -> bool:
    """Whether the reader's policy vouches for the head; the old log is one of its logs or it says nothing of it."""
    findings, trust = case.findings, assess(note, case.reader.policy, case.reader.now, case.check)
    if not any(vkey.name == taken.origin for vkey in case.reader.policy.logs):
        told = (
            f"The head of {taken.origin}, which this log continues, is in the bundle; your policy names no key of it."
        )
        findings.not_claimed(told)
        return False
    if trust.wrong_log_keys:
        findings.problem("log_signature_wrong", PREDECESSOR, "The line of the old log does not verify over this text")
    elif not trust.log_keys:
        findings.problem("log_key_unknown", PREDECESSOR, "No log key that your policy names signed the old head")
    elif not trust.quorum_met:
        findings.problem("quorum_missing", PREDECESSOR, f"The old head does not count yet: {trust.quorum.words()}")
    return bool(trust.log_keys) and not trust.wrong_log_keys and trust.quorum_met


def _remembered(findings: Findings, reader: Reader, taken: Checkpoint) -> None:
    for one in reader.trust.remembered:
        held = one.checkpoint
        if held.origin != taken.origin:
            continue
        if held.size > taken.size:
            text = f"You remember {held.size:,} leaves of {held.origin}; this log takes over at {taken.size:,}"
            findings.problem("checkpoint_stale", "genesis", text)
        elif held.size == taken.size and held.root != taken.root:
            text = f"You remember another root of {held.origin} for {held.size:,} leaves"
            findings.problem("continues_mismatch", "genesis", text)


def check_closed(case: Case) -> None:
    """Nothing that is shown stands behind the end of the log, as its own leaves or the reader tell it."""
    leaves = case.leaves
    if leaves is None or not len(leaves):
        return
    check_ended(case.findings, case.reader, case.origin, leaves.last)
    for one in case.reader.trust.ended:
        for held in case.notes:
            if held.checkpoint.origin == one.origin and held.checkpoint.size == one.size and held.checkpoint != one:
                text = f"You were told that the log ended under another root at {one.size:,} leaves"
                case.findings.problem("continues_mismatch", held.path, text)
    closing = _closing(case)
    if closing is None:
        return
    late = [leaves.index_at(place) for place, state in enumerate(leaves.states) if state == table.EVENT]
    if late and late[-1] > closing.index:
        text = f"An event stands behind leaf {closing.index}, by which the log was closed"
        case.findings.problem("log_ended", f"leaf {late[-1]}", text)


def check_ended(findings: Findings, reader: Reader, origin: str | None, index: int) -> None:
    """What trust.json says of the end of this log, against the last leaf that is shown of it."""
    for one in reader.trust.ended:
        if one.origin == origin and index >= one.size:
            text = f"You were told that the log ended at {one.size:,} leaves, where another took over"
            findings.problem("log_ended", f"leaf {index}", text)


def _closing(case: Case) -> Envelope | None:
    control = case.history.leaves if case.history is not None else ()
    return next((leaf for leaf in control if leaf.kind == "closed"), None)
