"""Step 8, where leaves meet: chain and clock between attached leaves and the range, and across hidden leaves.

`recorded` never decreases except directly after a `segment` leaf. Segments are control leaves, so with the
history complete a time that goes back without one is proven, however many leaves lie unseen in between.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

from ledger.core.bundle.layout import ATTACHED
from ledger.core.envelope import Envelope
from ledger.core.types import Hash
from ledger.core.verify.case import Case
from ledger.core.verify.manifest import latest_time

_SEGMENT = frozenset({"segment"})


def check_neighbours(case: Case) -> None:
    """Compare `prev` where two leaves touch, `recorded` along all that are known, and both with the clock."""
    before = case.findings.count
    for leaf, hash_before in _touching(case):
        if leaf.prev != hash_before:
            message = f"Leaf {leaf.index} does not name the hash of the leaf before it"
            case.findings.problem("chain_broken", f"leaf {leaf.index}", message)
    for start, end in _went_back(case):
        message = f"Leaf {end} was recorded before leaf {start}, and no segment leaf in between says why"
        case.findings.problem("time_reversed", f"leaf {end}", message)
    latest = latest_time(case.reader)
    for leaf in case.attached.values():
        if latest is not None and leaf.recorded > latest:
            path = f"{ATTACHED} leaf {leaf.index}"
            case.findings.problem("time_in_future", path, f"Recorded {leaf.recorded}, ahead of the clock")
    if case.findings.count > before:
        case.findings.ran("attached", passed=False)


def _touching(case: Case) -> Iterator[tuple[Envelope, Hash]]:
    """Known leaves with the hash of the leaf before them, where not both were compared in the range."""
    edges = _known(case)
    for index, leaf in edges.items():
        if index in case.attached or index - 1 in case.attached:
            found = _hash_of(case, index - 1)
            if found is not None:
                yield leaf, found


def _known(case: Case) -> dict[int, Envelope]:
    """Attached leaves and the two ends of the range, by index."""
    table = case.leaves
    ends = {table.first, table.last} if table is not None and len(table) else set[int]()
    inside = {index: table.kept[index] for index in ends if table is not None and index in table.kept}
    both = {**inside, **case.attached}
    return {index: both[index] for index in sorted(both)}


def _hash_of(case: Case, index: int) -> Hash | None:
    if index in case.attached:
        return case.attached[index].leaf_hash
    return case.leaves.hash_of(index) if case.leaves is not None else None


def _went_back(case: Case) -> Iterator[tuple[int, int]]:
    """Pairs of leaves whose times go back without a segment leaf; nothing while the history is not known."""
    if case.history is None:
        return
    segments = list(case.known(_SEGMENT))
    pairs = [
        (one.index, other.index) for one, other in pairwise(_known(case).values()) if other.recorded < one.recorded
    ]
    hidden = case.leaves.reversed if case.leaves is not None else []
    for start, end in (*pairs, *hidden):
        at = bisect_left(segments, start)
        if at == len(segments) or segments[at] >= end:
            yield start, end
