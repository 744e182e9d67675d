"""A checkpoint in words: its note, who signed it, that it extends the one before, and where it was entered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console import words
from ledger.core.merkle import verify_consistency
from ledger.core.note import Verdict, check_signatures, parse_note
from ledger.core.witness_policy import parse_policy
from ledger.errors import LedgerError
from ledger.selectors import checkpoints, proofs
from ledger.selectors.health import policy_in_force
from ledger.selectors.keys import log_keys
from ledger.selectors.signed_heads import signed_head

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ledger.core.types import Hash
    from ledger.selectors.checkpoints import CheckpointView
    from ledger.selectors.signed_heads import SignedHead
    from ledger.selectors.streams import StreamView


@dataclass(frozen=True, slots=True)
class Line:
    """A checkpoint on one line of the list, with what the check of its signature said just now."""

    row: CheckpointView
    head: SignedHead
    state: str
    word: str


@dataclass(frozen=True, slots=True)
class Extends:
    """Whether a checkpoint extends the one before: `state`, a sentence, the RFC 6962 path and both sizes."""

    state: str
    sentence: str
    hashes: tuple[Hash, ...] = ()
    before: CheckpointView | None = None


def lines_of(stream: StreamView, rows: Sequence[CheckpointView]) -> list[Line]:
    """Each note verified under the log keys valid at its size; one query."""
    held = log_keys(stream.id)
    return [_line(row, signed_head(stream, row, held)) for row in rows]


def _line(row: CheckpointView, head: SignedHead) -> Line:
    if head.problem:
        return Line(row, head, "fail", "not verified")
    return Line(row, head, "pass", "verified")


def state_in_words(stream: StreamView, line: Line) -> str:
    """The first line of the page of a checkpoint."""
    count = words.counted(line.row.size, "leaf", "leaves")
    if line.head.problem:
        return f"The note over {count} does NOT verify: {line.head.problem}. Do not rely on it."
    signers = words.listed(line.head.signers)
    return f"The note over {count} verified just now under {signers}. {_witnesses(stream, line)}"


def _witnesses(stream: StreamView, line: Line) -> str:
    """What the policy in force at the checkpoint's size asks of witnesses, and how many cosigned the stored note."""
    try:
        policy = parse_policy(policy_in_force(stream, line.row.size).encode())
    except LedgerError as error:
        return f"The policy in force for it cannot be read, so nothing is said of witnesses: {error}."
    if policy.quorum is None:
        return "No witness is asked by the policy in force for it, so nobody else vouches for this head."
    lines = check_signatures(parse_note(line.row.note), [one.vkey for one in policy.witnesses])
    cosigners = policy.names_of([one.vkey for one in lines if one.verdict is Verdict.VALID])
    asked = words.counted(len(policy.witnesses), "witness", "witnesses")
    verdict = "its quorum is met" if policy.met_by(cosigners) else "its quorum is not met"
    return f"The policy in force for it names {asked}; {words.grouped(len(cosigners))} cosigned this note: {verdict}."


def extends(stream: StreamView, line: Line) -> Extends:
    """Prove, from the stored tiles, that the tree of the checkpoint before is a prefix of this one."""
    earlier = checkpoints.checkpoints_of(stream, line.row.size, 1)
    if not earlier:
        return Extends("not_evaluated", "This is the first checkpoint of the log: there is none before it to extend.")
    before = earlier[0]
    told = f"the {words.counted(before.size, 'leaf', 'leaves')} of the checkpoint before"
    try:
        hashes = proofs.consistency(stream, before.size, line.row.size)
        verify_consistency(before.size, line.row.size, hashes, before.root, line.head.root)
    except LedgerError as problem:
        return Extends("fail", f"It does not provably extend {told}: {problem}", before=before)
    path = words.counted(len(hashes), "hash", "hashes")
    sentence = f"Recomputed just now: it extends {told}, by a path of {path}; nothing of them was changed."
    return Extends("pass", sentence, tuple(hashes), before)
