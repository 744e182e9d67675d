"""The fields of an envelope in words: names, units, moments, links and chips instead of raw JSON.

Every kind of leaf of the closed schema is told here; a field that nobody named is shown as it is, last.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from console import words
from console.content_facts import kept_for
from ledger.core.terms import Terms
from ledger.core.times import parse_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from ledger.core.types import JSON, JSONObject
    from ledger.selectors.streams import StreamView

_HASH_DIGITS = 64
_NAMES = {
    "kind": "Kind", "type": "Type", "index": "Index", "recorded": "Recorded", "number": "Window",
    "from": "From leaf", "to": "To leaf", "count": "Leaves", "ranges": "Leaves", "parts": "Erased of them",
    "size": "Leaves covered", "root": "Root", "state": "State", "cause": "Cause",
    "after": "After leaf", "before": "Before leaf",
    "retention_days": "Kept", "expected_every_s": "Expected", "sequence": "Numbered events",
    "case": "Case", "reason_code": "Reason code", "by": "By",
    "form": "Form", "opened": "Opened", "closed": "Closed", "reason": "Reason",
    "attrs": "Attributes, committed", "payload": "Payload, committed", "log_keys": "Keys that sign checkpoints",
    "delegated": "Keys delegated by them", "recovery_key": "Recovery key", "max_merge_delay": "Longest wait",
    "add": "Delegated from here on", "add_log_keys": "Checkpoint keys from here on", "retire": "Retired keys",
    "retire_log_keys": "Retired checkpoint keys", "signatures": "Signed by", "policy": "Policy",
    "continues": "Continues", "successor": "Continued by", "evidence": "Evidence",
    "backup_horizon": "Gone from backups by",
    "note": "Note", "token": "Time-stamp token", "decision": "Decision", "log": "Log",
    "control": "Newest control leaf", "control_prev": "Control leaf before", "prev": "Leaf before",
    "origin": "Origin", "v": "Version",
}  # fmt: skip
_OF_KIND = {
    ("window", "root"): "Root of the window",
    ("gap", "from"): "From",
    ("gap", "to"): "To",
    ("gap", "count"): "Lacking",
    ("head", "log"): "Log of the head",
}
_NONE = {
    "prev": "none: this is the first leaf",
    "control_prev": "none: this is the first control leaf",
    "continues": "none: this log begins here",
    "recovery_key": "none",
    "decision": "none recorded in the log",
    "to": "it had not ended when this was recorded",
    "expected_every_s": "no rhythm is declared",
}
_REASONS = {
    "count": "it held as many leaves as a window takes",
    "age": "its time was over",
    "request": "somebody asked for it",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and its value: any of a text, a hash or key for a chip, a moment, a link, or several such."""

    name: str = ""
    text: str = ""
    hash: str = ""
    code: str = ""
    moment: datetime | None = None
    href: str = ""
    items: tuple[Fact, ...] = ()


def facts_of(stream: StreamView, envelope: JSONObject) -> list[Fact]:
    """Every field, in the order in which a person wants to read."""
    kind = str(envelope.get("kind", ""))
    known = [name for name in _NAMES if name in envelope]
    rest = [name for name in envelope if name not in _NAMES]
    return [_fact(stream, kind, name, envelope[name]) for name in (*known, *rest)]


def _fact(stream: StreamView, kind: str, name: str, value: JSON) -> Fact:
    label = _OF_KIND.get((kind, name)) or _NAMES.get(name, name)
    if value is None:
        return Fact(label, _NONE.get(name, "none"))
    if name in _TOLD:
        return _TOLD[name](stream, label, value)
    return _plain(label, value)


def _plain(label: str, value: JSON) -> Fact:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return Fact(label, code=json.dumps(value, ensure_ascii=False, indent=2))
    if isinstance(value, int):
        return Fact(label, words.grouped(value))
    return Fact(label, hash=value) if _is_hash(value) else Fact(label, value)


def _is_hash(value: str) -> bool:
    return len(value) == _HASH_DIGITS and not set(value) - set("0123456789abcdef")


def _moment(_stream: StreamView, label: str, value: Any) -> Fact:
    return Fact(label, moment=parse_time(value))


def _place(stream: StreamView, label: str, value: Any) -> Fact:
    """An index of this log, with its page; a gap names places of its own."""
    if not isinstance(value, int):
        return Fact(label, moment=parse_time(value)) if str(value).endswith("Z") else _plain(label, value)
    return Fact(label, words.grouped(value), href=reverse("event", args=(stream.namespace, stream.name, value)))


def _ranges(stream: StreamView, label: str, value: Any) -> Fact:
    return _several(label, [_range(stream, one["from"], one["to"]) for one in value])


def _range(stream: StreamView, first: int, last: int) -> Fact:
    told = words.grouped(first) if first == last else f"{words.grouped(first)} to {words.grouped(last)}"
    return Fact(text=told, href=reverse("event", args=(stream.namespace, stream.name, first)))


def _kept(_stream: StreamView, label: str, value: Any) -> Fact:
    return Fact(label, kept_for(Terms(attrs_days=value["attrs"], payload_days=value["payload"])))


def _rhythm(_stream: StreamView, label: str, value: Any) -> Fact:
    return Fact(label, f"an event every {words.duration(value)}")


def _numbered(_stream: StreamView, label: str, value: Any) -> Fact:
    return Fact(label, "each source counts without gaps" if value else "not declared")


def _link(stream: StreamView, label: str, value: Any) -> Fact:
    index = value["index"]
    href = reverse("event", args=(stream.namespace, stream.name, index))
    return Fact(label, f"leaf {words.grouped(index)}", value["leaf_hash"], href=href)


def _decision(_stream: StreamView, label: str, value: Any) -> Fact:
    return Fact(label, f"change {value['change']}, recorded in {value['origin']}")


def _continued(_stream: StreamView, label: str, value: Any) -> Fact:
    return Fact(label, f"{words.counted(value['size'], 'leaf', 'leaves')} of {value['origin']}", value["root"])


def _successor(_stream: StreamView, label: str, value: Any) -> Fact:
    return Fact(label, value["origin"], value["log"])


def _delay(_stream: StreamView, label: str, value: Any) -> Fact:
    return Fact(label, f"{words.duration(value)} until a checkpoint covers a leaf, at the latest")


def _verifier_keys(_stream: StreamView, label: str, value: Any) -> Fact:
    return _several(label, [Fact(code=one) for one in value])


def _delegated(_stream: StreamView, label: str, value: Any) -> Fact:
    uses = {"receipt": "signs receipts", "export": "signs the manifests of bundles"}
    return _several(label, [Fact(text=uses.get(one["use"], one["use"]), hash=one["kid"]) for one in value])


def _kids(_stream: StreamView, label: str, value: Any) -> Fact:
    return _several(label, [Fact(hash=one) for one in value])


def _signatures(_stream: StreamView, label: str, value: Any) -> Fact:
    return _several(label, [Fact(code=one["keyid"]) for one in value])


def _public_key(_stream: StreamView, label: str, value: Any) -> Fact:
    return Fact(label, hash=base64.b64decode(value).hex())


def _reason(_stream: StreamView, label: str, value: Any) -> Fact:
    return Fact(label, _REASONS.get(value, value))


def _listed(_stream: StreamView, label: str, value: Any) -> Fact:
    return Fact(label, words.listed([{"attrs": "attributes"}.get(one, one) for one in value]))


def _several(label: str, facts: list[Fact]) -> Fact:
    return Fact(label, items=tuple(facts)) if facts else Fact(label, "none")


_TOLD: dict[str, Callable[[Any, str, Any], Fact]] = {
    "recorded": _moment, "opened": _moment, "closed": _moment, "backup_horizon": _moment,
    "from": _place, "to": _place, "after": _place, "before": _place, "ranges": _ranges,
    "retention_days": _kept, "expected_every_s": _rhythm, "sequence": _numbered,
    "control": _link, "control_prev": _link, "decision": _decision, "continues": _continued,
    "successor": _successor, "max_merge_delay": _delay, "log_keys": _verifier_keys, "add_log_keys": _verifier_keys,
    "retire_log_keys": _verifier_keys, "delegated": _delegated, "add": _delegated, "retire": _kids,
    "signatures": _signatures, "recovery_key": _public_key, "reason": _reason, "parts": _listed,
}  # fmt: skip
