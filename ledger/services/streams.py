"""Creating a stream: its keys, its genesis leaf and its head, in one transaction.

Guarantees a checkpoint, a receipt and an export key of the stream's own, sealed at rest and named in the
genesis leaf, and an origin `<host>/log/<namespace>/<stream>` that is used once. The three platform streams
are made by `ensure_platform`. Whoever creates a stream leaves an event in `_governance/changes`, in that transaction.
"""

from __future__ import annotations

import os
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import IntegrityError

from ledger.core import ed25519
from ledger.core.canonical import canonical
from ledger.core.control import Link
from ledger.core.envelope import Envelope, build
from ledger.core.event import RawEvent
from ledger.core.head_guard import GuardState, Receipted
from ledger.core.keys import ED25519, MLDSA44, DelegatedKey, Use
from ledger.core.note import make_vkey
from ledger.core.schemas import MAX_ORIGIN_BYTES
from ledger.core.strict_base64 import encode
from ledger.core.times import format_time
from ledger.core.types import JSON, Hash, JSONObject
from ledger.errors import NameInvalid, StreamExists, StreamUnknown
from ledger.models import KeyUse, SigningKey, Stream, StreamHead
from ledger.models.stream import (
    DEFAULT_MAX_MERGE_DELAY,
    DEFAULT_WINDOW_AGE,
    DEFAULT_WINDOW_COUNT,
    NAMESPACE_NAME,
    STREAM_NAME,
    ProfileMode,
    WithoutReceipt,
)
from ledger.selectors.streams import StreamView, stream, stream_by_id, written_to
from ledger.services.append import append_within
from ledger.services.clock import check_machine
from ledger.services.drafts import Entropy
from ledger.services.head import lock_head, refuse_closed
from ledger.services.ids import fresh_id
from ledger.services.insert import insert_leaf
from ledger.services.key_leaf import Fresh
from ledger.services.lookup import KEY_BYTES, sealed_lookup_key
from ledger.services.policies import store_policy
from ledger.services.promise import tell
from ledger.services.raw import RawCursor, own_transaction
from ledger.services.recovery import ensure_compared
from ledger.services.restrictions import refuse_creation
from ledger.storage.guards.configured import head_guard
from ledger.storage.guards.errors import HeadGuardAhead, HeadGuardMissing
from ledger.storage.sealing import NONCE_BYTES

CHANGES = ("_governance", "changes")
NO_RECOVERY = (
    "No recovery key was given: if the log key is ever lost, this log ends, and a successor has to continue it. "
    "A recovery key cannot be added later."
)
"""What leaving the recovery key out means, for whoever creates a stream."""
NO_WITNESS = "quorum none\n"
CREATED = "ledger:stream:created"
SOURCE = "urn:countersign:ledger:streams"
PLATFORM = (("_governance", "changes"), ("_platform", "heads"), ("_system", "events"))


@dataclass(frozen=True, slots=True)
class Continues:
    """The head of another log at which the new one takes over; size 0 takes nothing over."""

    origin: str
    size: int
    root: Hash

    def to_json(self) -> JSONObject:
        """The form in which it stands in genesis."""
        return {"origin": self.origin, "size": self.size, "root": self.root.hex()}


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """What a stream is told at its creation; delays and ages in seconds, `recovery_key` 32 bytes of
    Ed25519. `post_quantum` gives it an ML-DSA-44 key besides. `rule` is what follows the log's own line where no
    `policy` is given.
    """

    policy: str | None = None
    rule: str = NO_WITNESS
    recovery_key: bytes | None = None
    max_merge_delay_s: int = DEFAULT_MAX_MERGE_DELAY
    profile_mode: str = ProfileMode.OFF
    without_receipt: str = WithoutReceipt.PENDING
    clear_attributes: bool = False
    window_count: int = DEFAULT_WINDOW_COUNT
    window_age_s: int = DEFAULT_WINDOW_AGE
    post_quantum: bool = False
    continues: Continues | None = None


def create_stream(
    namespace: str, name: str, *, actor: str, policy: str | None = None,
    options: StreamOptions | None = None, entropy: Entropy = os.urandom,
) -> StreamView:  # fmt: skip
    """Create a stream with its genesis leaf; `policy` (C2SP tlog-policy) is `log <vkey>` and the
    options' `rule` (`quorum none`) unless given.

    Raises NameInvalid, StreamExists, PolicyInvalid, WeakKey for a recovery key of small order, HeadGuardAhead
    where the guard remembers a stream of this origin, TenantSuspended, StreamFrozen,
    and what an append to `_governance/changes` is refused with.
    The genesis leaf is the guard's before the stream is given to anybody.
    """
    chosen = options or StreamOptions()
    origin = origin_of(namespace, name)
    if chosen.recovery_key is not None:
        ed25519.check_public(chosen.recovery_key)
    keys = _fresh(origin, chosen, entropy)
    text = policy or chosen.policy or default_policy(origin, keys[0].pair.public, chosen.rule)
    try:
        with own_transaction() as cursor:
            refuse_creation(cursor, namespace)
            row = _row(namespace, name, origin, actor, chosen, entropy)
            genesis = _begin(cursor, row, keys, chosen, store_policy(text))
            _record(cursor, row, genesis, actor)
    except IntegrityError as error:
        raise StreamExists("The name of the stream is taken", why=f"{namespace}/{name}") from error
    made = stream_by_id(row.pk)
    tell(made, Receipted(made.size, made.head_hash))
    return made


def try_creation(namespace: str, name: str, continues: str) -> None:
    """Raise what `create_stream` would be refused with now, for a log that continues the one of origin `continues`:
    the clock, the tenant's restrictions, the ledger in which it is entered, and a guard that remembers a log of that
    name. Nothing is made.
    """
    if is_remembered(origin_of(namespace, name)):
        raise _remembered(origin_of(namespace, name))
    target = _recorded_in((namespace, name), continues)
    if target is not None:
        ensure_compared(target)
    with own_transaction() as cursor:
        refuse_creation(cursor, namespace)
        _now(cursor)
        if target is not None:
            refuse_closed(lock_head(cursor, target.id))


def ensure_platform(*, entropy: Entropy = os.urandom) -> tuple[StreamView, ...]:
    """Make the platform's own streams where they are missing; any number of processes may call it at once."""
    return tuple(_ensured(namespace, name, entropy) for namespace, name in PLATFORM)


def default_policy(origin: str, public: bytes, rule: str = NO_WITNESS) -> str:
    """The policy of a stream by its first key and the lines that follow; no witness is asked for unless they do."""
    return f"log {make_vkey(origin, public)}\n{rule}"


def _ensured(namespace: str, name: str, entropy: Entropy) -> StreamView:
    try:
        return stream(namespace, name)
    except StreamUnknown:
        pass
    try:
        return create_stream(namespace, name, actor="system", entropy=entropy)
    except StreamExists:
        return stream(namespace, name)


def origin_of(namespace: str, name: str) -> str:
    """The origin that a stream of this name has here; raises NameInvalid."""
    if not re.fullmatch(NAMESPACE_NAME.strip("^$"), namespace, re.ASCII):
        raise NameInvalid("Not a namespace", why=repr(namespace)[:80], path="$.namespace")
    if not re.fullmatch(STREAM_NAME.strip("^$"), name, re.ASCII):
        raise NameInvalid("Not a name for a stream", why=repr(name)[:80], path="$.name")
    origin = f"{settings.COUNTERSIGN_PUBLIC_NAME}/log/{namespace}/{name}"
    if len(origin.encode()) > MAX_ORIGIN_BYTES:
        raise NameInvalid("The origin would be longer than 255 bytes", why=origin[:80], path="$.name")
    return origin


def _fresh(origin: str, options: StreamOptions, entropy: Entropy) -> list[Fresh]:
    """A key for each use, the checkpoint's first, and its ML-DSA-44 companion last."""
    made = [Fresh.make(use, origin, ED25519, entropy) for use in KeyUse.values]
    return [*made, Fresh.make(KeyUse.CHECKPOINT, origin, MLDSA44, entropy)] if options.post_quantum else made


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
        without_receipt=options.without_receipt,
        clear_attributes=options.clear_attributes,
        window_count=options.window_count,
        window_age_s=options.window_age_s,
        lookup_key=sealed_lookup_key(origin, entropy(KEY_BYTES), entropy(NONCE_BYTES)),
    )


def _begin(cursor: RawCursor, row: Stream, keys: list[Fresh], options: StreamOptions, policy: str) -> Envelope:
    row.created = _now(cursor)
    row.save(force_insert=True)
    _make_guard(row.origin)
    genesis = build("genesis", row.origin, 0, None, format_time(row.created), _genesis(row, keys, options, policy))
    SigningKey.objects.bulk_create(key.row(row.pk, row.origin, 0) for key in keys)
    insert_leaf(cursor, row.pk, genesis, row.created, uuid.UUID(int=0))
    _head(row, genesis, next(key.kid for key in keys if key.use == KeyUse.RECEIPT)).save(force_insert=True)
    return genesis


def _record(cursor: RawCursor, row: Stream, genesis: Envelope, actor: str) -> None:
    """The event of the creation. The platform's own streams are nobody's decision: their genesis is their record, and
    that of the ledger which continues `_governance/changes` is its own too.
    """
    continues = genesis.fields["continues"]
    target = _recorded_in((row.namespace, row.name), continues["origin"] if isinstance(continues, dict) else None)
    if target is None or target.id == row.pk:
        return
    told: JSONObject = {
        "actor": actor,
        "namespace": row.namespace,
        "name": row.name,
        "origin": row.origin,
        "log": genesis.leaf_hash.hex(),
        "log_keys": genesis.fields["log_keys"],
        "policy": genesis.fields["policy"],
        "recovery_key": genesis.fields["recovery_key"],
        "continues": continues,
    }
    event = RawEvent(
        type=CREATED, id=str(fresh_id()), source=SOURCE, subject=str(row.public_id), payload=canonical(told)
    )
    append_within(cursor, *CHANGES, [event], actor=actor)


def _recorded_in(named: tuple[str, str], replaced: JSON) -> StreamView | None:
    """The ledger that is told of a new stream of that name, which continues the log `replaced`; None where none is."""
    try:
        target = None if named in PLATFORM else written_to(*CHANGES)
    except StreamUnknown:
        return None
    return None if target is None or target.origin == replaced or target.successor is not None else target


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
        raise _remembered(origin)


def is_remembered(origin: str) -> bool:
    """Whether the head guard knows of leaves of this origin; raises what it is refused with."""
    try:
        return head_guard().read(origin) != GuardState()
    except HeadGuardMissing:
        return False


def _remembered(origin: str) -> HeadGuardAhead:
    return HeadGuardAhead("The head guard remembers a stream of this name, and the database has none", why=origin)


def _genesis(row: Stream, keys: list[Fresh], options: StreamOptions, policy: str) -> JSONObject:
    uses: dict[str, Use] = {KeyUse.RECEIPT: "receipt", KeyUse.EXPORT: "export"}
    recovery, continues = options.recovery_key, options.continues
    return {
        "log_keys": [key.vkey(row.origin) for key in keys if key.use == KeyUse.CHECKPOINT],
        "delegated": [
            DelegatedKey.of(uses[key.use], row.origin, key.pair.public).to_json() for key in keys if key.use in uses
        ],
        "max_merge_delay": row.max_merge_delay_s,
        "recovery_key": None if recovery is None else encode(recovery),
        "policy": policy,
        "continues": None if continues is None else continues.to_json(),
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
