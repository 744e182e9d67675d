"""Revocation snapshots: entries under a tree head, signed by a key of the log.

Guarantees the signed digest; the field that upstream calls `claim_id` carries the hash of a capsule, and is called so
here. A snapshot is the whole list, a later message on the stream only what is new. Rule: reference, section 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from governance.evidenceos.core.digests import Domain, digest_in, is_signed
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.tree_head import TreeHead

_U64: int = 8


@dataclass(frozen=True, slots=True)
class RevocationEntry:
    """One capsule that was revoked: its hash (32 bytes), the unix second, and why."""

    capsule_hash: bytes
    timestamp_unix: int
    reason: str

    def to_bytes(self) -> bytes:
        """Its part of what is signed: lengths as u64 BE in front of hash and reason."""
        reason = self.reason.encode("utf-8")
        return _prefixed(self.capsule_hash) + self.timestamp_unix.to_bytes(_U64, "big") + _prefixed(reason)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Entries, the tree head they were told at, and the signature by the key whose id is named."""

    entries: tuple[RevocationEntry, ...]
    head: TreeHead | None
    signature: bytes
    key_id: bytes

    def payload(self, head: TreeHead) -> bytes:
        """What is hashed: the entries, then size, root and key id of the head."""
        tail = head.tree_size.to_bytes(_U64, "big") + head.root_hash + _prefixed(head.key_id)
        return b"".join(entry.to_bytes() for entry in self.entries) + tail

    def signed_digest(self, head: TreeHead) -> bytes:
        """The 32 bytes that are signed."""
        return digest_in(Domain.REVOCATIONS, self.payload(head))

    def reason_for(self, capsule_hash: bytes) -> str | None:
        """Why a capsule was revoked; None where it was not."""
        return next((one.reason for one in self.entries if one.capsule_hash == capsule_hash), None)


def snapshot_faults(snapshot: Snapshot, head: TreeHead, keys: Mapping[bytes, bytes]) -> Iterator[Fault]:
    """Key and signature of a snapshot under a head; `keys` has the public key of each id."""
    public = keys.get(snapshot.key_id)
    if public is None:
        told = f"{snapshot.key_id.hex()} is not among {len(keys)} known keys"
        yield Fault("revocations_key_unknown", "$.key_id", told)
    elif not is_signed(public, snapshot.signed_digest(head), snapshot.signature):
        told = f"the signature with {len(snapshot.entries)} entries and the head of size {head.tree_size}"
        yield Fault("revocations_signature_wrong", "$.signature", told)


def _prefixed(data: bytes) -> bytes:
    return len(data).to_bytes(_U64, "big") + data
