"""The daemon's transparency log on disk: records with length and checksum, their leaves, and what an entry can be.

Guarantees that a torn or damaged record is told with its offset and that nothing behind it is taken for read: the
daemon would cut the file off there. Rule: reference, section 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zlib import crc32

from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.fields import Fields
from governance.evidenceos.core.jsons import compact
from governance.evidenceos.errors import EvidenceOSRefused, LogTorn
from ledger.core.merkle import Frontier, leaf_hash
from ledger.core.types import HASH_BYTES, Hash

if TYPE_CHECKING:
    from ledger.core.types import JSONObject

CAPSULE_SCHEMA: Final = "evidenceos.v2.claim_capsule"
KINDS: Final = frozenset({"probe_event", "canary_incident", "reservation_expired"})

_WORD: Final = 4


@dataclass(frozen=True, slots=True)
class Revocation:
    """The entry of a revocation: hex of the capsule's hash, why, and the size of the log when it was made."""

    capsule_hash_hex: str
    reason: str
    revoked_at_index: int

    def to_bytes(self) -> bytes:
        """The entry in struct order."""
        members: JSONObject = {
            "capsule_hash_hex": self.capsule_hash_hex,
            "reason": self.reason,
            "revoked_at_index": self.revoked_at_index,
        }
        return compact(members)


def record(payload: bytes) -> bytes:
    """Return the bytes of one record: length (u32 LE), payload, CRC-32 (LE) over both."""
    framed = len(payload).to_bytes(_WORD, "little") + payload
    return framed + crc32(framed).to_bytes(_WORD, "little")


def entries(data: bytes) -> Iterator[bytes]:
    """Yield the payload of each record; raises LogTorn at the first that is cut off or damaged."""
    at = 0
    while at < len(data):
        end = at + _WORD + int.from_bytes(data[at : at + _WORD], "little")
        if end + _WORD > len(data):
            raise _torn(at, "the record is cut off")
        if crc32(data[at:end]) != int.from_bytes(data[end : end + _WORD], "little"):
            raise _torn(at, "the checksum is not that of the record")
        yield data[at + _WORD : end]
        at = end + _WORD


def root_of(payloads: Iterable[bytes]) -> Hash:
    """Return the RFC 6962 root over entries; of none, the SHA-256 of nothing."""
    edge = Frontier()
    edge.extend(leaf_hash(payload) for payload in payloads)
    return edge.root()


def leaves_faults(payloads: Iterable[bytes], stored: bytes) -> Iterator[Fault]:
    """The derived file of leaf hashes with the entries; the daemon makes it again at its start."""
    computed = b"".join(leaf_hash(payload) for payload in payloads)
    if stored != computed:
        told = f"{len(stored) // HASH_BYTES} hashes with those of {len(computed) // HASH_BYTES} entries"
        yield Fault("etl_leaves_mismatch", "$", told)


def kind_of(payload: bytes) -> str:
    """Return `capsule`, `revocation` or the `kind` of an entry; empty for what is none of them."""
    try:
        fields = Fields.of(payload)
        if fields.maybe("schema") == CAPSULE_SCHEMA:
            return "capsule"
        kind = fields.maybe("kind")
        if isinstance(kind, str):
            return kind if kind in KINDS else ""
        _revocation(fields)
    except EvidenceOSRefused:
        return ""
    return "revocation"


def read_revocation(payload: bytes) -> Revocation:
    """Return the revocation of an entry; raises as the other readers do."""
    return _revocation(Fields.of(payload))


def _revocation(fields: Fields) -> Revocation:
    found = Revocation(
        fields.hex("capsule_hash_hex", HASH_BYTES).hex(), fields.text("reason"), fields.unsigned("revoked_at_index")
    )
    fields.close()
    return found


def _torn(at: int, why: str) -> LogTorn:
    return LogTorn(f"The log cannot be read from offset {at} on", why=why, path=f"offset {at}")
