"""One sample leaf of every kind, made from values and not from the code under test."""

from __future__ import annotations

import base64

from ledger.core.control import Link
from ledger.core.envelope import Envelope, build
from ledger.core.keys import DelegatedKey
from ledger.core.types import Hash, JSONObject, LeafIndex

ORIGIN = "log.example/log/acme/decisions"
RECORDED = "2026-11-21T09:16:58.000001Z"
PREV = Hash(b"\x11" * 32)
LOG_KEY = "log.example/log/acme/decisions+01020304+AQEBAQ=="
RECEIPT_PUBLIC = bytes(range(32))
EXPORT_PUBLIC = bytes(range(1, 33))
_HEX = "aa" * 32
_LINK: JSONObject = {"index": 0, "leaf_hash": _HEX}

FIELDS: dict[str, JSONObject] = {
    "event": {"type": "ai.decision", "attrs": _HEX, "payload": "bb" * 32},
    "window": {
        "number": 0,
        "from": 0,
        "to": 3,
        "count": 4,
        "root": _HEX,
        "opened": RECORDED,
        "closed": RECORDED,
        "reason": "age",
        "control": _LINK,
    },
    "key": {
        "add": [],
        "add_log_keys": [],
        "retire": [],
        "retire_log_keys": [],
        "signatures": [{"keyid": "k", "sig": base64.b64encode(bytes(64)).decode()}],
        "decision": None,
        "control_prev": _LINK,
    },
    "policy": {"policy": _HEX, "decision": {"change": "0198c0de", "origin": ORIGIN}, "control_prev": _LINK},
    "reliance": {
        "from": 1,
        "to": 2,
        "state": "paused",
        "reason": "two heads of one size",
        "evidence": _HEX,
        "decision": None,
        "control_prev": _LINK,
    },
    "segment": {"reason": "clock set back", "decision": None, "control_prev": _LINK},
    "closed": {
        "successor": {"origin": f"{ORIGIN}-2", "log": _HEX},
        "reason": "the database was put back",
        "decision": None,
        "control_prev": _LINK,
    },
    "terms": {
        "retention_days": {"attrs": None, "payload": 30},
        "expected_every_s": 60,
        "sequence": True,
        "reason": "agreed",
        "by": "person:1",
        "decision": None,
        "control_prev": _LINK,
    },
    "hold": {
        "ranges": [{"from": 1, "to": 2}],
        "state": "set",
        "case": "C-7",
        "reason": "audit",
        "by": "person:1",
        "decision": None,
    },
    "erasure": {
        "ranges": [{"from": 1, "to": 1}],
        "parts": ["payload"],
        "reason_code": "subject",
        "reason": "asked",
        "by": "person:1",
        "backup_horizon": RECORDED,
        "decision": None,
    },
    "anchor": {"form": "rfc3161", "size": 4, "note": _HEX, "token": _HEX},
    "gap": {"cause": "sequence", "from": "1205", "to": "1205", "count": 1, "after": 2, "before": 3},
    "head": {"log": ORIGIN, "size": 4, "root": _HEX, "note": _HEX},
}


def leaf(kind: str, index: int = 4, **changes: object) -> Envelope:
    """A leaf of `kind` at `index`, its own fields replaced by `changes`."""
    return build(kind, ORIGIN, index, PREV, RECORDED, {**FIELDS[kind], **changes})  # type: ignore[dict-item] # JSON given by tests


def genesis(**changes: object) -> Envelope:
    """The genesis leaf of the sample log."""
    fields: JSONObject = {
        "log_keys": [LOG_KEY],
        "delegated": [
            DelegatedKey.of("receipt", ORIGIN, RECEIPT_PUBLIC).to_json(),
            DelegatedKey.of("export", ORIGIN, EXPORT_PUBLIC).to_json(),
        ],
        "max_merge_delay": 120,
        "recovery_key": None,
        "policy": _HEX,
        "continues": None,
        "control_prev": None,
    }
    return build("genesis", ORIGIN, 0, None, RECORDED, {**fields, **changes})  # type: ignore[dict-item] # JSON given by tests


def linked(kind: str, before: Envelope, index: int, **changes: object) -> Envelope:
    """A control leaf that follows `before` in the control chain."""
    link = Link(LeafIndex(before.index), before.leaf_hash).to_json()
    return leaf(kind, index, control_prev=link, **changes)
