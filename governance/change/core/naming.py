"""Leaves of other logs that name a change: whether the change that the record shows is one that such a leaf follows.

Guarantees that a leaf is not explained by any decision but by one of a kind that writes such a leaf, carried out and
not objected to, over this very log, and over the range or the state that the leaf tells. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Final, cast

from ledger.core.types import JSON, JSONObject
from ledger.core.verify.judging import Named, Objection

WRITES: Final[dict[str, frozenset[str]]] = {
    "key": frozenset({"log_key.rotate", "log_key.retire", "log_key.destroy", "log_key.recover"}),
    "policy": frozenset({"stream.policy"}),
    "reliance": frozenset({"reliance.pause", "reliance.resume"}),
    "terms": frozenset({"stream.retention"}),
    "erasure": frozenset({"payload.erase"}),
    "hold": frozenset({"hold.release"}),
}
"""By kind of leaf: the kinds of change that write one."""
_UNPROVEN, _INVALID = "decision_unproven", "decision_invalid"


def objections(
    named: Named, origin: str, applied: Mapping[str, tuple[int, JSONObject]], refused: frozenset[int]
) -> list[Objection]:  # fmt: skip
    """What stands against one leaf; `applied` tells of each change where and how it was carried out, `refused` which
    of these places something was found against.
    """
    if named.log != origin:
        return [Objection(_UNPROVEN, named.index, f"It names a decision of {named.log}")]
    found = applied.get(named.change)
    if found is None:
        words = f"It names change {named.change}, which is not carried out in what this bundle opens"
        return [Objection(_UNPROVEN, named.index, words)]
    index, payload = found
    if index in refused:
        return [Objection(_UNPROVEN, named.index, f"Change {named.change} was not proved")]
    why = _unlike(named, *_kind(payload))
    return [Objection(_INVALID, named.index, f"Change {named.change} decided something else: {why}")] if why else []


def _kind(payload: JSONObject) -> tuple[str, JSONObject]:
    """Kind and body of what was done, also inside an emergency."""
    kind, body = str(payload["type"]), cast("JSONObject", payload["body"])
    return (str(body.get("type")), cast("JSONObject", body.get("body"))) if kind == "emergency.apply" else (kind, body)


def _unlike(named: Named, kind: str, body: JSON) -> str:
    """The first thing in which leaf and decision differ; '' where none."""
    if kind not in WRITES.get(named.kind, frozenset()):
        return f"a leaf {named.kind} does not come of {kind}"
    if not isinstance(body, dict) or body.get("stream") != named.origin:
        return "another log"
    differs = _DIFFERS.get(named.kind)
    return differs(named.fields, kind, body) if differs is not None else ""


def _reliance(fields: JSONObject, kind: str, body: JSONObject) -> str:
    told = (fields["from"], fields["to"], fields["state"])
    return "" if told == (body["from"], body["to"], f"{kind.rpartition('.')[2]}d") else "another range or state"


def _erasure(fields: JSONObject, _: str, body: JSONObject) -> str:
    """What it takes lies in the range, and is of the parts that were decided."""
    first, last = cast("int", body["from"]), cast("int", body["to"])
    ranges = cast("list[list[int]]", fields["ranges"])
    inside = all(first <= start and end <= last for start, end in ranges)
    parts = {*cast("list[str]", fields["parts"])} <= {*cast("list[str]", body["parts"])}
    return "" if inside and parts else "another range or other parts"


def _hold(fields: JSONObject, _: str, body: JSONObject) -> str:
    return "" if (fields["state"], fields["case"]) == ("released", body["case"]) else "another case, or no release"


def _terms(fields: JSONObject, _: str, body: JSONObject) -> str:
    told = cast("JSONObject", fields["retention_days"])
    wanted = {"attrs": body["attrs_days"], "payload": body["payload_days"]}
    return "" if told == wanted else "other days of retention"


def _policy(fields: JSONObject, _: str, body: JSONObject) -> str:
    digest = hashlib.sha256(str(body["policy"]).encode()).hexdigest()
    return "" if fields["policy"] == digest else "another policy"


_DIFFERS: Final[dict[str, Callable[[JSONObject, str, JSONObject], str]]] = {
    "reliance": _reliance,
    "erasure": _erasure,
    "hold": _hold,
    "policy": _policy,
    "terms": _terms,
}
