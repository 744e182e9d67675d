"""What a witness said of a log: its cosignature on a checkpoint that the log signed itself.

Guarantees that a head is taken only from a text of this log under one of the log's own keys, and a witness's name only
from a line that its key in the policy signed, with a time. Follows C2SP tlog-cosignature and tlog-witness.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ledger.core.checkpoint import parse_checkpoint
from ledger.core.cosignature import parse_cosignature
from ledger.core.head_guard import GuardHead
from ledger.core.note import Verdict, check_signatures, parse_note, verified
from ledger.core.vkey import VKey
from ledger.core.witness_policy import Policy
from ledger.errors import LogSignatureWrong, NoteMalformed


@dataclass(frozen=True, slots=True)
class WitnessAnswer:
    """Witness `name` (of the policy) cosigned `head` at `timestamp` (POSIX seconds)."""

    name: str
    head: GuardHead
    timestamp: int


def answers_in(
    data: bytes, origin: str, log_keys: Callable[[int], list[VKey]], policy: Policy
) -> tuple[WitnessAnswer, ...]:
    """The answers of the policy's witnesses in one cosigned note of the log `origin`; `log_keys` are its keys by size.

    Raises NoteMalformed for another log's text or a cosignature without a time, LogSignatureWrong where the log's
    line, or a witness's, does not verify, cannot be checked here, or is not there.
    """
    note = parse_note(data)
    told = parse_checkpoint(note.text)
    if told.origin != origin:
        raise NoteMalformed("The checkpoint is of another log", why=ascii(told.origin[:80]))
    verified(note, log_keys(told.size))
    names = {witness.vkey: witness.name for witness in policy.witnesses}
    lines = check_signatures(note, names)
    if not lines or any(line.verdict is not Verdict.VALID for line in lines):
        raise LogSignatureWrong("No cosignature of a witness of the policy verifies on this note, or one is wrong")
    return tuple(
        WitnessAnswer(
            names[line.vkey],
            GuardHead(told.size, told.root),
            parse_cosignature(line.signature.body, line.vkey.key_type, dated=True).timestamp,
        )
        for line in lines
    )
