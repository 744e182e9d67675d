"""What is gone must have been erased: an object is missing rightly only where an `erasure` leaf names it."""

from __future__ import annotations

from collections.abc import Iterable

from ledger.core.envelope import Envelope, parse
from ledger.core.erasure import erasure_of
from ledger.core.schemas import PARTS
from ledger.core.spans import Span, holds_index, joined
from ledger.errors import LedgerError
from ledger.models import Leaf, Notice
from ledger.services.store_findings import StoreFindings

Erasing = tuple[str, int, int]
"""A part, and the first and last leaf from which it was taken away."""


def spans_of_erasure(leaf: Envelope) -> list[Erasing]:
    """What an erasure leaf takes away: only what stands before itself."""
    told = erasure_of(leaf)
    before = int(leaf.index) - 1
    return [(part, start, min(stop, before)) for part in told.parts for start, stop in told.spans if start <= before]


class Erased:
    """Which objects of a log were erased."""

    def __init__(self) -> None:
        self._spans: dict[str, list[Span]] = {part: [] for part in PARTS}

    def mark(self, erased: Iterable[Erasing]) -> None:
        """Take what erasure leaves name."""
        for part, start, stop in erased:
            self._spans[part].append((start, stop))

    def tell(self, found: StoreFindings, gone: Iterable[tuple[int, str]]) -> None:
        """Tell what is gone and was not erased."""
        spans = {part: joined(given) for part, given in self._spans.items()}
        for index, role in gone:
            if not holds_index(spans[role], index):
                found.problem("payload_missing", f"{role} {index}", "It is gone, and no erasure leaf says so.")


def erasures(stream_id: int, start: int) -> list[Erasing]:
    """What the erasure leaves from `start` on name; the notices say where they stand, and the leaves what they say."""
    places = Notice.objects.filter(stream_id=stream_id, kind="erasure", index__gte=start)
    rows = Leaf.objects.filter(stream_id=stream_id, index__in=list(places.values_list("index", flat=True)))
    found: list[Erasing] = []
    for raw in rows.values_list("bytes", flat=True):
        try:
            leaf = parse(bytes(raw))
        except LedgerError:
            continue  # told where the leaf is read
        found += spans_of_erasure(leaf) if leaf.kind == "erasure" else []
    return found
