"""Spans of leaves as erasure and hold leaves name them: ascending, apart from each other, both ends inside."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias, cast

from ledger.core.fields import closed, index, list_of
from ledger.core.types import JSON, JSONObject
from ledger.errors import LeafSchema

Span: TypeAlias = tuple[int, int]
MAX_SPANS: Final = 1_000
"""Spans in one leaf: with them it stays below the limit of 65,535 bytes."""
_spans = list_of(closed({"from": index, "to": index}), least=1, most=MAX_SPANS)


def spans(value: JSON) -> None:
    """The field of a leaf: 1 to 1,000 objects {from, to}, ascending and apart; raises LeafSchema."""
    _spans(value)
    end = -1
    for start, stop in spans_of(value):
        if not end < start <= stop:
            raise LeafSchema("Ranges ascend and do not overlap", why=f"{start} to {stop} after {end}")
        end = stop


def spans_of(value: JSON) -> list[Span]:
    """The field read, after its schema was checked."""
    rows = cast("list[JSONObject]", value)
    return [(cast("int", row["from"]), cast("int", row["to"])) for row in rows]


def spans_json(given: Iterable[Span]) -> list[JSON]:
    """The form in which spans stand in leaves."""
    return [{"from": start, "to": stop} for start, stop in given]


def joined(given: Iterable[Span]) -> list[Span]:
    """The same leaves as ascending spans that neither overlap nor touch."""
    found: list[Span] = []
    for start, stop in sorted(given):
        if found and start <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], stop))
        else:
            found.append((start, stop))
    return found


def holds_index(given: Sequence[Span], place: int) -> bool:
    """Whether ascending spans hold the leaf at `place`."""
    at = bisect_right(given, place, key=lambda span: span[0])
    return at > 0 and place <= given[at - 1][1]


def common(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """What lies in both of two ascending lists of spans."""
    found: list[Span] = []
    at = 0
    for start, stop in one:
        while at < len(other) and other[at][1] < start:
            at += 1
        place = at
        while place < len(other) and other[place][0] <= stop:
            found.append((max(start, other[place][0]), min(stop, other[place][1])))
            place += 1
    return found


def without(given: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """What lies in the first of two ascending lists of spans and not in the second."""
    found: list[Span] = []
    for start, stop in given:
        left = start
        for first, last in common([(start, stop)], taken):
            if left < first:
                found.append((left, first - 1))
            left = last + 1
        if left <= stop:
            found.append((left, stop))
    return found
