"""The closed schema of every kind of leaf (design: stream, kinds and control leaves).

`COMMON` stands in every envelope; `KINDS` adds the fields of each kind. `CONTROL` names the kinds that are
linked by `control_prev`, so that the history of keys, policies and pauses is complete by walking back from
the newest manifest.
"""

from __future__ import annotations

from typing import Final

from ledger.core.fields import (
    Check,
    Schema,
    base64_of,
    boolean,
    closed,
    distinct,
    hex_hash,
    index,
    list_of,
    moment,
    nullable,
    number,
    one_of,
    text,
)
from ledger.core.spans import spans
from ledger.core.types import JSON
from ledger.errors import LeafSchema

VERSION: Final = "countersign/1"
MAX_ORIGIN_BYTES = 255
MAX_TYPE_BYTES = 256
MAX_REASON_BYTES = 1024
MAX_VKEY_BYTES = 4096

CONTROL: Final = frozenset({"genesis", "key", "policy", "reliance", "segment", "terms", "closed"})

MAX_MERGE_DELAY_S: Final = 366 * 86_400
MAX_DAYS: Final = 36_600
MAX_ACTOR_BYTES = 128
PARTS: Final = ("attrs", "payload")
ERASURE_REASONS: Final = ("retention", "subject", "order", "mistake", "other")
"""Why content was erased: its time was over, its subject asked, an authority ordered it, it was sent by mistake."""
GAP_CAUSES: Final = ("silence", "sequence", "refused")


def _merge_delay(value: JSON) -> None:
    """Seconds, at most a year of 366 days: a later promise would promise nothing."""
    index(value)
    if isinstance(value, int) and value > MAX_MERGE_DELAY_S:
        raise LeafSchema(f"A merge delay is at most {MAX_MERGE_DELAY_S:,} seconds", why=str(value))


_link: Check = closed({"index": index, "leaf_hash": hex_hash})
_head: Check = closed({"origin": text(MAX_ORIGIN_BYTES), "size": index, "root": hex_hash})
_decision: Check = closed({"origin": text(MAX_ORIGIN_BYTES), "change": text(64)})
_delegated: Check = closed(
    {"alg": one_of("ed25519"), "kid": text(32), "public": base64_of(32), "use": one_of("receipt", "export")}
)
_signature: Check = closed({"keyid": text(MAX_VKEY_BYTES), "sig": base64_of()})
_reason: Check = text(MAX_REASON_BYTES)
_vkey: Check = text(MAX_VKEY_BYTES)

COMMON: Final[Schema] = {
    "v": one_of(VERSION),
    "kind": text(16),
    "origin": text(MAX_ORIGIN_BYTES),
    "index": index,
    "prev": nullable(hex_hash),
    "recorded": moment,
}

_GENESIS: Schema = {
    "log_keys": list_of(_vkey, least=1),
    "delegated": list_of(_delegated, least=2),
    "max_merge_delay": _merge_delay,
    "recovery_key": nullable(base64_of(32)),
    "policy": hex_hash,
    "continues": nullable(_head),
    "control_prev": nullable(_link),
}
_EVENT: Schema = {"type": text(MAX_TYPE_BYTES), "attrs": hex_hash, "payload": hex_hash}
_WINDOW: Schema = {
    "number": index,
    "from": index,
    "to": index,
    "count": index,
    "root": hex_hash,
    "opened": moment,
    "closed": moment,
    "reason": one_of("count", "age", "request"),
    "control": _link,
}
_KEY: Schema = {
    "add": list_of(_delegated),
    "add_log_keys": list_of(_vkey),
    "retire": list_of(text(32)),
    "retire_log_keys": list_of(_vkey),
    "signatures": list_of(_signature, least=1),
    "decision": nullable(_decision),
    "control_prev": _link,
}
_POLICY: Schema = {"policy": hex_hash, "decision": nullable(_decision), "control_prev": _link}
_RELIANCE: Schema = {
    "from": index,
    "to": index,
    "state": one_of("paused", "resumed"),
    "reason": _reason,
    "evidence": nullable(hex_hash),
    "decision": nullable(_decision),
    "control_prev": _link,
}
_CLOSED: Schema = {
    "successor": closed({"origin": text(MAX_ORIGIN_BYTES), "log": hex_hash}),
    "reason": _reason,
    "decision": nullable(_decision),
    "control_prev": _link,
}
_SEGMENT: Schema = {"reason": _reason, "decision": nullable(_decision), "control_prev": _link}
_TERMS: Schema = {
    "retention_days": closed({"attrs": nullable(number(1, MAX_DAYS)), "payload": nullable(number(1, MAX_DAYS))}),
    "expected_every_s": nullable(number(1, MAX_MERGE_DELAY_S)),
    "sequence": boolean,
    "reason": _reason,
    "by": text(MAX_ACTOR_BYTES),
    "decision": nullable(_decision),
    "control_prev": _link,
}
_HOLD: Schema = {
    "ranges": spans,
    "state": one_of("set", "released"),
    "case": text(256),
    "reason": _reason,
    "by": text(MAX_ACTOR_BYTES),
    "decision": nullable(_decision),
}
_ERASURE: Schema = {
    "ranges": spans,
    "parts": distinct(*PARTS),
    "reason_code": one_of(*ERASURE_REASONS),
    "reason": _reason,
    "by": text(MAX_ACTOR_BYTES),
    "backup_horizon": moment,
    "decision": nullable(_decision),
}
_ANCHOR: Schema = {"form": one_of("rfc3161"), "size": index, "note": hex_hash, "token": hex_hash}
_GAP: Schema = {
    "cause": one_of(*GAP_CAUSES),
    "from": text(64),
    "to": nullable(text(64)),
    "count": index,
    "after": nullable(index),
    "before": nullable(index),
}
_HEAD: Schema = {"log": text(MAX_ORIGIN_BYTES), "size": index, "root": hex_hash, "note": hex_hash}

KINDS: Final[dict[str, Schema]] = {
    "genesis": _GENESIS,
    "event": _EVENT,
    "window": _WINDOW,
    "key": _KEY,
    "policy": _POLICY,
    "reliance": _RELIANCE,
    "segment": _SEGMENT,
    "terms": _TERMS,
    "closed": _CLOSED,
    "hold": _HOLD,
    "erasure": _ERASURE,
    "anchor": _ANCHOR,
    "gap": _GAP,
    "head": _HEAD,
}

SCHEMAS: Final[dict[str, Schema]] = {kind: {**COMMON, **fields} for kind, fields in KINDS.items()}
