"""Statements for tests of governed change: one that holds together, and ways to bend it."""

from __future__ import annotations

import copy
from typing import Any

from governance.change.core.diff import differences
from governance.change.core.statement import VERSION, digest_of
from governance.change.core.verbs import Verb
from ledger.core.types import JSONObject
from tests.support.approvals import RULE


def fields(verb: Verb = Verb.APPROVE, **more: Any) -> dict[str, Any]:
    """The fields of a statement about one oracle's TTL; `more` sets whole top-level fields."""
    base: JSONObject = {"oracle": {"ttl_s": 3600}}
    result: JSONObject = {"oracle": {"ttl_s": 7200}}
    body: JSONObject = {"oracle": "weather", "ttl_s": 7200}
    made: dict[str, Any] = {
        "v": VERSION, "verb": verb.value, "tenant": "acme",
        "deployment": {"origin": "gov.example", "genesis": "ab" * 32},
        "change": {
            "id": "cr-1", "revision": 3, "type": "oracle.ttl", "body": body, "body_digest": digest_of(body),
            "reverts": None, "contributors": ["person:a"], "reason": "The feed is slow on Sundays.",
        },
        "effect": {
            "base": base, "result": result, "base_state": digest_of(base), "result_state": digest_of(result),
            "diff": differences(base, result), "direction": "loosens", "invalidates": [], "way_back": {"ttl_s": 3600},
        },
        "policy": {"digest": "cd" * 32, "rule": RULE.to_json()},
        "ledger": {"origin": "log.example/log/_governance/changes", "size": 1841, "root": "ef" * 32},
        "window": {"not_before": "2026-11-21T09:00:00Z", "not_after": "2026-11-28T09:00:00Z"},
        "signer": {"person": "person:c", "key": "ed25519:1", "groups": ["g1"]},
        "nonce": "AAAAAAAAAAAAAAAAAAAAAA",
        "client": {"kind": "browser", "bundle": "01" * 32},
    }  # fmt: skip
    return {**made, **more}


def bent(path: str, value: Any) -> dict[str, Any]:
    """The same with the value at a dotted path replaced."""
    made = copy.deepcopy(fields())
    *ways, last = path.split(".")
    place = made
    for way in ways:
        place = place[way]
    place[last] = value
    return made
