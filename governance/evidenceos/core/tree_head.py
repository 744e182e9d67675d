"""Signed tree heads of the daemon's log, and the proofs between them.

Guarantees the signed digest (size and root; neither time nor key id are covered), and proofs by the rules of RFC 6962
and RFC 9162: upstream's own check of consistency is wrong for pairs such as (5, 6), and is not repeated here.
Rule: reference, section 3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from governance.evidenceos.core.digests import Domain, digest_in, is_signed
from governance.evidenceos.core.faults import Fault, fault_of
from ledger.core.merkle import EMPTY_ROOT, verify_consistency, verify_inclusion
from ledger.core.types import Hash, LeafIndex, TreeSize
from ledger.errors import LedgerError

_U64: int = 8


@dataclass(frozen=True, slots=True)
class TreeHead:
    """Size and root of the log, signed by the key whose id (32 bytes) is named."""

    tree_size: int
    root_hash: bytes
    signature: bytes
    key_id: bytes

    def signed_digest(self) -> bytes:
        """The 32 bytes that are signed."""
        return head_digest(self.tree_size, self.root_hash)


def head_digest(tree_size: int, root_hash: bytes) -> bytes:
    """Return the digest of a tree head: domain, size (u64 BE), root."""
    return digest_in(Domain.TREE_HEAD, tree_size.to_bytes(_U64, "big") + root_hash)


def head_faults(head: TreeHead, keys: Mapping[bytes, bytes]) -> Iterator[Fault]:
    """Key and signature of a head; `keys` has the public key of each id."""
    public = keys.get(head.key_id)
    if public is None:
        yield Fault("tree_head_key_unknown", "$.key_id", f"{head.key_id.hex()} is not among {len(keys)} known keys")
    elif not is_signed(public, head.signed_digest(), head.signature):
        yield Fault("tree_head_signature_wrong", "$.signature", f"the signature with size {head.tree_size} and root")


def inclusion_faults(leaf: bytes, index: int, head: TreeHead, path: Sequence[bytes]) -> Iterator[Fault]:
    """The root over leaf and path with the head's."""
    try:
        verify_inclusion(
            LeafIndex(index), TreeSize(head.tree_size), Hash(leaf), [Hash(one) for one in path], Hash(head.root_hash)
        )
    except LedgerError as error:
        yield Fault("etl_inclusion_invalid", f"leaf {index} of {head.tree_size}", fault_of(error).message)


def consistency_faults(old: int, old_root: bytes, head: TreeHead, path: Sequence[bytes]) -> Iterator[Fault]:
    """Both roots over the path with the old one and the head's. From the empty log, only the empty path is right."""
    place = f"sizes {old} and {head.tree_size}"
    if old == 0:
        if path or old_root != EMPTY_ROOT:
            yield Fault("etl_consistency_invalid", place, "the empty log has one root, and no path leads from it")
        return
    try:
        verify_consistency(old, head.tree_size, [Hash(one) for one in path], Hash(old_root), Hash(head.root_hash))
    except LedgerError as error:
        yield Fault("etl_consistency_invalid", place, fault_of(error).message)
