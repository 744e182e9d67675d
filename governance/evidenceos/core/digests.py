"""Digests and signatures of EvidenceOS: domains, key ids, and the strict Ed25519 of the ledger.

Guarantees the domain in front of the payload without separator or length. Signatures are judged strictly everywhere
(canonical S, no key or R of small order), as the daemon does for operator records: what passes here passes there.
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256

from ledger.core import ed25519


class Domain(StrEnum):
    """Prefixes of what is hashed (reference, section 0)."""

    CLAIM_ID = "evidenceos:claim_id:v2"
    CAPSULE = "evidenceos:capsule:v2"
    TREE_HEAD = "evidenceos:sth:v1"
    REVOCATIONS = "evidenceos:revocations:v1"
    ORACLE_RECORD = "evidenceos:oracle_operator_record:v1"
    EPOCH_CONTROL = "evidenceos:epoch_control:v1"


def digest_in(domain: str, payload: bytes) -> bytes:
    """Return SHA-256(domain || payload), 32 bytes."""
    return sha256(domain.encode("utf-8") + payload).digest()


def log_key_id(public: bytes) -> bytes:
    """Return the id of a key of the daemon's log: SHA-256 of the 32 bytes of the public key."""
    return sha256(public).digest()


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether the signature is the key's over these very bytes (RFC 8032, strict); never raises."""
    return ed25519.verify(public, message, signature)
