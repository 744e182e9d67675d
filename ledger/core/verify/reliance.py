"""Step 14: pauses of reliance that overlap the range. For each leaf the newest reliance leaf that names it counts."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import cast

from ledger.core.verify.case import Case

_RELIANCE = frozenset({"reliance"})


def check_reliance(case: Case) -> None:
    """Leaves of the range on which the log paused reliance and did not resume it."""
    leaves, before = case.leaves, case.findings.count
    if leaves is None or not len(leaves) or case.history is None:
        return
    spans: list[tuple[int, int, bool]] = []
    for leaf in case.known(_RELIANCE).values():
        start, end = cast("int", leaf.fields["from"]), cast("int", leaf.fields["to"])
        if end < start:
            case.findings.problem("leaf_schema", f"leaf {leaf.index}", "A reliance leaf ends before it begins")
        spans.append((start, end, leaf.fields["state"] == "paused"))
    for start, end in paused_parts(spans, leaves.first, leaves.last):
        case.findings.problem(
            "reliance_paused",
            f"leaves {start} to {end}",
            "The log paused reliance on them and has not resumed it",
        )
    case.findings.ran("reliance", compared=len(spans), since=before)


def paused_parts(spans: list[tuple[int, int, bool]], first: int, last: int) -> list[tuple[int, int]]:
    """Parts of [first, last] whose newest word is a pause; `spans` are (start, end, paused), oldest first."""
    inside = [(max(start, first), min(end, last), paused) for start, end, paused in spans]
    inside = [span for span in inside if span[0] <= span[1]]
    edges = sorted({last + 1, *(start for start, _, _ in inside), *(end + 1 for _, end, _ in inside)})
    found: list[tuple[int, int]] = []
    for place in sorted(_newest_paused(inside, edges)):
        start, end = edges[place], edges[place + 1] - 1
        joined = found.pop()[0] if found and found[-1][1] == start - 1 else start
        found.append((joined, end))
    return found


def _newest_paused(spans: list[tuple[int, int, bool]], edges: list[int]) -> Iterator[int]:
    """Places between two edges that a pause decides; each is decided once, by the newest span over it."""
    following = list(range(len(edges)))

    def undecided(place: int) -> int:
        while following[place] != place:
            following[place] = following[following[place]]
            place = following[place]
        return place

    for start, end, paused in reversed(spans):
        place = undecided(bisect_left(edges, start))
        while edges[place] <= end:
            if paused:
                yield place
            following[place] = place + 1
            place = undecided(place)
