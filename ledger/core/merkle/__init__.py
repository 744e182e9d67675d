"""Merkle trees of RFC 6962 and RFC 9162: hashes, roots, proofs and their strict verification.

Guarantees that what verifies was in the tree: hashes are 32 bytes, sizes and shapes are exact, and no proof
with a missing or an extra hash is taken. Ranges are half-open.
"""

from ledger.core.merkle.consistency import consistency_proof, verify_consistency
from ledger.core.merkle.frontier import Frontier
from ledger.core.merkle.hashing import EMPTY_ROOT, NodeReader, leaf_hash, node_hash, reader_of, root
from ledger.core.merkle.inclusion import Step, inclusion_proof, inclusion_steps, verify_inclusion
from ledger.core.merkle.ranges import range_proof, root_from_range, verify_range

__all__ = [
    "EMPTY_ROOT",
    "Frontier",
    "NodeReader",
    "Step",
    "consistency_proof",
    "inclusion_proof",
    "inclusion_steps",
    "leaf_hash",
    "node_hash",
    "range_proof",
    "reader_of",
    "root",
    "root_from_range",
    "verify_consistency",
    "verify_inclusion",
    "verify_range",
]
