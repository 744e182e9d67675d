"""Leaves of a stream that name the decision they follow."""

from __future__ import annotations

from ledger.core.envelope import Envelope
from ledger.core.verify.decided import named_of
from ledger.core.verify.judging import Named
from ledger.models import Notice
from ledger.selectors.evidence import control_leaves
from ledger.selectors.leaves import leaves_at
from ledger.selectors.notices import overlapping
from ledger.selectors.streams import StreamView

_BESIDE = ("erasure", "hold")


def named_in(stream: StreamView, first: int, last: int, size: int) -> tuple[Named, ...]:
    """Those that a bundle of leaves `first` to `last` under the head of `size` holds, shown or attached."""
    rows = Notice.objects.filter(stream_id=stream.id, kind__in=_BESIDE, index__gte=first, index__lte=last)
    beside = set(rows.values_list("index", flat=True)) | overlapping(stream.id, first, last, size, _BESIDE)
    found: dict[int, Envelope] = {one.index: one.parsed for one in control_leaves(stream, size)}
    found |= {index: one.parsed for index, one in leaves_at(stream, sorted(beside)).items()}
    return named_of(found[index] for index in sorted(found))
