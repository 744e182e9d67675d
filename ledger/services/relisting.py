"""After a restore: what the leaves say is listed again, and what they erased is erased again.

A backup from before an erasure brings the content back; the leaf, refilled from entry bundles or kept by the log,
says that it has gone. May be repeated.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.core.envelope import parse
from ledger.core.hold import hold_of
from ledger.models import Leaf, Notice
from ledger.selectors.streams import StreamView
from ledger.services.erasures import finish
from ledger.services.notices import list_leaf
from ledger.services.raw import own_transaction
from ledger.services.recovery import ensure_compared
from ledger.services.store_notices import still_held

KINDS = ("erasure", "hold", "gap", "terms", "reliance")


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many leaves were not listed, and how many erasures were carried out again."""

    listed: int
    erasures: int


def replay(stream: StreamView) -> Replayed:
    """List what is not listed, then carry out every erasure leaf again; raises as `finish` does."""
    ensure_compared(stream)
    listed = 0
    rows = Leaf.objects.filter(stream_id=stream.id, kind__in=KINDS).order_by("index")
    for index, raw in rows.values_list("index", "bytes"):
        if not Notice.objects.filter(stream_id=stream.id, index=index).exists():
            _list(stream, bytes(raw))
            listed += 1
    erasures = list(rows.filter(kind="erasure").values_list("index", flat=True))
    for index in erasures:
        finish(stream, index)
    return Replayed(listed, len(erasures))


def _list(stream: StreamView, raw: bytes) -> None:
    leaf = parse(raw)
    held = leaf.kind == "hold" and not hold_of(leaf).released and still_held(stream.id, leaf)
    with own_transaction():
        list_leaf(stream.id, leaf, is_open=leaf.kind == "erasure" or held)
