"""Registered keys: what the database knows of them, for signing and for verifying.

Guarantees that a checkpoint is signed and verified by exactly the keys that are valid for its size, that a key which
was destroyed elsewhere is forgotten within a minute, and a pause of the signer known within a second.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import lru_cache

from django.db.models import Q, QuerySet

from ledger.core.keys import MLDSA44
from ledger.core.note import KeyType, VKey, make_vkey
from ledger.core.types import Hash
from ledger.errors import KeyUnusable
from ledger.models import KeyUse, SigningKey
from ledger.selectors.pauses import forget_pauses, pause_reason
from ledger.storage.signer import FORGET_S, RegisteredKey, signer


def key_by_kid(kid: str) -> RegisteredKey:
    """The key of that kid; raises KeyUnusable. A kid is derived from the key, so the row says the same for a minute;
    its pause is asked each time.
    """
    stream_id, key = _row_of(kid, int(time.monotonic() // FORGET_S))
    return replace(key, paused=pause_reason(stream_id))


def key_in_force(stream_id: int, use: str) -> RegisteredKey:
    """The newest key of a stream for one use (Ed25519); raises KeyUnusable."""
    rows = _rows(stream_id, use).filter(valid_to__isnull=True, alg="ed25519")
    row = rows.order_by("-valid_from", "-pk").first()
    if row is None:
        raise KeyUnusable("The stream has no key in force for this use", why=use)
    return registered(row)


def signing_keys(stream_id: int, size: int) -> list[RegisteredKey]:
    """Every key whose line stands on a checkpoint of `size` leaves: Ed25519 first, ML-DSA-44 last.

    Raises KeyUnusable where there is no Ed25519 key.
    """
    rows = _rows(stream_id, KeyUse.CHECKPOINT).filter(valid_from__lt=size)
    rows = rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=size)).order_by("alg", "valid_from", "pk")
    found = [registered(row) for row in rows]
    if not any(key.alg != MLDSA44 for key in found):
        raise KeyUnusable("The stream has no key in force for this use", why="checkpoint")
    return found


def keys_of(stream_id: int) -> list[RegisteredKey]:
    """Every key that the stream ever had, in the order in which they came."""
    rows = SigningKey.objects.filter(stream_id=stream_id).select_related("stream").order_by("valid_from", "use", "pk")
    return [registered(row) for row in rows]


@dataclass(frozen=True, slots=True)
class LogKeys:
    """All keys that ever signed checkpoints of a log, read once."""

    rows: tuple[SigningKey, ...]

    def valid(self, size: int | None = None) -> list[VKey]:
        """Those valid for `size` leaves, or those in force now."""
        return [vkey_of(row) for row in self.rows if (row.valid_to is None if size is None else _covers(row, size - 1))]


def log_keys(stream_id: int) -> LogKeys:
    """The keys of the log's checkpoints, the oldest first, each with its ML-DSA-44 companions behind it."""
    rows = SigningKey.objects.filter(stream_id=stream_id, use="checkpoint").order_by("valid_from", "alg", "pk")
    return LogKeys(tuple(rows))


@lru_cache(maxsize=1024)
def vkeys_under(stream_id: int, log: Hash, size: int) -> tuple[VKey, ...]:
    """Verifier keys valid for a size that is signed: later keys change nothing there, so a process asks once.

    `log` is the genesis leaf's hash, which no other log of any database shares.
    """
    del log
    return tuple(log_keys(stream_id).valid(size))


def log_vkeys(stream_id: int, size: int | None = None) -> list[VKey]:
    """Verifier keys of the log's checkpoints, those valid for `size` leaves, or those in force now."""
    return log_keys(stream_id).valid(size)


def vkey_of(key: SigningKey | RegisteredKey) -> VKey:
    """The verifier key under which a checkpoint key signs: its name is the log's origin."""
    name = key.name if isinstance(key, SigningKey) else key.origin
    return make_vkey(name, bytes(key.public), KeyType.MLDSA44 if key.alg == MLDSA44 else KeyType.ED25519)


def is_usable(key: RegisteredKey) -> bool:
    """Whether the signer holds the private half of this key, and of no other under its identity."""
    try:
        return signer().public(key) == key.public
    except KeyUnusable:
        return False


def forget() -> None:
    """Read rows and pauses anew: this process has just changed them."""
    _row_of.cache_clear()
    vkeys_under.cache_clear()
    forget_pauses()


def registered(row: SigningKey) -> RegisteredKey:
    """The key of a row that came with its stream, and the pause of that stream."""
    return replace(_registered(row), paused=pause_reason(row.stream_id))


@lru_cache(maxsize=1024)
def _row_of(kid: str, _minute: int) -> tuple[int, RegisteredKey]:
    row = SigningKey.objects.filter(kid=kid).select_related("stream").first()
    if row is None:
        raise KeyUnusable("A leaf names a key that is not registered", why=f"kid {kid}")
    return row.stream_id, _registered(row)


def _rows(stream_id: int, use: str) -> QuerySet[SigningKey]:
    return SigningKey.objects.filter(stream_id=stream_id, use=use).select_related("stream")


def _covers(row: SigningKey, index: int) -> bool:
    return row.valid_from <= index and (row.valid_to is None or index < row.valid_to)


def _registered(row: SigningKey) -> RegisteredKey:
    sealed = None if row.sealed is None else bytes(row.sealed)
    return RegisteredKey(
        row.use, row.stream.origin, row.kid, bytes(row.public), sealed, row.alg, row.valid_from, row.valid_to
    )
