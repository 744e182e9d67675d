"""Head guards: what the newest receipt and the newest checkpoint were, kept where no restore of the database
reaches.

Guarantees for every backend: a state is made only where there is none, changes only forward and only on top
of leaves which the caller's database holds, and an answer is given after the change would survive a power
failure. Design: durability, guard stores.
"""

from __future__ import annotations

from pathlib import Path

from ledger.storage.guards.errors import HeadGuardUnreachable
from ledger.storage.guards.file import FileGuard
from ledger.storage.guards.memory import MemoryGuard
from ledger.storage.guards.protocol import HeadGuard
from ledger.storage.guards.s3 import Place, S3Guard

__all__ = ["FileGuard", "HeadGuard", "MemoryGuard", "S3Guard", "open_guard"]


def open_guard(url: str) -> HeadGuard:
    """Open the guard at `file:///directory`, `redis://…`, `rediss://…`, `unix://…`, `s3://bucket/prefix` or
    `memory:`.

    Raises HeadGuardUnreachable where it does not answer or cannot promise what a guard must.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "file":
        return FileGuard(Path(rest.removeprefix("//")))
    if scheme in {"redis", "rediss", "unix"}:
        from ledger.storage.guards.redis import RedisGuard  # noqa: PLC0415  its client takes 5 MB of every process

        return RedisGuard(url)
    if scheme == "s3":
        return S3Guard(Place.of(url))
    if scheme == "memory":
        return MemoryGuard()
    raise HeadGuardUnreachable("Not a head guard", why=f"{scheme}: is not file, redis, rediss, unix or s3")
