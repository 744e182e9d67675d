"""Creating a stream: its keys, its genesis leaf and its head, in one transaction.

Guarantees a checkpoint, a receipt and an export key of the stream's own, sealed at rest and named in the
genesis leaf, and an origin `<host>/log/<namespace>/<stream>` that is used once. The three platform streams
are made by `ensure_platform`.
"""

from __future__ import annotations

import os
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import IntegrityError
from nacl.signing import SigningKey as Ed25519Key

from ledger.core.control import Link
from ledger.core.envelope import Envelope, build
from ledger.core.head_guard import GuardState, Receipted
from ledger.core.keys import DelegatedKey, Use, kid_of
from ledger.core.note import make_vkey
from ledger.core.schemas import MAX_ORIGIN_BYTES
from ledger.core.strict_base64 import encode
from ledger.core.times import format_time
from ledger.core.types import JSONObject
from ledger.errors import NameInvalid, StreamExists, StreamUnknown
from ledger.models import KeyUse, SigningKey, Stream, StreamHead
from ledger.models.stream import (
    DEFAULT_MAX_MERGE_DELAY,
    DEFAULT_WINDOW_AGE,
    DEFAULT_WINDOW_COUNT,
    NAMESPACE_NAME,
    STREAM_NAME,
    ProfileMode,
)
from ledger.selectors.streams import StreamView, stream, stream_by_id
from ledger.services.clock import check_machine
from ledger.services.drafts import Entropy
from ledger.services.ids import fresh_id
from ledger.services.insert import insert_leaf
from ledger.services.lookup import KEY_BYTES, sealed_lookup_key
from ledger.services.policies import store_policy
from ledger.services.promise import tell
from ledger.services.raw import RawCursor, own_transaction
from ledger.storage.guards.configured import head_guard
from ledger.storage.guards.errors import HeadGuardAhead
from ledger.storage.sealing import NONCE_BYTES, associated, seal
from ledger.storage.signer import SEED_BYTES

PLATFORM = (("_governance", "changes"), ("_platform", "heads"), ("_system", "events"))


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """What a stream is told at its creation; delays and ages in seconds, `recovery_key` 32 bytes of
    Ed25519.
    """

    policy: str | None = None
    recovery_key: bytes | None = None
    max_merge_delay_s: int = DEFAULT_MAX_MERGE_DELAY
    profile_mode: str = ProfileMode.OFF
    clear_attributes: bool = False
    window_count: int = DEFAULT_WINDOW_COUNT
    window_age_s: int = DEFAULT_WINDOW_AGE


@dataclass(frozen=True, slots=True)
class _Fresh:
    """A key pair before it has a stream."""

    use: str
    kid: str
    public: bytes
    sealed: bytes


def create_stream(
    namespace: str, name: str, *, actor: str, policy: str | None = None,
    options: StreamOptions | None = None, entropy: Entropy = os.urandom,
) -> StreamView:  # fmt: skip
    """Create a stream with its genesis leaf; `policy` (C2SP tlog-policy) is `log <vkey>` and `quorum none`
    unless given.

    Raises NameInvalid, StreamExists, PolicyInvalid, HeadGuardAhead where the guard remembers a stream of this
    origin, and HeadGuardUnreachable; the genesis leaf is the guard's before the stream is given to anybody.
    """
    chosen = options or StreamOptions()
    origin = _origin(namespace, name)
    keys = [_fresh(use, origin, entropy) for use in KeyUse.values]
    text = policy or chosen.policy or default_policy(origin, keys[0].public)
    try:
        with own_transaction() as cursor:
            row = _row(namespace, name, origin, actor, chosen, entropy)
            _begin(cursor, row, keys, chosen.recovery_key, store_policy(text))
    except IntegrityError as error:
        raise StreamExists("The name of the stream is taken", why=f"{namespace}/{name}") from error
    made = stream_by_id(row.pk)
    tell(made, Receipted(made.size, made.head_hash))
    return made


def ensure_platform(*, entropy: Entropy = os.urandom) -> tuple[StreamView, ...]:
    """Make the platform's own streams where they are missing; any number of processes may call it at once."""
    return tuple(_ensured(namespace, name, entropy) for namespace, name in PLATFORM)


def default_policy(origin: str, public: bytes) -> str:
    """The policy of a stream that asks for no witness yet."""
    return f"log {make_vkey(origin, public)}\nquorum none\n"


def _ensured(namespace: str, name: str, entropy: Entropy) -> StreamView:
    try:
        return stream(namespace, name)
    except StreamUnknown:
        pass
    try:
        return create_stream(namespace, name, actor="system", entropy=entropy)
    except StreamExists:
        return stream(namespace, name)


def _origin(namespace: str, name: str) -> str:
    if not re.fullmatch(NAMESPACE_NAME.strip("^$"), namespace, re.ASCII):
        raise NameInvalid("Not a namespace", why=repr(namespace)[:80], path="$.namespace")
    if not re.fullmatch(STREAM_NAME.strip("^$"), name, re.ASCII):
        raise NameInvalid("Not a name for a stream", why=repr(name)[:80], path="$.name")
    origin = f"{settings.COUNTERSIGN_PUBLIC_NAME}/log/{namespace}/{name}"
    if len(origin.encode()) > MAX_ORIGIN_BYTES:
        raise NameInvalid("The origin would be longer than 255 bytes", why=origin[:80], path="$.name")
    return origin


def _fresh(use: str, origin: str, entropy: Entropy) -> _Fresh:
    seed = entropy(SEED_BYTES)
    public = bytes(Ed25519Key(seed).verify_key)
    sealed = seal(seed, associated(use, origin, public), entropy(NONCE_BYTES))
    return _Fresh(use, kid_of(use, origin, public), public, sealed)


def _row(namespace: str, name: str, origin: str, actor: str, options: StreamOptions, entropy: Entropy) -> Stream:
    public_id = fresh_id()
    return Stream(
        public_id=public_id,
        namespace=namespace,
        name=name,
        origin=origin,
        created_by=actor,
        max_merge_delay_s=options.max_merge_delay_s,
        profile_mode=options.profile_mode,
        clear_attributes=options.clear_attributes,
        window_count=options.window_count,
        window_age_s=options.window_age_s,
        lookup_key=sealed_lookup_key(origin, entropy(KEY_BYTES), entropy(NONCE_BYTES)),
    )


def _begin(cursor: RawCursor, row: Stream, keys: list[_Fresh], recovery: bytes | None, policy: str) -> None:
    row.created = _now(cursor)
    row.save(force_insert=True)
    _make_guard(row.origin)
    genesis = build("genesis", row.origin, 0, None, format_time(row.created), _genesis(row, keys, recovery, policy))
    SigningKey.objects.bulk_create(
        SigningKey(stream=row, use=key.use, kid=key.kid, public=key.public, sealed=key.sealed, name=row.origin)
        for key in keys
    )
    insert_leaf(cursor, row.pk, genesis, row.created, uuid.UUID(int=0))
    _head(row, genesis, next(key.kid for key in keys if key.use == KeyUse.RECEIPT)).save(force_insert=True)


def _now(cursor: RawCursor) -> datetime:
    machine = datetime.now(UTC)
    row = cursor.execute("SELECT clock_timestamp()").fetchone()
    now: datetime = row[0] if row is not None else machine
    check_machine(now, machine)
    return now


def _make_guard(origin: str) -> None:
    """Before the genesis leaf, and after the row, for which all who want the name wait in turn.

    An empty document is what somebody left who was killed before the commit.
    """
    if not head_guard().create(origin) and head_guard().read(origin) != GuardState():
        raise HeadGuardAhead("The head guard remembers a stream of this name, and the database has none", why=origin)


def _genesis(row: Stream, keys: list[_Fresh], recovery: bytes | None, policy: str) -> JSONObject:
    uses: tuple[Use, ...] = ("receipt", "export")
    public = {key.use: key.public for key in keys}
    return {
        "log_keys": [str(make_vkey(row.origin, public[KeyUse.CHECKPOINT]))],
        "delegated": [DelegatedKey.of(use, row.origin, public[use]).to_json() for use in uses],
        "max_merge_delay": row.max_merge_delay_s,
        "recovery_key": None if recovery is None else encode(recovery),
        "policy": policy,
        "continues": None,
        "control_prev": None,
    }


def _head(row: Stream, genesis: Envelope, kid: str) -> StreamHead:
    control = Link.to(genesis)
    return StreamHead(
        stream=row,
        size=1,
        last_hash=genesis.leaf_hash,
        last_recorded=row.created,
        control_index=control.index,
        control_hash=control.leaf_hash,
        receipt_kid=kid,
        window_opened=row.created,
        events_open=1,
        waiting_since=row.created,
    )
