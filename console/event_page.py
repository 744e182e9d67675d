"""Everything the page of one leaf tells: the envelope in words, the receipt, and the proof recomputed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from console.bundled import newest_with
from console.content_facts import said_of
from console.disclosed import disclosed
from console.ladder import Ladder, Signature, ladder_of
from console.leaf_facts import facts_of
from console.seals import Found, seals_of_leaf
from console.trust_files import OPTIONS
from console.verifier import FILE_NAME
from ledger.core.merkle import inclusion_proof
from ledger.core.receipt import parse_receipt
from ledger.core.times import parse_time
from ledger.errors import LedgerError
from ledger.selectors import checkpoints, proofs, receipts
from ledger.selectors.notices import Spoken, spoken_of
from ledger.selectors.signed_heads import signed_head

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from console.disclosed import Disclosed
    from ledger.selectors.checkpoints import CheckpointView
    from ledger.selectors.leaves import LeafView
    from ledger.selectors.receipts import StoredReceipt
    from ledger.selectors.streams import StreamView


@dataclass(frozen=True, slots=True)
class ReceiptShown:
    """The receipt, until when it promises a checkpoint, and its key; `why` where there is none."""

    text: str
    promised_by: datetime | None
    kid: str
    why: str = ""


def context_of(
    stream: StreamView, leaf: LeafView, stored: Mapping[int, StoredReceipt], now: datetime, *,
    may_read: bool, request_id: str = "",
) -> dict[str, Any]:  # fmt: skip
    """The context of `events/detail.html`; `stored` is what is kept of the leaf's receipt."""
    over = checkpoints.over(stream, leaf.index)
    ladder = ladder_to(over[1], stream, leaf) if over else None
    is_event = leaf.kind == "event"
    spoken = spoken_of(stream, leaf.index) if is_event else Spoken()
    erased = frozenset(part for one in spoken.erasures for part in one.told.parts)
    objects = disclosed(stream, leaf, erased, may_read=may_read, request_id=request_id) if is_event else ()
    found = Found(
        window=checkpoints.window_of(stream, leaf.index),
        checkpoint=over[0] if over else None,
        bundled=newest_with(stream.id, leaf.index),
        altered=any(one.altered or one.missing for one in objects),
        proved=ladder is None or ladder.holds,
    )
    return {
        "stream": stream,
        "leaf": leaf,
        "title": f"{stream.namespace}/{stream.name}, leaf {leaf.index:,}",
        "what": str(leaf.envelope.get("type", f"{leaf.kind} leaf")),
        "recorded": parse_time(leaf.recorded),
        "answer": answer(stream, leaf, ladder, objects),
        "worst": found.altered or not found.proved,
        "seals": seals_of_leaf(stream, leaf.index, parse_time(leaf.recorded), now, found),
        "facts": facts_of(stream, leaf.envelope),
        "ladder": ladder,
        "leaf_text": leaf.bytes.decode(),
        "signed_note": ladder.signature.note.decode(errors="replace") if ladder else "",
        "said": said_of(stream, spoken),
        "receipt": receipt_of(stream, leaf, stored) if is_event else None,
        "offline": offline(stream, leaf),
        "committed": [(one, str(leaf.envelope[one.role])) for one in objects],
    }


def ladder_to(newest: CheckpointView, stream: StreamView, leaf: LeafView) -> Ladder:
    """The ladder to the newest signed root: that of the verified note, and the leaf's stored bytes."""
    head = signed_head(stream, newest)
    signature = Signature(tuple(head.signers), tuple(str(key) for key in head.keys), head.note, head.problem)
    hashes = inclusion_proof(leaf.index, newest.size, proofs.node_reader_of(stream, newest.size))
    return ladder_of(leaf.bytes, leaf.index, newest.size, hashes, head.root, signature)


def answer(stream: StreamView, leaf: LeafView, ladder: Ladder | None, objects: Sequence[Disclosed]) -> str:
    """The first line of the page: the worst that was found."""
    what = "This event" if leaf.kind == "event" else f"This {leaf.kind} leaf"
    altered = [one.altered or one.missing for one in objects if one.altered or one.missing]
    place = _place(stream, what, leaf.index, ladder)
    return " ".join([*altered, "Do not rely on what is shown.", place]) if altered else place


def _place(stream: StreamView, what: str, index: int, ladder: Ladder | None) -> str:
    if ladder is None:
        stopped = " The stream is stopped, so none will come before somebody has looked." if stream.stopped else ""
        return f"{what} is received and receipted; no checkpoint covers it yet.{stopped}"
    if not ladder.signature.verified:
        return f"{what} leads to a root whose signature does not verify. Do not rely on it."
    if ladder.equal:
        return f"{what} stands at place {index:,} of the signed log: its path leads to the signed root."
    return f"{what} does not lead to the signed root. Do not rely on it."


def receipt_of(stream: StreamView, leaf: LeafView, stored: Mapping[int, StoredReceipt]) -> ReceiptShown:
    """The receipt as it is handed out and what it says, or why there is none now."""
    try:
        envelope = receipts.receipts_of(stream, [leaf], held=stored)[0]
        said = parse_receipt(envelope.payload)
    except LedgerError as problem:
        return ReceiptShown("", None, "", str(problem))
    return ReceiptShown(json.dumps(envelope.to_json(), indent=2), parse_time(said.promised_by), said.kid)


def offline(stream: StreamView, leaf: LeafView) -> str:
    """The command that recomputes the same path with the server off."""
    name = f"{stream.namespace}-{stream.name}-{leaf.index}.tlog-proof"
    return f"python3 -S {FILE_NAME} proof {name} {OPTIONS}"
