"""Offline proof that one leaf is in a log: index, path and checkpoint in one text.

Guarantees one byte form for each proof, the checkpoint verbatim, and that `verify` binds the leaf to a root
that a log of the reader's policy signed. `extra` is carried, never trusted. Follows C2SP tlog-proof
("Format"); inclusion by RFC 9162, 2.1.3.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ledger.core import strict_base64
from ledger.core.checkpoint import MAX_SIZE, Checkpoint, decimal
from ledger.core.checkpoint_trust import Trust, demand_trust
from ledger.core.merkle import verify_inclusion
from ledger.core.note import MAX_NOTE_BYTES, parse_note
from ledger.core.types import HASH_BYTES, Hash, LeafIndex
from ledger.core.vkey import VKey
from ledger.core.witness_policy import Policy
from ledger.core.witness_quorum import QuorumReason
from ledger.errors import ProofMalformed

HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_HASHES: Final = 63
MAX_EXTRA_BYTES: Final = 65_535
MAX_PROOF_BYTES: Final = MAX_NOTE_BYTES + 100_000


@dataclass(frozen=True, slots=True)
class ProofResult:
    """A leaf proved at `index` of the log in `trust.checkpoint`; witnesses as the policy sees them."""

    index: LeafIndex
    leaf_hash: Hash
    trust: Trust

    @property
    def checkpoint(self) -> Checkpoint:
        """Origin, size and root that the leaf is proved under."""
        return self.trust.checkpoint

    @property
    def log_keys(self) -> tuple[VKey, ...]:
        """Keys of the policy's logs whose signature was verified; never empty."""
        return self.trust.log_keys

    @property
    def witnesses(self) -> tuple[str, ...]:
        """Policy names of the witnesses that count."""
        return self.trust.witnesses

    @property
    def quorum_met(self) -> bool:
        """Whether those witnesses are enough; always true for `quorum none`."""
        return self.trust.quorum_met

    @property
    def quorum(self) -> QuorumReason:
        """The explanation of `quorum_met`."""
        return self.trust.quorum


@dataclass(frozen=True, slots=True)
class TlogProof:
    """`hashes` (32 bytes each, from the leaf's sibling upwards) lead from leaf `index` to the root in `note`.

    `note` is the signed checkpoint verbatim; it is read and checked by `verify`, not before.
    """

    index: LeafIndex
    hashes: tuple[Hash, ...]
    note: bytes
    extra: bytes | None = None

    def __post_init__(self) -> None:
        """Refuse what could not be read back: ProofMalformed."""
        if not 0 <= self.index < MAX_SIZE:
            raise ProofMalformed("The index of a proof is out of range", why=str(self.index))
        if len(self.hashes) > MAX_HASHES or any(len(one) != HASH_BYTES for one in self.hashes):
            raise ProofMalformed("A proof has more than 63 hashes, or one that is not 32 bytes")
        if self.extra is not None and not 1 <= len(self.extra) <= MAX_EXTRA_BYTES:
            raise ProofMalformed("The extra data of a proof is empty or longer than 65,535 bytes")
        if not self.note or len(self.note) > MAX_NOTE_BYTES:
            raise ProofMalformed("The checkpoint of a proof is empty or longer than 1,000,000 bytes")

    def to_bytes(self) -> bytes:
        """Write the `.tlog-proof` file."""
        extra = [] if self.extra is None else [f"extra {strict_base64.encode(self.extra)}"]
        lines = [HEADER, *extra, f"index {self.index}", *map(strict_base64.encode, self.hashes), "", ""]
        return "\n".join(lines).encode() + self.note

    def verify(self, leaf_hash: Hash, policy: Policy, now: int | None = None) -> ProofResult:
        """Prove that the leaf is in a log of `policy`; cosignatures from after `now` do not count.

        `now` is in POSIX seconds; the caller makes `leaf_hash` from the leaf's bytes. An unmet quorum is told
        in the result. Raises NoteMalformed, LogSignatureWrong, WitnessSignatureWrong, ProofMalformed or
        InclusionInvalid.
        """
        trust = demand_trust(parse_note(self.note), policy, now)
        checkpoint = trust.checkpoint
        verify_inclusion(self.index, checkpoint.size, leaf_hash, list(self.hashes), checkpoint.root)
        return ProofResult(self.index, leaf_hash, trust)


def parse_proof(data: bytes) -> TlogProof:
    """Read a `.tlog-proof` file; raise ProofMalformed with `line N` as `path`; the note stays unread."""
    if len(data) > MAX_PROOF_BYTES:
        raise ProofMalformed("A proof is longer than 1,100,000 bytes", why=f"{len(data)}")
    head, separator, note = data.partition(b"\n\n")
    if not separator:
        raise ProofMalformed("A proof has no empty line before its checkpoint")
    lines = _lines(head)
    if lines[0] != HEADER:
        raise ProofMalformed("The first line of a proof is not c2sp.org/tlog-proof@v1", path="line 1")
    has_extra = len(lines) > 1 and lines[1].startswith("extra ")
    extra = _base64(lines[1].removeprefix("extra "), 2) if has_extra else None
    at = 1 + has_extra
    return TlogProof(_index(lines, at), _hashes(lines[at + 1 :], at + 2), note, extra)


def _lines(head: bytes) -> list[str]:
    try:
        return head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise ProofMalformed("A proof has bytes that are not ASCII before its checkpoint", why=str(error)) from error


def _index(lines: Sequence[str], at: int) -> LeafIndex:
    path = f"line {at + 1}"
    if len(lines) <= at or not lines[at].startswith("index "):
        raise ProofMalformed("A proof has no index line where one is expected", path=path)
    try:
        return LeafIndex(decimal(lines[at].removeprefix("index ")))
    except ValueError as error:
        raise ProofMalformed("The index of a proof is not a number", why=str(error), path=path) from error


def _hashes(lines: Sequence[str], first: int) -> tuple[Hash, ...]:
    if len(lines) > MAX_HASHES:
        raise ProofMalformed("A proof has more than 63 hashes", why=f"{len(lines)}")
    return tuple(Hash(_base64(line, number)) for number, line in enumerate(lines, first))


def _base64(text: str, number: int) -> bytes:
    try:
        return strict_base64.decode(text)
    except ValueError as error:
        raise ProofMalformed("A line of a proof is not base64", why=str(error), path=f"line {number}") from error
