"""Registered keys: what the database knows of them, for signing and for verifying."""

from __future__ import annotations

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


def log_vkeys(stream_id: int, size: int | None = None) -> list[VKey]:
    """Verifier keys of the log's checkpoints, those valid for `size` leaves, or those in force now."""
    rows = SigningKey.objects.filter(stream_id=stream_id, use="checkpoint").order_by("valid_from")
    return [
        make_vkey(row.name, bytes(row.public))
        for row in rows
        if (row.valid_to is None if size is None else _covers(row, size - 1))
    ]


def _covers(row: SigningKey, index: int) -> bool:
    return row.valid_from <= index and (row.valid_to is None or index < row.valid_to)


def _registered(row: SigningKey) -> RegisteredKey:
    sealed = None if row.sealed is None else bytes(row.sealed)
    return RegisteredKey(row.use, row.stream.origin, row.kid, bytes(row.public), sealed)
