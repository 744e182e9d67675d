"""The derived rows of leaves that speak of others, against those leaves: without them a hold would hold nothing."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.core.envelope import Envelope, parse
from ledger.core.hold import hold_of
from ledger.core.notice import notice_of
from ledger.core.schemas import PARTS
from ledger.core.spans import Span, without
from ledger.errors import LedgerError
from ledger.models import Leaf, Notice, NoticeRange
from ledger.services.store_findings import StoreFindings

_CODE = "notice_mismatch"


def check_notices(found: StoreFindings, stream_id: int, first: int, last: int, leaves: Sequence[Envelope]) -> None:
    """Compare the rows of leaves [first, last) with what these leaves say."""
    rows = Notice.objects.filter(stream_id=stream_id, index__gte=first, index__lt=last)
    stored = {index: told for index, *told in rows.values_list("index", "kind", "name", "is_open")}
    ranges = _ranges(stream_id, first, last)
    for leaf in leaves:
        index = int(leaf.index)
        held, spans = stored.pop(index, None), ranges.pop(index, [])
        try:
            told = notice_of(leaf)
        except LedgerError as error:
            found.refused(error, f"leaf {index}")
            continue
        if told is None and held is None and not spans:
            continue
        _compare(found, stream_id, leaf, held, spans)


def _compare(
    found: StoreFindings, stream_id: int, leaf: Envelope, held: list[object] | None, spans: list[tuple[object, ...]]
) -> None:
    told, path = notice_of(leaf), f"notice {leaf.index}"
    found.count("notices")
    if told is None or held is None:
        found.problem(_CODE, path, "The leaf is none that is listed." if told is None else "The leaf is not listed.")
        return
    parts = tuple(part in told.parts for part in PARTS)
    if held[:2] != [told.kind, told.name] or spans != [(told.kind, *span, *parts) for span in told.spans]:
        found.problem(_CODE, path, "Another kind, name or range is listed than the leaf says.")
    if told.kind == "hold" and told.name and not held[2] and still_held(stream_id, leaf):
        found.problem(_CODE, path, "It is listed as released, and no leaf releases it.")


def _ranges(stream_id: int, first: int, last: int) -> dict[int, list[tuple[object, ...]]]:
    rows = NoticeRange.objects.filter(stream_id=stream_id, index__gte=first, index__lt=last).order_by("index", "first")
    found: dict[int, list[tuple[object, ...]]] = {}
    for index, *told in rows.values_list("index", "kind", "first", "last", *PARTS):
        found.setdefault(index, []).append(tuple(told))
    return found


def still_held(stream_id: int, leaf: Envelope) -> bool:
    """Whether some of what the leaf holds was never released: by the leaves, whatever is listed."""
    own, held = hold_of(leaf), list[Span](hold_of(leaf).spans)
    rows = Leaf.objects.filter(stream_id=stream_id, kind="hold", index__gt=leaf.index)
    for raw in rows.values_list("bytes", flat=True):
        try:
            other = hold_of(parse(bytes(raw)))
        except (LedgerError, KeyError):
            continue  # told where the leaf is read
        if other.released and other.case == own.case:
            held = without(held, list(other.spans))
    return bool(held)
