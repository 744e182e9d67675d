"""Idempotency-Key: the same request twice has one effect, also at the same moment.

The row is inserted in the events' own transaction, before the stream is locked: the second of two identical
requests waits at its unique key until the first has committed, then derives the same answer. Only a digest
and indices are stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.errors import IdempotencyConflict, RequestError
from ledger.models.idempotency import KEPT
from ledger.services.raw import RawCursor

MAX_KEY_BYTES = 255
CREATED = 201
_CLAIM = """
INSERT INTO ledger_idempotency AS held (namespace, key, digest, status, stream_id, indices, created)
VALUES (%s, %s, %b, %s, %s, '{}', clock_timestamp())
ON CONFLICT (namespace, key) DO UPDATE
SET digest = excluded.digest, status = excluded.status, stream_id = excluded.stream_id, indices = '{}',
    created = excluded.created
WHERE held.created < clock_timestamp() - %s
RETURNING 1
"""
_READ = "SELECT digest, stream_id, indices FROM ledger_idempotency WHERE namespace = %s AND key = %s"
_STORE = "UPDATE ledger_idempotency SET indices = %b::bigint[] WHERE namespace = %s AND key = %s"
_RELEASE = "DELETE FROM ledger_idempotency WHERE namespace = %s AND key = %s"
_FORGET = "DELETE FROM ledger_idempotency WHERE created < clock_timestamp() - %s"


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """1 to 255 printable ASCII characters, and the SHA-256 of the request they stand for."""

    key: str
    digest: bytes

    def __post_init__(self) -> None:
        """Refuse a key that cannot be stored or compared: RequestError `refused`."""
        if not 1 <= len(self.key) <= MAX_KEY_BYTES or not self.key.isascii() or not self.key.isprintable():
            raise RequestError("An Idempotency-Key is 1 to 255 printable ASCII characters", why=ascii(self.key[:80]))


def claim(cursor: RawCursor, namespace: str, stream_id: int, key: IdempotencyKey) -> list[int] | None:
    """Claim the key for this request: None if it is new, else the indices that the first one got.

    Raises IdempotencyConflict when the key stands for another request. Waits for a request that holds it now.
    """
    ask_for_claim(cursor, namespace, stream_id, key)
    return None if cursor.fetchone() is not None else held(cursor, namespace, stream_id, key)


def ask_for_claim(cursor: RawCursor, namespace: str, stream_id: int, key: IdempotencyKey) -> None:
    """Send for the claim; the answer has a row where the key is ours now."""
    cursor.execute(_CLAIM, (namespace, key.key, key.digest, CREATED, stream_id, KEPT))


def held(cursor: RawCursor, namespace: str, stream_id: int, key: IdempotencyKey) -> list[int]:
    """The indices that the first request under a key got, where the claim failed; raises IdempotencyConflict."""
    row = cursor.execute(_READ, (namespace, key.key)).fetchone()
    if row is None or bytes(row[0]) != key.digest or row[1] != stream_id:
        raise IdempotencyConflict("This Idempotency-Key stands for another request", why=f"key {key.key[:80]!r}")
    return list(row[2])


def remember(cursor: RawCursor, namespace: str, key: IdempotencyKey, indices: Sequence[int]) -> None:
    """Keep what a claimed request got, before its transaction commits."""
    cursor.execute(_STORE, (list(indices), namespace, key.key))


def release(cursor: RawCursor, namespace: str, key: IdempotencyKey) -> None:
    """Let go of a claimed key whose request was refused, in a transaction that goes on for others."""
    cursor.execute(_RELEASE, (namespace, key.key))


def forget_expired(cursor: RawCursor) -> int:
    """Delete keys older than 24 hours; returns how many."""
    return cursor.execute(_FORGET, (KEPT,)).rowcount
