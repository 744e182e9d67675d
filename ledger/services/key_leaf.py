"""One `key` leaf: a change of a log's keys, signed by the old and the new ones, with the rows that follow it.

Guarantees that leaf, rows and head change in one transaction under the stream's lock; that nothing is signed under
that lock (the statement names the control leaf before it, so a leaf that came between sends us round again, and what
was planned is planned anew); and that the guard knows of the leaf before anybody relies on the new key. Design:
evidence, log key rotation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from django.db import connection, transaction

from ledger.core.control import KEY_PAYLOAD_TYPE, Link, key_statement
from ledger.core.dsse import pae
from ledger.core.envelope import Envelope, build
from ledger.core.head_guard import Receipted
from ledger.core.keys import MLDSA44, DelegatedKey, Use, kid_of
from ledger.core.note import KeyType, make_vkey
from ledger.core.strict_base64 import encode
from ledger.core.times import format_time
from ledger.core.types import JSON, JSONObject, LeafIndex
from ledger.errors import KeyRefused
from ledger.models import KeyUse, SigningKey
from ledger.selectors.keys import forget
from ledger.selectors.streams import StreamView, stream_by_id
from ledger.services.governed import reference, require
from ledger.services.head import Head, advance_control, lock_head, refuse_frozen
from ledger.services.ids import fresh_id
from ledger.services.insert import insert_leaf
from ledger.services.promise import tell
from ledger.services.raw import RawCursor, own_transaction, within
from ledger.services.recovery import ensure_compared
from ledger.storage.signer import Entropy, NewKey, RegisteredKey, signer

ROUNDS = 8
Signatures: TypeAlias = list[JSON]


@dataclass(frozen=True, slots=True)
class Fresh:
    """A key pair with its use and kid, not registered yet."""

    use: str
    kid: str
    pair: NewKey

    @classmethod
    def make(cls, use: str, origin: str, alg: str, entropy: Entropy) -> Fresh:
        """Have the signer make one; raises KeyUnusable."""
        pair = signer().create(use, origin, alg, entropy)
        return cls(use, kid_of(use, origin, pair.public), pair)

    def registered(self, origin: str) -> RegisteredKey:
        """The key as its row will know it."""
        return RegisteredKey(self.use, origin, self.kid, self.pair.public, self.pair.sealed, self.pair.alg)

    def vkey(self, origin: str) -> str:
        """Its C2SP verifier key, for a checkpoint key."""
        kind = KeyType.MLDSA44 if self.pair.alg == MLDSA44 else KeyType.ED25519
        return str(make_vkey(origin, self.pair.public, kind))

    def row(self, stream_id: int, origin: str, index: int) -> SigningKey:
        """The row to insert; valid from the leaf at `index` on."""
        return SigningKey(
            stream_id=stream_id, use=self.use, alg=self.pair.alg, kid=self.kid, public=self.pair.public,
            sealed=self.pair.sealed, name=origin, valid_from=index,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """Keys that a leaf adds, and those in force that it retires; `gone` of the latter cannot sign any more."""

    add: tuple[Fresh, ...] = ()
    retire: tuple[RegisteredKey, ...] = ()
    gone: tuple[RegisteredKey, ...] = ()

    def fields(self, origin: str, control: Link) -> JSONObject:
        """What is signed of the leaf."""
        return {
            "add": [_delegated(key, origin) for key in self.add if key.use != KeyUse.CHECKPOINT],
            "add_log_keys": [key.vkey(origin) for key in self.add if key.use == KeyUse.CHECKPOINT],
            "retire": [key.kid for key in self.retire if key.use != KeyUse.CHECKPOINT],
            "retire_log_keys": [_vkey(key) for key in self.retire if key.use == KeyUse.CHECKPOINT],
            "control_prev": control.to_json(),
        }

    @property
    def receipt_kid(self) -> str | None:
        """The receipt key of leaves behind the change; None where it stays."""
        return next((key.kid for key in self.add if key.use == KeyUse.RECEIPT), None)


def message_of(stream: StreamView, change: Change, control: Link) -> bytes:
    """The bytes (DSSE PAE) that every signer of the leaf signs."""
    return pae(KEY_PAYLOAD_TYPE, key_statement(stream.log, stream.origin, change.fields(stream.origin, control)))


def signed_by(keys: Sequence[RegisteredKey]) -> Callable[[bytes], Signatures]:
    """Signatures of keys that the signer holds; it raises KeyUnusable, SignerPaused."""

    def sign(message: bytes) -> Signatures:
        return [{"keyid": key.kid, "sig": encode(signer().sign(key, message))} for key in keys]

    return sign


@dataclass(frozen=True, slots=True)
class Plan:
    """A change, who signs it, and the decision that it follows: it holds for the keys in force when it was made, and
    for no others.
    """

    change: Change
    sign: Callable[[bytes], Signatures]
    decision: str | None = None


def append_key_leaf(stream: StreamView, plan: Callable[[], Plan]) -> tuple[int, Change]:
    """Append the leaf and change the rows; returns its index and the change that was made.

    Invariant: `plan` reads the keys after the control leaf was read, and every change of keys in force has a control
    leaf. So where that leaf is still the newest under the lock, the keys are those of the plan. Else we plan anew.

    Raises what `plan` refuses with, StreamStopped, StreamClosed, ClockAhead, KeyUnusable, SignerPaused, KeyRefused, and
    what the guard refuses with. After a refusal of the guard the leaf stands, and the guard is told by whoever writes
    next.
    """
    ensure_compared(stream)
    for _ in range(ROUNDS):
        control = control_of(stream)
        made = plan()
        signatures = made.sign(message_of(stream, made.change, control))
        leaf = _placed(stream, made, control, signatures)
        if leaf is not None:
            _told(stream, leaf)
            return int(leaf.index), made.change
    raise KeyRefused("The control leaves of the stream do not come to rest", why=f"{ROUNDS} rounds", next_step="Retry.")


def control_of(stream: StreamView) -> Link:
    """The newest control leaf, which the next one names; raises StreamStopped, StreamClosed, ClockAhead."""
    with own_transaction() as cursor:
        return lock_head(cursor, stream.id).control


def append_key_leaf_within(stream: StreamView, plan: Callable[[], Plan]) -> tuple[int, Change]:
    """As `append_key_leaf`, in the caller's transaction: planned, signed and written under the lock, which a decision
    holds until it ends. The guard is told after the commit.
    """
    ensure_compared(stream)
    with connection.cursor() as outer, within(outer) as cursor:
        head = lock_head(cursor, stream.id)
        made = plan()
        leaf = _written(cursor, stream, head, made, made.sign(message_of(stream, made.change, head.control)))
    transaction.on_commit(lambda: _told(stream, leaf), robust=True)
    return int(leaf.index), made.change


def _placed(stream: StreamView, made: Plan, control: Link, signatures: Signatures) -> Envelope | None:
    """None where another control leaf came between."""
    with own_transaction() as cursor:
        head = lock_head(cursor, stream.id)
        return None if head.control != control else _written(cursor, stream, head, made, signatures)


def _written(cursor: RawCursor, stream: StreamView, head: Head, made: Plan, signatures: Signatures) -> Envelope:
    require(made.decision, "log_key.rotate", "log_key.retire", "log_key.recover")
    refuse_frozen(head)
    fields = made.change.fields(stream.origin, head.control)
    beside: JSONObject = {"signatures": signatures, "decision": reference(made.decision)}
    leaf = build("key", head.origin, head.size, head.last_hash, format_time(head.recorded), {**fields, **beside})
    insert_leaf(cursor, head.stream_id, leaf, head.recorded, fresh_id())
    advance_control(cursor, head, leaf, made.change.receipt_kid)
    _change_rows(stream, made.change, head, leaf.index)
    return leaf


def _told(stream: StreamView, leaf: Envelope) -> None:
    """The guard knows of the leaf, and nobody goes on with the keys of before."""
    forget()
    tell(stream_by_id(stream.id), Receipted(LeafIndex(leaf.index + 1), leaf.leaf_hash))


def _change_rows(stream: StreamView, change: Change, head: Head, index: LeafIndex) -> None:
    """Old ones end before new ones begin: of receipt and export keys one is in force."""
    kids = {key.kid for key in change.retire}
    ended = SigningKey.objects.filter(stream_id=stream.id, kid__in=kids, valid_to__isnull=True).update(valid_to=index)
    if ended != len(kids):
        raise KeyRefused("A key that is to be retired is not in force", why=f"{len(kids) - ended} of {len(kids)}")
    SigningKey.objects.filter(stream_id=stream.id, kid__in={key.kid for key in change.gone}).update(sealed=None)
    SigningKey.objects.bulk_create([key.row(stream.id, head.origin, index) for key in change.add])


def _delegated(key: Fresh, origin: str) -> JSON:
    use: Use = "receipt" if key.use == KeyUse.RECEIPT else "export"
    return DelegatedKey.of(use, origin, key.pair.public).to_json()


def _vkey(key: RegisteredKey) -> str:
    kind = KeyType.MLDSA44 if key.alg == MLDSA44 else KeyType.ED25519
    return str(make_vkey(key.origin, key.public, kind))
