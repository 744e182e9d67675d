"""The log of heads, `_platform/heads`: where a stream's checkpoint stands in it, and the proof that it does.

A proof joins three things: the stream's signed note, the `head` leaf that says what the note says, and the
path from that leaf to the signed root of the log of heads. `ledger.core.head` compares the first two.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Subquery
from django.db.models.functions import Coalesce

from ledger.errors import NotThere, StreamUnknown
from ledger.models import LoggedHead, StreamHead
from ledger.selectors import checkpoints, proofs
from ledger.selectors.checkpoints import CheckpointView
from ledger.selectors.proofs import ProofView
from ledger.selectors.streams import StreamView, stream_by_id
from ledger.selectors.streams import stream as stream_named

HEADS = ("_platform", "heads")
_FIRST = StreamHead.objects.filter(stream__namespace=HEADS[0], stream__name=HEADS[1]).values("signed_size")[:1]
SIGNED = Coalesce(F("log__head__signed_size"), Subquery(_FIRST))
"""Of a row of LoggedHead: how many leaves of its log of heads are signed."""


@dataclass(frozen=True, slots=True)
class LoggedHeadView:
    """The checkpoint of `size` leaves is leaf `index` of the log of heads, which is signed up to `signed`."""

    size: int
    index: int
    signed: int

    @property
    def covered(self) -> bool:
        """Whether a signed head of the log of heads covers it."""
        return self.index < self.signed


@dataclass(frozen=True, slots=True)
class HeadProof:
    """A stream's checkpoint, and the inclusion proof of its `head` leaf in the log of heads."""

    checkpoint: CheckpointView
    proof: ProofView


def is_log_of_heads(stream: StreamView) -> bool:
    """Whether this is the log of heads itself, which has no head in it."""
    return (stream.namespace, stream.name) == HEADS


def newest_logged(stream: StreamView) -> LoggedHeadView | None:
    """The largest checkpoint of the stream that the log of heads knows; None before the first."""
    rows = LoggedHead.objects.filter(stream_id=stream.id).order_by("-size").annotate(signed=SIGNED)
    row = rows.values_list("size", "index", "signed").first()
    return None if row is None else LoggedHeadView(*row)


def proof_of_head(stream: StreamView, size: int | None = None) -> HeadProof:
    """Prove the checkpoint of `size` leaves, or the largest that can be proved now, in the log of heads.

    Raises NotThere where it is not entered yet, or no signed head of the log of heads covers it yet.
    """
    first = _log()
    rows = LoggedHead.objects.filter(stream_id=stream.id).annotate(signed=SIGNED).filter(index__lt=F("signed"))
    rows = rows.order_by("-size")
    row = (rows if size is None else rows.filter(size=size)).first()
    if row is None:
        raise NotThere(
            "The log of heads does not prove this checkpoint yet",
            why="newest" if size is None else f"size {size}",
            next_step="Wait for its next window to close.",
        )
    log = first if row.log_id is None else stream_by_id(row.log_id)
    return HeadProof(checkpoints.at(stream, row.size), proofs.inclusion(log, row.index))


def _log() -> StreamView:
    try:
        return stream_named(*HEADS)
    except StreamUnknown as error:
        raise NotThere("There is no log of heads yet", next_step="Start the platform once.") from error
