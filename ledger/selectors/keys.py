"""Registered keys: what the database knows of them, for signing and for verifying."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ledger.core.note import VKey, make_vkey
from ledger.errors import KeyUnusable
from ledger.models import SigningKey
from ledger.storage.signer import RegisteredKey


@lru_cache(maxsize=1024)
def key_by_kid(kid: str) -> RegisteredKey:
    """The key of that kid; raises KeyUnusable. Cached: a kid is derived from the key, and a row only ever
    loses `sealed`.
    """
    row = SigningKey.objects.filter(kid=kid).select_related("stream").first()
    if row is None:
        raise KeyUnusable("A leaf names a key that is not registered", why=f"kid {kid}")
    return _registered(row)


def key_in_force(stream_id: int, use: str) -> RegisteredKey:
    """The newest key of a stream for one use; raises KeyUnusable."""
    rows = SigningKey.objects.filter(stream_id=stream_id, use=use, valid_to__isnull=True).select_related("stream")
    row = rows.first()
    if row is None:
        raise KeyUnusable("The stream has no key in force for this use", why=use)
    return _registered(row)


@dataclass(frozen=True, slots=True)
class LogKeys:
    """All keys that ever signed checkpoints of a log, read once."""

    rows: tuple[SigningKey, ...]

    def valid(self, size: int | None = None) -> list[VKey]:
        """Those valid for `size` leaves, or those in force now."""
        return [
            make_vkey(row.name, bytes(row.public))
            for row in self.rows
            if (row.valid_to is None if size is None else _covers(row, size - 1))
        ]


def log_keys(stream_id: int) -> LogKeys:
    """The keys of the log's checkpoints, the oldest first."""
    rows = SigningKey.objects.filter(stream_id=stream_id, use="checkpoint").order_by("valid_from")
    return LogKeys(tuple(rows))


def log_vkeys(stream_id: int, size: int | None = None) -> list[VKey]:
    """Verifier keys of the log's checkpoints, those valid for `size` leaves, or those in force now."""
    return log_keys(stream_id).valid(size)


def _covers(row: SigningKey, index: int) -> bool:
    return row.valid_from <= index and (row.valid_to is None or index < row.valid_to)


def _registered(row: SigningKey) -> RegisteredKey:
    sealed = None if row.sealed is None else bytes(row.sealed)
    return RegisteredKey(row.use, row.stream.origin, row.kid, bytes(row.public), sealed)
