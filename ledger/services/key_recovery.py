"""A log key is lost: the recovery key of genesis brings a new one, in one `key` leaf that also retires the lost keys.

Guarantees that the recovery key's private half never comes here: `propose` makes the new keys and the exact bytes to
sign, somebody signs them elsewhere, `apply` verifies that signature under the recovery key of genesis before the leaf
is written. New private halves travel in the proposal sealed, so nothing is stored until it is applied. Whatever key can
still sign is left alone. Design: evidence, log key rotation.
"""

from __future__ import annotations

import base64
import os
from typing import cast

from ledger.core import ed25519
from ledger.core.canonical import canonical
from ledger.core.control import Link
from ledger.core.fields import Schema, base64_of, check_fields, closed, hex_hash, index, list_of, one_of, text
from ledger.core.keys import ED25519, decode_base64, kid_of
from ledger.core.schemas import MAX_ORIGIN_BYTES
from ledger.core.strict_base64 import encode
from ledger.core.strict_json import parse
from ledger.core.types import JSON, JSONObject
from ledger.errors import KeyRefused, LeafSchema
from ledger.models import KeyUse
from ledger.selectors.keys import is_usable, keys_of
from ledger.selectors.leaves import leaf
from ledger.selectors.streams import StreamView
from ledger.services.governed import require
from ledger.services.key_leaf import Change, Fresh, Plan, control_of, message_of, signed_by
from ledger.services.key_leaf import Signatures as Rows
from ledger.services.keys import KeyChanged, append, recorded
from ledger.services.recovery import ensure_compared
from ledger.storage.signer import Entropy, NewKey, RegisteredKey

FORM = "countersign/recovery/1"
SIGNATURE_BYTES = 64
_key = closed({"use": one_of(*KeyUse.values), "public": base64_of(32), "sealed": base64_of()})
_SCHEMA: Schema = {
    "v": one_of(FORM),
    "origin": text(MAX_ORIGIN_BYTES),
    "log": hex_hash,
    "control_prev": closed({"index": index, "leaf_hash": hex_hash}),
    "add": list_of(_key, least=1),
    "retire": list_of(text(32), least=1),
    "message": base64_of(),
}


def recovery_public(stream: StreamView) -> bytes:
    """The recovery key that genesis names; raises KeyRefused where it names none."""
    value = leaf(stream, 0).parsed.fields["recovery_key"]
    if not isinstance(value, str):
        raise KeyRefused(
            "The stream was created without a recovery key",
            why=stream.origin,
            next_step="Open a successor: stream_continue NS/NAME NEW_NAME.",
        )
    return decode_base64(value)


def propose(stream: StreamView, *, entropy: Entropy = os.urandom) -> bytes:
    """A proposal to be signed: canonical JSON whose `message` (base64) the recovery key has to sign, Ed25519.

    Raises KeyRefused where there is no recovery key, or no log key is lost.
    """
    recovery_public(stream)
    lost = _lost(stream)
    add = tuple(
        Fresh.make(use, stream.origin, ED25519, entropy)
        for use in KeyUse.values
        if any(key.use == use and key.alg == ED25519 for key in lost)
    )
    control, change = control_of(stream), Change(add, lost, lost)
    value: JSONObject = {
        "v": FORM,
        "origin": stream.origin,
        "log": stream.log.hex(),
        "control_prev": control.to_json(),
        "add": [{"use": key.use, "public": encode(key.pair.public), "sealed": encode(key.pair.sealed)} for key in add],
        "retire": [key.kid for key in lost],
        "message": encode(message_of(stream, change, control)),
    }
    return canonical(value)


def apply(
    stream: StreamView, proposal: bytes, signature: bytes, *, actor: str, decision: str | None = None
) -> KeyChanged:  # fmt: skip
    """Append the leaf that was proposed. Raises DecisionNeeded, StreamFrozen, KeyRefused where the signature is not
    the recovery key's, or the log has another control leaf by now; KeyUnusable, LeafSchema, and what an append raises.
    """
    require(decision, "log_key.recover")
    value = _read(stream, proposal)
    change, message = _change(stream, value), decode_base64(value["message"])
    public = recovery_public(stream)
    if len(signature) != SIGNATURE_BYTES or not ed25519.verify(public, message, signature):
        raise KeyRefused("The signature is not the recovery key's over this proposal", why=stream.origin)
    ours = signed_by([key.registered(stream.origin) for key in change.add if key.use == KeyUse.CHECKPOINT])

    def sign(asked: bytes) -> Rows:
        if asked != message:
            why = "the log has another control leaf by now"
            raise KeyRefused("The proposal is out of date", why=why, next_step="Propose anew.")
        recovery: JSON = {"keyid": kid_of("recovery", stream.origin, public), "sig": encode(signature)}
        return [recovery, *ours(asked)]

    ensure_compared(stream)
    found, _ = append(stream, lambda: Plan(change, sign, decision), decision)
    added, retired = (tuple(key.kid for key in keys) for keys in (change.add, change.retire))
    return recorded(stream, KeyChanged(found, added, retired), actor, "recovery")


def read_publics(proposal: bytes) -> frozenset[bytes]:
    """The public keys that a proposal brings; raises JSONInvalid, LeafSchema."""
    rows = cast("list[dict[str, str]]", _object(proposal)["add"])
    return frozenset(decode_base64(row["public"]) for row in rows)


def _object(proposal: bytes) -> JSONObject:
    value = parse(proposal)
    if not isinstance(value, dict):
        raise LeafSchema("A proposal must be a JSON object")
    check_fields(value, _SCHEMA)
    return value


def _lost(stream: StreamView) -> tuple[RegisteredKey, ...]:
    """Keys in force that cannot sign; a log key must be among them, or there is nothing to recover."""
    lost = tuple(key for key in keys_of(stream.id) if not key.is_retired and not is_usable(key))
    held = [key for key in keys_of(stream.id) if key.use == KeyUse.CHECKPOINT and key.alg == ED25519]
    left = [key for key in held if not key.is_retired and key not in lost]
    if left:
        raise KeyRefused("The log has a key that signs", why=left[0].kid, next_step="Rotate the others: key_rotate.")
    return lost


def _read(stream: StreamView, proposal: bytes) -> JSONObject:
    value = _object(proposal)
    if (value["origin"], value["log"]) != (stream.origin, stream.log.hex()):
        raise KeyRefused("The proposal is of another log", why=str(value["origin"]))
    return value


def _change(stream: StreamView, value: JSONObject) -> Change:
    add = [
        _fresh(stream, row["use"], decode_base64(row["public"]), decode_base64(row["sealed"]))
        for row in cast("list[dict[str, str]]", value["add"])
    ]
    kids = cast("list[str]", value["retire"])
    retire = tuple(key for key in keys_of(stream.id) if key.kid in kids)
    if len(retire) != len(kids):
        raise KeyRefused("The proposal retires a key that the log does not have", why=", ".join(kids))
    change = Change(tuple(add), retire, retire)
    told = message_of(stream, change, Link.from_json(value["control_prev"]))
    if base64.b64encode(told).decode() != value["message"]:
        raise KeyRefused("The proposal was altered", why="its fields do not give the bytes that were signed")
    return change


def _fresh(stream: StreamView, use: str, public: bytes, sealed: bytes) -> Fresh:
    return Fresh(use, kid_of(use, stream.origin, public), NewKey(ED25519, public, sealed))
