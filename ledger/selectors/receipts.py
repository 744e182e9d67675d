"""Receipts: derived from the leaf and the key that its row names, byte for byte the same each time.

Guarantees that none is made for a leaf before the head guard was told of it, on the same history.
A sealed window has the signatures stored; before that they are made again (Ed25519 is deterministic).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ledger.core import receipt as receipts
from ledger.core.dsse import Envelope as Dsse
from ledger.core.dsse import Signature, pae
from ledger.core.envelope import Envelope
from ledger.errors import NotThere
from ledger.models import Receipt
from ledger.selectors.keys import key_by_kid
from ledger.selectors.leaves import LeafView, leaf
from ledger.selectors.promises import promised_size
from ledger.selectors.streams import StreamView
from ledger.storage.signer import signer


def receipt(stream: StreamView, index: int) -> Dsse:
    """The receipt of the event at `index`; raises NotThere, KeyUnusable, and what `receipts_of` raises."""
    return receipts_of(stream, [leaf(stream, index)])[0]


def receipts_of(stream: StreamView, leaves: Sequence[LeafView], promised: int | None = None) -> list[Dsse]:
    """The receipts of event leaves, in order: stored signatures where there are, fresh ones elsewhere.

    Fresh ones only for leaves below `promised`; who has just told the guard gives it, else the guard is asked.
    Raises NotThere for a leaf that is not promised yet, and what `promised_size` raises.
    """
    stored = dict(
        Receipt.objects.filter(stream_id=stream.id, index__in=[one.index for one in leaves])
        .values_list("index", "signature")
    )  # fmt: skip
    _check_promised(stream, [one.index for one in leaves if one.index not in stored], promised)
    fresh = derived(stream, [(one.parsed, _kid(one)) for one in leaves if one.index not in stored])
    made = {one.index: envelope for one, envelope in zip(
        (one for one in leaves if one.index not in stored), fresh, strict=True)}  # fmt: skip
    return [made.get(one.index) or _stored(stream, one, stored) for one in leaves]


def _check_promised(stream: StreamView, fresh: Sequence[int], promised: int | None) -> None:
    newest = max(fresh, default=-1)
    if fresh and newest >= (promised_size(stream) if promised is None else promised):
        raise NotThere(
            "The head guard has not been told of this event yet, so there is no receipt",
            why=f"index {newest}",
            next_step="Ask again in a moment, or send the event again with the same source and id.",
        )


def derived(stream: StreamView, leaves: Iterable[tuple[Envelope, str]]) -> list[Dsse]:
    """Sign the receipts of leaves, each given with the kid of its row. Never under a lock, never before the
    commit.
    """
    bodies = [(kid, _body(stream, leaf, kid)) for leaf, kid in leaves]
    made: dict[int, Dsse] = {}
    for kid in {kid for kid, _ in bodies}:
        places = [place for place, (owner, _) in enumerate(bodies) if owner == kid]
        messages = (pae(receipts.PAYLOAD_TYPE, bodies[place][1]) for place in places)
        for place, sig in zip(places, signer().sign_many(key_by_kid(kid), messages), strict=True):
            made[place] = Dsse(bodies[place][1], receipts.PAYLOAD_TYPE, (Signature(sig, kid),))
    return [made[place] for place in range(len(bodies))]


def _body(stream: StreamView, leaf: Envelope, kid: str) -> bytes:
    return receipts.promise(stream.log, leaf, kid, stream.max_merge_delay_s).body()


def _kid(view: LeafView) -> str:
    if view.kid is None:
        raise NotThere("Only events have receipts", why=f"index {view.index} is a {view.kind} leaf")
    return view.kid


def _stored(stream: StreamView, view: LeafView, stored: Mapping[int, bytes | memoryview]) -> Dsse:
    kid = _kid(view)
    body = _body(stream, view.parsed, kid)
    return Dsse(body, receipts.PAYLOAD_TYPE, (Signature(bytes(stored[view.index]), kid),))
