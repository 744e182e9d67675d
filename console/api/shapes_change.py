"""Shapes of governed change in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from console.api.shapes import HASH, INDEX, MAYBE_TEXT, MOMENT, TEXT, UUID, closed, listed, maybe
from governance.change.core.states import State
from governance.change.core.verbs import Verb

Schema = dict[str, Any]
_ANY: Schema = {"type": "object"}
_KID: Schema = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_ROW: Schema = {
    "id": UUID, "type": TEXT, "subject": TEXT, "tenant": maybe(UUID), "state": {"enum": [one.value for one in State]},
    "revision": INDEX, "author": TEXT, "created": MOMENT, "moved": MOMENT, "ready_at": maybe(MOMENT),
    "not_after": maybe(MOMENT), "links": _ANY,
}  # fmt: skip
_SLOT = closed({"group": TEXT, "person": MAYBE_TEXT, "could": listed(TEXT)})
_WORD = closed({
    "verb": {"enum": [one.value for one in Verb]}, "person": TEXT, "key": _KID, "revision": INDEX, "index": INDEX,
    "at": MOMENT, "code": TEXT,
})  # fmt: skip
_COMMENT = closed({"by": TEXT, "revision": INDEX, "text": TEXT, "at": MOMENT})
_EFFECT = closed({
    "base": _ANY, "result": _ANY, "diff": listed(_ANY), "direction": {"enum": ["loosens", "neutral", "tightens"]},
    "invalidates": listed(TEXT), "way_back": maybe(_ANY),
})  # fmt: skip
_FINDING = closed({
    "code": TEXT, "state": {"enum": ["pass", "fail", "not_evaluated"]}, "words": TEXT, "next": TEXT,
})  # fmt: skip

CHANGE_COMPONENTS: dict[str, Schema] = {
    "ChangeRow": closed(_ROW),
    "Change": closed({
        **_ROW, "body": _ANY, "reason": TEXT, "effect": _EFFECT, "rule": _ANY, "policy": HASH,
        "met": {"type": "boolean"},
        "slots": listed(_SLOT), "words": listed(_WORD), "comments": listed(_COMMENT), "executor": MAYBE_TEXT,
        "applied_index": maybe(INDEX), "observe_until": maybe(MOMENT), "outcome": TEXT, "reverts": maybe(UUID),
        "edit_warning": {**MAYBE_TEXT, "description": "what an edit costs the reader, who could approve it; else null"},
    }),
    "ChangeEffect": closed({"effect": _EFFECT, "findings": listed(_FINDING), "rule": _ANY, "policy": HASH}),
    "Statement": closed({
        "payload_type": TEXT, "statement": {"type": "string", "description": "base64 of the RFC 8785 bytes"},
        "code": {"type": "string", "description": "six words over the bytes that are signed"},
        "nonce_expires": MOMENT, "policy": {"type": "string", "description": "base64 of the policy's RFC 8785 bytes"},
        "native": maybe({"type": "object", "description": "artefacts that a native key signs in the same gesture"}),
    }),
    "GovernancePolicy": closed({"number": INDEX, "digest": HASH, "since": MOMENT, "decision": TEXT, "policy": _ANY}),
}  # fmt: skip
