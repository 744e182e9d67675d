"""Cosignatures: what a witness (or a log with ML-DSA-44) signs, and the bytes of its signature line.

Guarantees that text, time and cosigner bind exactly as the specification says, and that only checkpoints are
cosigned. Follows C2SP tlog-cosignature v1.1.0 ("Format", "Ed25519 signed message", "ML-DSA-44 signed
message"). Signing itself is outside: functions take `sign`, which turns a message into a raw signature.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ledger.core.checkpoint import Checkpoint, parse_checkpoint
from ledger.core.note_signature import NoteSignature
from ledger.core.vkey import KeyType, VKey
from ledger.errors import NoteMalformed

MAX_TIME: Final = 2**63 - 1
SIGNATURE_BYTES: Final = {KeyType.COSIGNATURE: 64, KeyType.MLDSA44: 2420}
_MLDSA_LABEL: Final = b"subtree/v1\n\0"
_TIME_BYTES: Final = 8
_MAX_NAME_BYTES: Final = 255


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A time (POSIX seconds; 0 means: no statement about time) and the raw signature."""

    timestamp: int
    signature: bytes

    def body(self) -> bytes:
        """Write the `timestamped_signature` that follows the key ID."""
        return self.timestamp.to_bytes(_TIME_BYTES, "big") + self.signature


def parse_cosignature(body: bytes, key_type: KeyType, *, dated: bool = False) -> Cosignature:
    """Read the bytes after the key ID; raise NoteMalformed.

    `dated` also refuses the time 0, as a witness's answer must (C2SP tlog-witness, "add-checkpoint").
    """
    size = SIGNATURE_BYTES.get(key_type)
    if size is None or len(body) != _TIME_BYTES + size:
        raise NoteMalformed("A cosignature has not the length of its type", why=f"{key_type.name}, {len(body)} bytes")
    timestamp = int.from_bytes(body[:_TIME_BYTES], "big")
    _check_time(timestamp)
    if dated and timestamp == 0:
        raise NoteMalformed("The cosignature of a witness carries no time")
    return Cosignature(timestamp, body[_TIME_BYTES:])


def cosignature_message(vkey: VKey, text: str, timestamp: int) -> bytes:
    """Return what `vkey` signs for checkpoint `text` at `timestamp`; raise NoteMalformed for other text."""
    _check_time(timestamp)
    checkpoint = parse_checkpoint(text)
    if vkey.key_type is KeyType.COSIGNATURE:
        return f"cosignature/v1\ntime {timestamp}\n{text}".encode()
    if vkey.key_type is KeyType.MLDSA44:
        return subtree_message(vkey.name, timestamp, checkpoint)
    raise NoteMalformed("This type of key makes no cosignatures", why=vkey.key_type.name)


def subtree_message(cosigner: str, timestamp: int, end: Checkpoint, start: int = 0) -> bytes:
    """Return the ML-DSA-44 `cosigned_message` for leaves [start, end.size) with the root in `end`.

    Raises NoteMalformed for names above 255 bytes, and for a time where `start` is not 0.
    """
    if not 0 <= start <= end.size or (start and timestamp):
        raise NoteMalformed("A subtree that does not begin at 0 carries no time and lies within its log")
    numbers = (start, int(end.size))
    range_ = b"".join(number.to_bytes(8, "big") for number in numbers)
    time = timestamp.to_bytes(_TIME_BYTES, "big")
    return _MLDSA_LABEL + _opaque(cosigner) + time + _opaque(end.origin) + range_ + end.root


def cosign(text: str, vkey: VKey, timestamp: int, sign: Callable[[bytes], bytes]) -> NoteSignature:
    """Make the line of `vkey` for the checkpoint `text`; raise NoteMalformed before anything is signed."""
    signature = sign(cosignature_message(vkey, text, timestamp))
    body = Cosignature(timestamp, signature).body()
    parse_cosignature(body, vkey.key_type)
    return NoteSignature(vkey.name, vkey.key_id, body)


def _check_time(timestamp: int) -> None:
    if not 0 <= timestamp <= MAX_TIME:
        raise NoteMalformed("The time of a cosignature is out of range", why=str(timestamp))


def _opaque(text: str) -> bytes:
    raw = text.encode()
    if not 1 <= len(raw) <= _MAX_NAME_BYTES:
        raise NoteMalformed("A name in an ML-DSA-44 cosignature is longer than 255 bytes", why=ascii(text[:80]))
    return bytes([len(raw)]) + raw
