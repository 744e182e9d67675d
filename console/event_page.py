"""Everything the page of one leaf tells: the envelope in words, the receipt, and the proof recomputed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from console.bundled import newest_with
from console.ladder import Ladder, ladder_of
from console.seals import seals_of_leaf
from console.verifier import FILE_NAME
from ledger.core.merkle import inclusion_proof
from ledger.core.receipt import parse_receipt
from ledger.core.times import parse_time
from ledger.errors import LedgerError, RequestError
from ledger.selectors import checkpoints, leaves, proofs, receipts
from ledger.selectors.leaves import ObjectView

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.core.types import JSON, JSONObject
    from ledger.selectors.checkpoints import CheckpointView
    from ledger.selectors.leaves import LeafView
    from ledger.selectors.streams import StreamView

SHOWN_BYTES = 16 * 1024
_NOT_SHOWN = "Not shown: your roles let you see that it is there, not what it says."
_HASHES = frozenset({"prev", "attrs", "payload", "root", "leaf_hash", "log", "policy"})
_HASH_DIGITS = 64
_NAMES = {
    "kind": "Kind",
    "type": "Type",
    "index": "Index",
    "recorded": "Recorded",
    "number": "Window",
    "from": "From leaf",
    "to": "To leaf",
    "count": "Leaves",
    "root": "Root of the window",
    "opened": "Opened",
    "closed": "Closed",
    "reason": "Reason",
    "prev": "Leaf before",
    "attrs": "Attributes, committed",
    "payload": "Payload, committed",
    "origin": "Origin",
    "v": "Version",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One field of the envelope: a name in words, and its value as a hash, a text or JSON."""

    name: str
    text: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Disclosed:
    """Bytes behind a commitment, as a page can show them; `why` where there is nothing to show."""

    name: str
    media_type: str
    size: int
    text: str
    cut: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptShown:
    """The receipt, until when it promises a checkpoint, and its key; `why` where there is none."""

    text: str
    promised_by: datetime | None
    kid: str
    why: str = ""


def context_of(stream: StreamView, leaf: LeafView, now: datetime, *, may_read: bool) -> dict[str, Any]:
    """The context of `events/detail.html`."""
    window = checkpoints.window_of(stream, leaf.index)
    over = checkpoints.over(stream, leaf.index)
    bundled = newest_with(stream.id, leaf.index)
    ladder = ladder_to(over[1], stream, leaf) if over else None
    is_event = leaf.kind == "event"
    return {
        "stream": stream,
        "leaf": leaf,
        "title": f"{stream.namespace}/{stream.name}, leaf {leaf.index:,}",
        "what": str(leaf.envelope.get("type", f"{leaf.kind} leaf")),
        "recorded": parse_time(leaf.recorded),
        "answer": answer(leaf, ladder),
        "seals": seals_of_leaf(stream, leaf.index, parse_time(leaf.recorded), now, window, over and over[0], bundled),
        "facts": [fact(name, leaf.envelope[name]) for name in in_reading_order(leaf.envelope)],
        "ladder": ladder,
        "leaf_text": leaf.bytes.decode(),
        "receipt": receipt_of(stream, leaf) if is_event else None,
        "offline": offline(stream, leaf),
        "objects": disclosed(stream, leaf.index, may_read=may_read) if is_event else (),
    }


def ladder_to(newest: CheckpointView, stream: StreamView, leaf: LeafView) -> Ladder:
    """The ladder to the newest signed root, from the stored bytes."""
    hashes = inclusion_proof(leaf.index, newest.size, proofs.node_reader_of(stream, newest.size))
    return ladder_of(leaf.bytes, leaf.index, newest.size, hashes, newest.root)


def answer(leaf: LeafView, ladder: Ladder | None) -> str:
    """The first line of the page."""
    what = "This event" if leaf.kind == "event" else f"This {leaf.kind} leaf"
    if ladder is None:
        return f"{what} is received and receipted; no checkpoint covers it yet."
    if ladder.equal:
        return f"{what} stands at place {leaf.index:,} of the signed log: its path leads to the signed root."
    return f"{what} does not lead to the signed root. Do not rely on it."


def fact(name: str, value: JSON) -> Fact:
    """A field of the envelope in words."""
    label = _NAMES.get(name, name)
    if isinstance(value, str) and name in _HASHES and len(value) == _HASH_DIGITS:
        return Fact(label, "", value)
    if value is None:
        return Fact(label, "none: this is the first leaf" if name == "prev" else "none")
    return Fact(label, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2))


def in_reading_order(envelope: JSONObject) -> list[str]:
    """Names of the envelope's fields as a person wants them; what has no name here comes last."""
    known = [name for name in _NAMES if name in envelope]
    return known + [name for name in envelope if name not in _NAMES]


def receipt_of(stream: StreamView, leaf: LeafView) -> ReceiptShown:
    """The receipt as it is handed out and what it says, or why there is none now."""
    try:
        envelope = receipts.receipts_of(stream, [leaf])[0]
        said = parse_receipt(envelope.payload)
    except LedgerError as problem:
        return ReceiptShown("", None, "", str(problem))
    return ReceiptShown(json.dumps(envelope.to_json(), indent=2), parse_time(said.promised_by), said.kid)


def offline(stream: StreamView, leaf: LeafView) -> str:
    """The command that recomputes the same path with the server off."""
    name = f"{stream.namespace}-{stream.name}-{leaf.index}.tlog-proof"
    return f"python3 -S {FILE_NAME} proof {name} --policy trust.policy"


def disclosed(stream: StreamView, index: int, *, may_read: bool) -> tuple[Disclosed, ...]:
    """Attributes and payload, where they are still there and this reader may read them."""
    attrs, payload = leaves.objects_at(stream, [index]).get(index, (None, None))
    return (_shown("Attributes", attrs, may_read=may_read), _shown("Payload", payload, may_read=may_read))


def _shown(name: str, held: ObjectView | None, *, may_read: bool) -> Disclosed:
    if held is None:
        return Disclosed(
            name, "", 0, "", cut=False, why="Erased. The proof of the leaf still holds; its content is gone."
        )
    if not may_read:
        return Disclosed(name, held.media_type, held.size, "", cut=False, why=_NOT_SHOWN)
    try:
        octets = held.data
    except RequestError as gone:
        return Disclosed(name, held.media_type, held.size, "", cut=False, why=str(gone))
    return Disclosed(name, held.media_type, held.size, _text(octets[:SHOWN_BYTES]), cut=len(octets) > SHOWN_BYTES)


def _text(octets: bytes) -> str:
    try:
        return json.dumps(json.loads(octets), ensure_ascii=False, indent=2)
    except ValueError:
        return octets.decode(errors="replace")
