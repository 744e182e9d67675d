"""Receipts: derived from the leaf and the key that its row names, byte for byte the same each time.

A key that was retired and is gone leaves the receipts it did not sign to the one that followed; they say so.

Guarantees that none is made for a leaf before the head guard was told of it, on the same history.
A sealed window has the signatures stored; before that they are made again (Ed25519 is deterministic).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery

from ledger.core import receipt as receipts
from ledger.core.dsse import Envelope as Dsse
from ledger.core.dsse import Signature, pae
from ledger.core.envelope import Envelope
from ledger.core.event_mold import CastLeaf
from ledger.errors import NotThere
from ledger.models import Leaf, Receipt
from ledger.selectors.keys import is_usable, key_by_kid, key_in_force
from ledger.selectors.leaves import LeafView, leaf, view_of
from ledger.selectors.promises import promised_size
from ledger.selectors.streams import StreamView
from ledger.storage.signer import RegisteredKey, signer


@dataclass(frozen=True, slots=True)
class StoredReceipt:
    """What was stored of a receipt when its window was sealed; the body is derived from the leaf."""

    kid: str
    signature: bytes
    issued: int | None


def receipt(stream: StreamView, index: int) -> Dsse:
    """The receipt of the event at `index`; raises NotThere, KeyUnusable, and what `receipts_of` raises."""
    return receipts_of(stream, [leaf(stream, index)])[0]


def leaf_with_receipt(stream: StreamView, index: int) -> tuple[LeafView, dict[int, StoredReceipt]]:
    """The leaf at `index` and, by its index, what is stored of its receipt, in one query; raises NotThere."""
    beside = Receipt.objects.filter(stream_id=OuterRef("stream_id"), index=OuterRef("index"))
    columns = {f"receipt_{name}": Subquery(beside.values(name)) for name in ("kid", "signature", "issued")}
    row = Leaf.objects.filter(stream_id=stream.id, index=index).annotate(**columns).first()
    if row is None:
        raise NotThere("The stream has no leaf at this index", why=f"index {index}, size {stream.size}")
    told = vars(row)
    kid, signature, issued = (told[name] for name in columns)
    return view_of(row), {} if signature is None else {index: StoredReceipt(kid, bytes(signature), issued)}


def receipts_of(
    stream: StreamView, leaves: Sequence[LeafView], promised: int | None = None,
    held: Mapping[int, StoredReceipt] | None = None,
) -> list[Dsse]:  # fmt: skip
    """The receipts of event leaves, in order: stored signatures where there are, fresh ones elsewhere.

    Fresh ones only for leaves below `promised`; who has just told the guard gives it, else the guard is asked.
    `held` are the stored ones, where they have been read. Raises NotThere for a leaf that is not promised yet,
    KeyUnusable, SignerPaused, and what `promised_size` raises.
    """
    stored = _stored_of(stream, leaves) if held is None else held
    lacking = [one for one in leaves if one.index not in stored]
    _check_promised(stream, [one.index for one in lacking], promised)
    fresh = derived(stream, [(one.parsed, _kid(one)) for one in lacking])
    made = {one.index: envelope for one, envelope in zip(lacking, fresh, strict=True)}
    return [made.get(one.index) or _stored(stream, one, stored[one.index]) for one in leaves]


def _check_promised(stream: StreamView, fresh: Sequence[int], promised: int | None) -> None:
    newest = max(fresh, default=-1)
    if fresh and newest >= (promised_size(stream) if promised is None else promised):
        raise NotThere(
            "The head guard has not been told of this event yet, so there is no receipt",
            why=f"index {newest}",
            next_step="Ask again in a moment, or send the event again with the same source and id.",
        )


@dataclass(frozen=True, slots=True)
class _Authority:
    """The key that signs a receipt, and the index as of which, where it came later than the leaf."""

    key: RegisteredKey
    issued: int | None = None


def derived(stream: StreamView, leaves: Iterable[tuple[Envelope | CastLeaf, str]]) -> list[Dsse]:
    """Sign the receipts of leaves, each given with the kid of its row. Never under a lock, never before the
    commit.

    Where a retired key cannot sign any more, the key in force does, and the receipt says as of which index.
    """
    asked = list(leaves)
    made: dict[int, Dsse] = {}
    for kid in dict.fromkeys(kid for _, kid in asked):
        by = _authority(stream, kid)
        places = [place for place, (_, named) in enumerate(asked) if named == kid]
        bodies = [_body(stream, asked[place][0], by.key.kid, by.issued) for place in places]
        made |= zip(places, _signed(by.key, bodies), strict=True)
    return [made[place] for place in range(len(asked))]


def _signed(key: RegisteredKey, bodies: Sequence[bytes]) -> list[Dsse]:
    signatures = signer().sign_many(key, [pae(receipts.PAYLOAD_TYPE, body) for body in bodies])
    return [
        Dsse(body, receipts.PAYLOAD_TYPE, (Signature(sig, key.kid),))
        for body, sig in zip(bodies, signatures, strict=True)
    ]


def issued_of(envelope: Dsse) -> int | None:
    """The index as of which a receipt was signed, where that was later than its leaf."""
    return receipts.parse_receipt(envelope.payload).issued


def _authority(stream: StreamView, kid: str) -> _Authority:
    """The key of the leaf's row; the one in force where that was retired and is gone, from its own first leaf on."""
    key = key_by_kid(kid)
    if not key.is_retired or is_usable(key):
        return _Authority(key)
    later = key_in_force(stream.id, key.use)
    return _Authority(later, later.valid_from)


def _body(stream: StreamView, leaf: Envelope | CastLeaf, kid: str, issued: int | None) -> bytes:
    return receipts.promise_body(stream.log, leaf, kid, stream.max_merge_delay_s, issued)


def _kid(view: LeafView) -> str:
    if view.kid is None:
        raise NotThere("Only events have receipts", why=f"index {view.index} is a {view.kind} leaf")
    return view.kid


def _stored_of(stream: StreamView, leaves: Sequence[LeafView]) -> dict[int, StoredReceipt]:
    rows = Receipt.objects.filter(stream_id=stream.id, index__in=[one.index for one in leaves])
    return {row.index: StoredReceipt(row.kid, bytes(row.signature), row.issued) for row in rows}


def _stored(stream: StreamView, view: LeafView, row: StoredReceipt) -> Dsse:
    body = _body(stream, view.parsed, row.kid, row.issued)
    return Dsse(body, receipts.PAYLOAD_TYPE, (Signature(row.signature, row.kid),))
