"""Rotation of a stream's keys: add, retire, destroy (design: evidence, log key rotation).

Guarantees that a log never loses its last checkpoint key, whoever else changes its keys meanwhile; that old and new
checkpoint key overlap until the old one is retired by a leaf of its own; and that a private half goes only when every
signature that it owes is stored. Who may do it is decided by the caller; each step leaves its control leaf in the log
and an event in `_system/events`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from ledger.core.keys import ED25519, MLDSA44
from ledger.errors import KeyRefused, NotThere
from ledger.models import Bundle, JobState, KeyUse, Leaf, Receipt, SigningKey
from ledger.selectors.keys import forget, key_in_force, keys_of, signing_keys
from ledger.selectors.streams import StreamView, stream_by_id
from ledger.services.governed import require
from ledger.services.head import refuse_frozen
from ledger.services.key_leaf import Change, Fresh, Plan, append_key_leaf, append_key_leaf_within, signed_by
from ledger.services.system_events import SystemEvent, record
from ledger.storage.signer import Entropy, RegisteredKey

MANY = 2


@dataclass(frozen=True, slots=True)
class KeyChanged:
    """What a change came to: the index of its leaf (None: there is none), kids that came and that went."""

    index: int | None
    added: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()


def rotate(
    stream: StreamView, use: str, *, actor: str, alg: str = ED25519, dry_run: bool = False,
    entropy: Entropy = os.urandom, decision: str | None = None,
) -> KeyChanged:  # fmt: skip
    """Give the stream a new key for `use`: a receipt or export key replaces the old one at once, a checkpoint key
    joins it until `retire`. `alg` `ml-dsa-44` is for checkpoints alone. With a `decision` it joins the caller's
    transaction, as `retire` and `destroy` do.

    Raises DecisionNeeded, StreamFrozen, KeyRefused where an overlap is open already, KeyUnusable, SignerPaused, and
    what an append raises.
    """
    old = _checked_rotation(stream, use, alg)
    if dry_run:
        return KeyChanged(None, (), tuple(key.kid for key in old))
    require(decision, "log_key.rotate")
    made = Fresh.make(use, stream.origin, alg, entropy)
    also = (made.registered(stream.origin),) if use == KeyUse.CHECKPOINT else ()

    def plan() -> Plan:
        change = Change(add=(made,), retire=_checked_rotation(stream, use, alg))
        return Plan(change, signed_by((*_log_keys(stream), *also)), decision)

    index, change = append(stream, plan, decision)
    return recorded(stream, KeyChanged(index, (made.kid,), tuple(key.kid for key in change.retire)), actor, use)


def _checked_rotation(stream: StreamView, use: str, alg: str) -> tuple[RegisteredKey, ...]:
    """The keys that the new one replaces in the same leaf."""
    if alg == MLDSA44 and use != KeyUse.CHECKPOINT:
        raise KeyRefused("ML-DSA-44 is a second line on checkpoints", why=f"asked for {use}")
    if use != KeyUse.CHECKPOINT:
        return (key_in_force(stream.id, use),)
    held = [key for key in _in_force(stream) if key.alg == alg]
    if len(held) >= MANY:
        raise KeyRefused(
            "A rotation is open: two keys sign already",
            why=", ".join(key.kid for key in held),
            next_step="Retire the old one first: key_retire NS/NAME KID.",
        )
    return ()


def append(stream: StreamView, plan: Callable[[], Plan], decision: str | None) -> tuple[int, Change]:
    """Append a key leaf: in the transaction of the decision, else in one of its own."""
    return append_key_leaf(stream, plan) if decision is None else append_key_leaf_within(stream, plan)


def retire(
    stream: StreamView, kid: str, *, actor: str, dry_run: bool = False, decision: str | None = None
) -> KeyChanged:  # fmt: skip
    """End an old checkpoint key: from the next checkpoint on its line is gone, and a head by it alone is incomplete.

    Raises DecisionNeeded, StreamFrozen, NotThere, KeyRefused for the last key, and what an append raises.
    """
    key, _ = _checked_retirement(stream, kid)
    if dry_run:
        return KeyChanged(None, (), (kid,))
    require(decision, "log_key.retire")

    def plan() -> Plan:
        ending, left = _checked_retirement(stream, kid)
        signers = [one for one in (*left, ending) if one.alg == ED25519]
        return Plan(Change(retire=(ending,)), signed_by(signers), decision)

    index, _ = append(stream, plan, decision)
    return recorded(stream, KeyChanged(index, (), (kid,)), actor, key.use)


def _checked_retirement(stream: StreamView, kid: str) -> tuple[RegisteredKey, list[RegisteredKey]]:
    """The key that ends, and the Ed25519 checkpoint keys that stay in force, of which there is one at least."""
    key = key_of(stream, kid)
    left = [other for other in _in_force(stream) if other.kid != kid and other.alg == ED25519]
    if key.is_retired or key.use != KeyUse.CHECKPOINT:
        why = "it is retired" if key.is_retired else f"it is the {key.use} key"
        raise KeyRefused("Only a checkpoint key in force is retired by itself", why=why, next_step="Rotate the others.")
    if not left:
        raise KeyRefused("A log keeps an Ed25519 checkpoint key", why=f"{kid} is the last", next_step="Rotate first.")
    return key, left


def destroy(
    stream: StreamView, kid: str, *, actor: str, dry_run: bool = False, decision: str | None = None
) -> KeyChanged:  # fmt: skip
    """Let the private half of a retired key go, for ever. Raises DecisionNeeded, NotThere, StreamFrozen, and
    KeyRefused while a signature by it may still be needed.
    """
    key = key_of(stream, kid)
    owed = owes(stream_by_id(stream.id), key)
    if owed:
        raise KeyRefused("The private key is still needed", why=owed)
    if not dry_run:
        require(decision, "log_key.destroy")
        refuse_frozen(stream_by_id(stream.id))
        SigningKey.objects.filter(stream_id=stream.id, kid=kid, valid_to__isnull=False).update(sealed=None)
        told = {"stream": stream.origin, "kid": kid, "use": key.use, "actor": actor}
        transaction.on_commit(forget)
        transaction.on_commit(lambda: record(SystemEvent.KEY_DESTROYED, told), robust=decision is not None)
    return KeyChanged(None)


def owes(stream: StreamView, key: RegisteredKey) -> str:
    """Why the private half of a key must stay, in words; '' where every signature it owes is stored."""
    if key.valid_to is None:
        return "the key is in force: retire it first"
    if stream.signed_size <= key.valid_to:
        return f"no checkpoint covers leaf {key.valid_to:,}, which retired it: seal first"
    if key.use == KeyUse.RECEIPT and (lacking := _without_receipt(stream, key)):
        return f"{lacking:,} events below leaf {key.valid_to:,} have no stored receipt"
    if key.use == KeyUse.EXPORT and (unwritten := _open_exports(stream, key.valid_to)):
        return f"{unwritten:,} bundles under heads of its time are not written yet"
    return ""


def key_of(stream: StreamView, kid: str) -> RegisteredKey:
    """The stream's key of that kid; raises NotThere."""
    found = next((key for key in keys_of(stream.id) if key.kid == kid), None)
    if found is None:
        raise NotThere("The stream has no such key", why=kid, next_step="keys NS/NAME lists them.")
    return found


def _without_receipt(stream: StreamView, key: RegisteredKey) -> int:
    stored = Receipt.objects.filter(stream_id=stream.id, index__gte=key.valid_from, index__lt=key.valid_to)
    events = Leaf.objects.filter(stream_id=stream.id, index__gte=key.valid_from, index__lt=key.valid_to, kind="event")
    return events.count() - stored.count()


def _open_exports(stream: StreamView, retired_at: int) -> int:
    waiting = Bundle.objects.filter(stream_id=stream.id, head_size__lte=retired_at)
    return waiting.filter(job__state__in=[JobState.QUEUED, JobState.RUNNING]).count()


def _in_force(stream: StreamView) -> list[RegisteredKey]:
    return [key for key in keys_of(stream.id) if key.use == KeyUse.CHECKPOINT and not key.is_retired]


def _log_keys(stream: StreamView) -> tuple[RegisteredKey, ...]:
    """The log's Ed25519 keys in force, which sign every key leaf."""
    now = stream_by_id(stream.id)
    return tuple(key for key in signing_keys(now.id, now.size + 1) if key.alg == ED25519)


def recorded(stream: StreamView, changed: KeyChanged, actor: str, use: str) -> KeyChanged:
    """The change, once it stands in `_system/events`: after the commit, where a decision's transaction is open."""
    told = {
        "stream": stream.origin, "use": use, "index": changed.index, "added": list(changed.added),
        "retired": list(changed.retired), "actor": actor,
    }  # fmt: skip
    transaction.on_commit(lambda: record(SystemEvent.KEYS_CHANGED, told))
    return changed
