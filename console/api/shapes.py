"""JSON Schemas of what goes in and out, as the OpenAPI document shows them.

Named shapes live in `COMPONENTS` and are referred to; the rest stands with its operation.
"""

from __future__ import annotations

from typing import Any

from console.api.parameters import TIME_PATTERN
from console.api.problems import PROBLEMS

Schema = dict[str, Any]

_NO_CONTROLS = r"^[^\u0000-\u001f\u007f-\u009f\ufdd0-\ufdef\ufffe\uffff]+$"
HASH: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256, in hex"}
BASE64: Schema = {"type": "string", "description": "standard base64"}
INDEX: Schema = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
MOMENT: Schema = {"type": "string", "description": "RFC 3339, UTC, microseconds"}
UUID: Schema = {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
TEXT: Schema = {"type": "string"}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
NAME: Schema = {"type": "string", "pattern": "^[a-z0-9-]{1,63}$"}
NAMESPACE: Schema = {"type": "string", "pattern": "^_?[a-z0-9-]{1,63}$"}


_LINKS: Schema = {"type": "object", "additionalProperties": TEXT}


def ref(name: str) -> Schema:
    """A reference to a named shape."""
    return {"$ref": f"#/components/schemas/{name}"}


def closed(required: dict[str, Schema], **optional: Schema) -> Schema:
    """An object with these fields and no other."""
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }


def listed(item: Schema, **more: Any) -> Schema:
    """A list of `item`."""
    return {"type": "array", "items": item, **more}


def maybe(schema: Schema) -> Schema:
    """The schema, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def paged(item: Schema) -> Schema:
    """A page of a list; `next` is the address of the next one."""
    return closed({"items": listed(item), "next": MAYBE_TEXT})


def given(limit: int) -> Schema:
    """An attribute of an event: 1 to `limit` bytes of UTF-8 without control characters, or null."""
    return {"type": ["string", "null"], "minLength": 1, "maxLength": limit, "pattern": _NO_CONTROLS}


def needed(limit: int) -> Schema:
    """The same, and it must be there."""
    return {**given(limit), "type": "string"}


_JSON: Schema = {
    "description": "Any I-JSON value (RFC 7493); numbers without loss in a double.",
    "anyOf": [
        {"type": ["null", "boolean", "string"]},
        {"type": "integer", "minimum": -(2**53) + 1, "maximum": 2**53 - 1},
        {"type": "number"},
        {"type": "array", "items": {}},
        {"type": "object"},
    ],
}
_CONTEXT: dict[str, Schema] = {
    "time": {"type": ["string", "null"], "pattern": TIME_PATTERN},
    "subject": given(1_024),
    "sequence": given(256),
}
_PLAIN = closed({"type": needed(256), "payload": ref("Json")}, id=given(256), source=given(2_048), **_CONTEXT)
_CLOUDEVENT: Schema = {
    "type": "object",
    "properties": {
        "specversion": {"const": "1.0"},
        "type": needed(256),
        "id": needed(256),
        "source": needed(2_048),
        "dataschema": given(2_048),
        "datacontenttype": {"type": ["string", "null"], "enum": ["application/json", None]},
        "data": ref("Json"),
        **_CONTEXT,
    },
    "required": ["specversion", "type", "id", "source"],
    "patternProperties": {
        "^x[a-z0-9]{1,10}$": {
            "type": ["string", "boolean", "null"],
            "maxLength": 100,
            "pattern": _NO_CONTROLS,
        }
    },
    "additionalProperties": False,
    "description": "CloudEvents 1.0, JSON event format. Names of extensions have 1 to 20 letters and digits.",
}
_ENVELOPE = {
    "type": "object",
    "description": "DSSE 1.0.2 envelope",
    "properties": {"payload": BASE64, "payloadType": TEXT, "signatures": listed({"type": "object"})},
    "required": ["payload", "payloadType", "signatures"],
}
_SALTS = closed({"attrs": BASE64, "payload": BASE64})
_APPENDED = closed(
    {
        "receipt": ref("Envelope"),
        "index": INDEX,
        "leaf": BASE64,
        "leaf_hash": HASH,
        "salts": ref("Salts"),
        "links": closed({"event": TEXT, "receipt": TEXT, "proof": TEXT}),
    },
    replayed={"const": True},
    warnings=listed(ref("ProfileWarning")),
)
_BATCH = closed(
    {
        "accepted": INDEX,
        "repeated": INDEX,
        "first": INDEX,
        "last": INDEX,
        "indices": listed(INDEX),
        "receipts": listed(ref("Envelope")),
        "leaves": listed(BASE64),
        "salts": listed(ref("Salts")),
    },
    replayed={"const": True},
    warnings=listed(ref("ProfileWarning")),
)
_PENDING = closed({"code": TEXT, "detail": TEXT, "next": TEXT, "receipts": listed(TEXT)})
_KEPT = closed(
    {
        "index": INDEX,
        "leaf": BASE64,
        "leaf_hash": HASH,
        "salts": ref("Salts"),
        "links": closed({"event": TEXT, "receipt": TEXT, "proof": TEXT}),
        "receipt_pending": ref("ReceiptPending"),
    },
)
_KEPT_BATCH = closed(
    {
        "accepted": INDEX,
        "repeated": INDEX,
        "indices": listed(INDEX),
        "leaves": listed(BASE64),
        "salts": listed(ref("Salts")),
        "receipt_pending": ref("ReceiptPending"),
    },
)
_HEALTH = closed(
    {
        "path": {"enum": ["receipt", "window", "checkpoint", "witness", "bundle", "completeness"]},
        "state": {"enum": ["pass", "stale", "fail", "not_evaluated"]},
        "rule": TEXT,
        "idle": TEXT,
        "sentence": TEXT,
        "age_seconds": {"type": ["number", "null"]},
        "next": TEXT,
    }
)
_CHECKPOINT = closed({"size": INDEX, "root": HASH, "window": maybe(INDEX), "signed": MOMENT, "note": TEXT})
_WINDOW = closed(
    {
        "number": INDEX,
        "from": INDEX,
        "to": INDEX,
        "count": INDEX,
        "root": HASH,
        "opened": MOMENT,
        "closed": MOMENT,
        "reason": TEXT,
        "manifest": INDEX,
    }
)
_STREAM_ROW = {
    "namespace": NAMESPACE,
    "name": NAME,
    "id": UUID,
    "origin": TEXT,
    "log": HASH,
    "created": MOMENT,
    "size": INDEX,
    "head": HASH,
    "recorded": maybe(MOMENT),
    "signed_size": INDEX,
    "stopped": MAYBE_TEXT,
    "successor": MAYBE_TEXT,
    "links": _LINKS,
}
PAUSE = closed({"from": INDEX, "to": INDEX, "leaf": INDEX, "recorded": MOMENT, "reason": TEXT})
_STREAM = closed(
    {
        **_STREAM_ROW,
        "checkpoint": maybe(ref("Checkpoint")),
        "window": maybe(ref("Window")),
        "health": listed(ref("Health")),
        "completeness": ref("Health"),
        "reliance_paused": listed(PAUSE),
        "terms": ref("Terms"),
    },
    warning={"type": "string", "description": "At creation: what leaving the recovery key out means."},
)
_OPENED: dict[str, Schema] = {"media_type": TEXT, "size": INDEX, "salt": BASE64}
_EVENT = closed(
    {
        "index": INDEX,
        "kind": TEXT,
        "recorded": MOMENT,
        "leaf": BASE64,
        "leaf_hash": HASH,
        "envelope": {"type": "object"},
        "links": _LINKS,
    },
    erased={"type": "boolean"},
    attrs=maybe(closed({**_OPENED, "bytes": BASE64, "value": {"type": "object"}})),
    payload=maybe(closed(_OPENED)),
    accepted_by=TEXT,
    erasures=listed(ref("Erasure")),
    holds=listed(ref("Hold")),
    gaps=listed(ref("Gap")),
)
_SAID: dict[str, Schema] = {
    "leaf": INDEX,
    "recorded": MOMENT,
    "ranges": listed(closed({"from": INDEX, "to": INDEX})),
    "reason": TEXT,
    "by": TEXT,
}
_ERASURE = closed(
    {
        **_SAID,
        "parts": listed({"enum": ["attrs", "payload"]}),
        "reason_code": TEXT,
        "backup_horizon": MOMENT,
        "done": {"type": "boolean"},
    }
)
_HOLD = closed({**_SAID, "case": TEXT, "released": {"type": "boolean"}})
_GAP = closed(
    {
        "leaf": INDEX,
        "recorded": MOMENT,
        "cause": {"enum": ["silence", "sequence", "refused"]},
        "from": TEXT,
        "to": MAYBE_TEXT,
        "count": INDEX,
        "after": maybe(INDEX),
        "before": maybe(INDEX),
    }
)
_TERMS = closed(
    {
        "leaf": maybe(INDEX),
        "retention_days": closed({"attrs": maybe(INDEX), "payload": maybe(INDEX)}),
        "expected_every_s": maybe(INDEX),
        "sequence": {"type": "boolean"},
    }
)
_EVENT_ROW = closed(
    {
        "index": INDEX,
        "type": TEXT,
        "source": MAYBE_TEXT,
        "id": MAYBE_TEXT,
        "subject": MAYBE_TEXT,
        "time": maybe(MOMENT),
        "recorded": MOMENT,
        "links": _LINKS,
    }
)
_JOB = closed(
    {
        "id": UUID,
        "kind": TEXT,
        "state": {"enum": ["queued", "running", "done", "failed", "cancelled"]},
        "done": INDEX,
        "total": maybe(INDEX),
        "unit": TEXT,
        "rate": {"type": ["number", "null"]},
        "message": TEXT,
        "created": MOMENT,
        "started": maybe(MOMENT),
        "finished": maybe(MOMENT),
        "result": {},
        "error": {},
        "links": _LINKS,
    }
)
_BUNDLE = closed(
    {
        "id": UUID,
        "namespace": NAMESPACE,
        "stream": NAME,
        "from": INDEX,
        "to": INDEX,
        "head_size": INDEX,
        "created": MOMENT,
        "finished": maybe(MOMENT),
        "bundle_id": maybe(HASH),
        "sha256": maybe(HASH),
        "bytes": maybe(INDEX),
        "outcome": {"enum": ["verified", "rejected", "incomplete", None]},
        "period": maybe(closed({"recorded_from": maybe(MOMENT), "recorded_to": maybe(MOMENT)})),
        "job": ref("Job"),
        "links": _LINKS,
    }
)
_REPORT = {
    "type": "object",
    "properties": {
        "outcome": {"enum": ["verified", "rejected", "incomplete"]},
        "ok": {"type": "boolean"},
        "kind": TEXT,
        "subject": {"type": "object"},
        "checked": {"type": "array"},
        "counts": {"type": "object", "additionalProperties": INDEX},
        "problems": {"type": "array"},
        "notes": {"type": "array"},
        "not_claimed": {"type": "array"},
    },
    "required": ["outcome", "ok", "kind", "checked", "problems", "notes", "not_claimed"],
}
_PROBLEM = closed(
    {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer"},
        "detail": TEXT,
        "code": {"enum": sorted(PROBLEMS)},
        "request_id": TEXT,
        "next": TEXT,
        "path": {
            "type": "string",
            "description": "the culprit: a JSON path of the body, $.headers['name'], ?name of a parameter; $ for all",
        },
    }
)

_WARNING = closed({"event": INDEX, "profile": TEXT, "path": TEXT, "message": TEXT})

COMPONENTS: dict[str, Schema] = {
    "Json": _JSON,
    "PlainEvent": _PLAIN,
    "CloudEvent": _CLOUDEVENT,
    "Envelope": _ENVELOPE,
    "Salts": _SALTS,
    "ProfileWarning": _WARNING,
    "Appended": _APPENDED,
    "AppendedBatch": _BATCH,
    "ReceiptPending": _PENDING,
    "Kept": _KEPT,
    "KeptBatch": _KEPT_BATCH,
    "Health": _HEALTH,
    "Checkpoint": _CHECKPOINT,
    "Window": _WINDOW,
    "StreamRow": closed(_STREAM_ROW),
    "Stream": _STREAM,
    "Erasure": _ERASURE,
    "Hold": _HOLD,
    "Gap": _GAP,
    "Terms": _TERMS,
    "Event": _EVENT,
    "EventRow": _EVENT_ROW,
    "Job": _JOB,
    "Bundle": _BUNDLE,
    "Report": _REPORT,
    "Problem": _PROBLEM,
}
