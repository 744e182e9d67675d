"""Facts of the installation for readiness and metrics: the database, the signer, the workers, the head guard,
and totals.

Guarantees that nothing here changes a row, and that no fact names a tenant, a namespace or a stream.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Count, Q
from nacl.signing import SigningKey as Ed25519Key

from ledger.core.keys import kid_of
from ledger.errors import SignerPaused
from ledger.models import Checkpoint, Job, SigningKey, Stream, StreamHead, WorkerBeat
from ledger.selectors.guard_verdict import verdict
from ledger.selectors.keys import key_by_kid
from ledger.selectors.streams import StreamView, stream_by_id
from ledger.storage.guards.configured import head_guard
from ledger.storage.guards.errors import HeadGuardMissing
from ledger.storage.sealing import NONCE_BYTES, associated, seal
from ledger.storage.signer import SEED_BYTES, RegisteredKey, signer

_FACTS = """
SELECT current_user, current_setting('server_version'), current_setting('fsync') = 'on',
       current_setting('synchronous_commit') <> 'off',
       (SELECT count(*) FROM pg_class
        WHERE relowner = current_user::regrole AND relkind IN ('r', 'p', 'S') AND relpersistence <> 't'),
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
"""
_REFUSALS = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM ledger_refusals"
PROBE = "readiness"
GUARD_SAMPLE = 32
SIGNER_SAMPLE = 8


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """How the database runs, and as whom it is used; `owned` counts tables and sequences of that role."""

    role: str
    version: str
    fsync: bool
    synchronous_commit: bool
    owned: int
    superuser: bool


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all streams; `refusals` is how often a trigger refused to change evidence."""

    streams: int
    stopped: int
    leaves: int
    checkpoints: int
    refusals: int
    jobs: dict[str, int] = field(default_factory=dict)


def database_facts() -> DatabaseFacts:
    """Durability settings and rights, as this connection has them."""
    with connection.cursor() as cursor:
        cursor.execute(_FACTS)
        return DatabaseFacts(*cursor.fetchone())


def applied_migrations() -> frozenset[tuple[str, str]]:
    """Pairs of app and name that the database has applied."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return frozenset((app, name) for app, name in cursor.fetchall())


def database_clock() -> datetime:
    """The database's time, now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
        return found


def newest_beat() -> datetime | None:
    """When a worker was last heard of."""
    row = WorkerBeat.objects.order_by("-beat").first()
    return row.beat if row is not None else None


@dataclass(frozen=True, slots=True)
class SignerProof:
    """How many streams' keys signed and verified just now (0: a probe key did), and how many are paused."""

    streams: int
    keys: int
    paused: int


def probe_signer(now: datetime) -> SignerProof:
    """Sign with every checkpoint key in force of a sample of streams, and verify under the registered halves.

    The platform's own streams first, then those written last; where there is none, a probe sealed the same way.
    Raises KeyUnusable.
    """
    message = b"countersign/readiness\0" + now.isoformat().encode()
    ids, keys, paused = _sample(SIGNER_SAMPLE), 0, 0
    for stream_id in ids:
        rows = SigningKey.objects.filter(stream_id=stream_id, use="checkpoint", valid_to__isnull=True)
        found = [key_by_kid(kid) for kid in rows.values_list("kid", flat=True)]
        try:
            keys += len([signer().sign(key, message) for key in found])
        except SignerPaused:
            paused += 1
    if not ids:
        signer().sign(_probe(), message)
    return SignerProof(len(ids) - paused, keys, paused)


def _sample(size: int) -> list[int]:
    """Streams that take events: the platform's own first, which a restore moves back most surely, then those written
    last.
    """
    rows = Stream.objects.filter(head__isnull=False, head__successor__isnull=True)
    rows = rows.annotate(own=Q(namespace__startswith="_"))
    return list(rows.order_by("-own", "-head__last_recorded").values_list("pk", flat=True)[:size])


def _probe() -> RegisteredKey:
    seed = os.urandom(SEED_BYTES)
    public = bytes(Ed25519Key(seed).verify_key)
    sealed = seal(seed, associated("checkpoint", PROBE, public), os.urandom(NONCE_BYTES))
    return RegisteredKey("checkpoint", PROBE, kid_of("checkpoint", PROBE, public), public, sealed)


def ask_head_guard() -> None:
    """Have the guard answer, whatever it holds; raises HeadGuardUnreachable, HeadGuardCorrupt."""
    with suppress(HeadGuardMissing):
        head_guard().read(PROBE)


def guarded() -> tuple[int, Counter[str]]:
    """How many streams were compared with the guard, and how many of them it refuses by which code.

    A closed one is left out: its successor speaks for it.
    """
    ids = _sample(GUARD_SAMPLE)
    codes = (verdict(stream_by_id(stream_id)).code for stream_id in ids)
    return len(ids), Counter(code for code in codes if code)


def all_streams() -> Iterator[StreamView]:
    """Every stream, for counting."""
    for stream_id in Stream.objects.filter(head__isnull=False).order_by("pk").values_list("pk", flat=True):
        yield stream_by_id(stream_id)


def totals() -> Totals:
    """Sums for metrics."""
    heads = list(StreamHead.objects.values_list("size", "stopped"))
    jobs = Job.objects.values_list("state").annotate(Count("pk"))
    with connection.cursor() as cursor:
        cursor.execute(_REFUSALS)
        refusals: int = cursor.fetchone()[0]
    return Totals(
        streams=len(heads),
        stopped=sum(stopped is not None for _, stopped in heads),
        leaves=sum(size for size, _ in heads),
        checkpoints=Checkpoint.objects.count(),
        refusals=refusals,
        jobs=dict(jobs),
    )
