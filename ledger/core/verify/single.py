"""A single checkpoint or proof before a reader, without a bundle around it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from ledger.core.checkpoint import Checkpoint, parse_checkpoint
from ledger.core.envelope import Envelope, parse
from ledger.core.merkle import leaf_hash, verify_inclusion
from ledger.core.note import Note, parse_note
from ledger.core.proof import TlogProof, parse_proof
from ledger.core.report import Findings, Report
from ledger.core.trust import Reader
from ledger.core.types import Hash
from ledger.core.verify.guarded import guarded
from ledger.core.verify.heads import check_signed_head, signed_by_log
from ledger.core.verify.keys import note_signed
from ledger.core.verify.outside import check_age
from ledger.errors import LedgerError


@dataclass(frozen=True, slots=True)
class Seen:
    """A checkpoint, and whether a log key of the reader's policy signed it."""

    checkpoint: Checkpoint
    signed: bool


def verify_checkpoint(data: bytes, reader: Reader) -> Report:
    """A signed note under the reader's policy, remembered heads and `max_age`."""
    findings = Findings("checkpoint")
    guarded(findings, "checkpoint", lambda: _about(findings, see(findings, reader, parse_note(data))))
    return findings.report()


def _about(findings: Findings, seen: Seen) -> None:
    head = seen.checkpoint
    findings.subject |= {"origin": head.origin, "size": head.size, "root": head.root.hex()}


def see(findings: Findings, reader: Reader, note: Note, path: str = "checkpoint") -> Seen:
    """A checkpoint under the reader's policy, remembered heads and `max_age`."""
    checkpoint = parse_checkpoint(note.text)
    trust = check_signed_head(findings, reader, path, note)
    _remembered(findings, reader, note, checkpoint, path)
    check_age(findings, reader, path, [note])
    return Seen(checkpoint, signed_by_log(trust))


def _remembered(findings: Findings, reader: Reader, note: Note, checkpoint: Checkpoint, path: str) -> None:
    logs = reader.policy.logs
    for one in reader.trust.remembered:
        other = one.checkpoint
        if other.origin != checkpoint.origin:
            continue
        if other.size > checkpoint.size:
            findings.problem(
                "checkpoint_stale",
                path,
                f"You remember a head of {other.size:,} leaves, this one has {checkpoint.size:,}",
            )
        elif other.size == checkpoint.size and other.root != checkpoint.root:
            both = one.note is not None and all(note_signed(each, other.origin, logs) for each in (note, one.note))
            code = "fork_proven" if both else "consistency_invalid"
            findings.problem(code, path, f"You remember another root for {other.size:,} leaves")
        elif other.size < checkpoint.size:
            findings.not_claimed(f"Your remembered head of {other.size:,} leaves was not joined to this one.")


def verify_proof(data: bytes, leaf: bytes | None, reader: Reader) -> Report:
    """A C2SP tlog-proof for `leaf` (its bytes; None: those the proof carries as `extra`)."""
    findings = Findings("proof")
    guarded(findings, "proof", partial(_proof, findings, reader, data, leaf))
    return findings.report()


def _proof(findings: Findings, reader: Reader, data: bytes, leaf: bytes | None) -> None:
    proof = parse_proof(data)
    entry = leaf if leaf is not None else proof.extra
    if entry is None:
        findings.problem("arguments", "proof", "The proof carries no leaf: give the leaf's bytes with --leaf")
        return
    seen = see(findings, reader, parse_note(proof.note))
    _about(findings, seen)
    findings.subject |= {"index": proof.index, "leaf_hash": leaf_hash(entry).hex()}
    included(findings, seen, proof, leaf_hash(entry))
    _same_place(findings, seen, proof, entry)


def _same_place(findings: Findings, seen: Seen, proof: TlogProof, entry: bytes) -> None:
    """What a leaf of this product says about itself is what the proof says about it."""
    envelope = _envelope(entry)
    if envelope is None:
        findings.not_claimed(
            "What the leaf says about itself: it is not in the form of this product, and was not read."
        )
        return
    if envelope.origin != seen.checkpoint.origin:
        text = f"The leaf is of {envelope.origin}, the checkpoint of {seen.checkpoint.origin}"
        findings.problem("origin_mismatch", "leaf", text)
    if envelope.index != proof.index:
        text = f"The leaf states index {envelope.index}, the proof {proof.index}"
        findings.problem("leaf_index_mismatch", "leaf", text)


def _envelope(entry: bytes) -> Envelope | None:
    try:
        return parse(entry)
    except LedgerError:
        return None


def included(findings: Findings, seen: Seen, proof: TlogProof, entry: Hash, path: str = "proof") -> bool:
    """Whether the proof shows the leaf under the checkpoint; where not, that is recorded."""
    try:
        verify_inclusion(proof.index, seen.checkpoint.size, entry, list(proof.hashes), seen.checkpoint.root)
    except LedgerError as error:
        findings.refused(error, path)
        findings.ran("inclusion", passed=False)
        return False
    findings.ran("inclusion")
    return True


def shows(seen: Seen, proof: TlogProof, entry: Hash) -> bool:
    """Whether the proof shows this leaf, without recording anything."""
    try:
        verify_inclusion(proof.index, seen.checkpoint.size, entry, list(proof.hashes), seen.checkpoint.root)
    except LedgerError:
        return False
    return True
