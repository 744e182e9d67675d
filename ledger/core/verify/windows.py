"""Step 10: windows by their root, number, tiling, times and control leaf.

The root is compared where all leaves of a window are in the range; which leaves lie in no such window is
told. Numbers and tiling are compared along every manifest that is shown: window 1 begins at leaf 0, and only
leaves that nobody sees can be the manifest of a window that is left out.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Final

from ledger.core.control import Link
from ledger.core.envelope import Envelope
from ledger.core.schemas import CONTROL
from ledger.core.types import Hash, LeafIndex
from ledger.core.verify.case import Case
from ledger.core.verify.table import LeafTable
from ledger.core.window import Window, window_of, window_root
from ledger.errors import LedgerError

_WINDOW: Final = frozenset({"window"})
_SHOWN_SPANS: Final = 3


@dataclass(frozen=True, slots=True)
class _Place:
    """A window and the index of its manifest; before the first one stands window 0, which holds nothing."""

    number: int
    end: int
    index: int


_NOTHING: Final = _Place(0, -1, -1)


@dataclass(slots=True)
class _Windows:
    """One pass over all manifests that are known, in the order of the log.

    No leaf counts for two roots: windows that lie over each other would cost the square of their leaves, and one of
    them is misplaced anyway.
    """

    case: Case
    leaves: LeafTable
    before: _Place | None = _NOTHING
    compared: list[Window] = field(default_factory=list)
    covered: int = -1
    attached: list[int] = field(default_factory=list)
    control: list[Link] = field(default_factory=list)
    segments: list[int] = field(default_factory=list)


def check_windows(case: Case) -> None:
    """Compare every manifest with its leaves, with the window before, and with the newest control leaf."""
    leaves, findings = case.leaves, case.findings
    if leaves is None or not len(leaves):
        return
    before = findings.count
    walk = _Windows(case, leaves, attached=[index for index in sorted(case.attached) if not leaves.is_shown(index)])
    known = case.known(CONTROL)
    walk.control = [Link.to(leaf) for leaf in case.history.leaves] if case.history is not None else []
    walk.segments = [index for index, leaf in known.items() if leaf.kind == "segment"]
    for leaf in case.known(_WINDOW).values():
        _check(walk, leaf)
    _tell_edges(walk)
    findings.ran("windows", compared=len(walk.compared), since=before)


def _check(walk: _Windows, leaf: Envelope) -> None:
    path = f"leaf {leaf.index}"
    try:
        window = window_of(leaf)
    except LedgerError as error:
        walk.case.findings.refused(error, path, "window_mismatch")
        walk.before = None
        return
    for problem in (_misplaced(walk, leaf, window), _times(walk, leaf, window), _control(walk, leaf, window)):
        if problem is not None:
            walk.case.findings.problem("window_mismatch", path, problem)
    anew = walk.leaves.complete and window.start > walk.covered
    hashes = walk.leaves.hashes_between(window.start, window.end) if anew else None
    if hashes is not None:
        _compare(walk, path, window, hashes)
    walk.before = _Place(window.number, window.end, leaf.index)


def _compare(walk: _Windows, path: str, window: Window, hashes: list[Hash]) -> None:
    walk.compared.append(window)
    walk.covered = window.end
    if window_root(hashes) != window.root:
        message = f"The leaves {window.start} to {window.end} do not give the root of window {window.number}"
        walk.case.findings.problem("window_mismatch", path, message)


def _misplaced(walk: _Windows, leaf: Envelope, window: Window) -> str | None:
    """What is wrong between this window and the one before, in words."""
    before = walk.before
    if before is None:
        return None
    lacking, gap = window.number - before.number - 1, window.start - before.end - 1
    behind = f"window {before.number}, which ends at leaf {before.end}" if before.number else "the log's beginning"
    if lacking < 0 or gap < 0:
        return f"Window {window.number} from leaf {window.start} does not lie behind {behind}"
    if lacking == 0 and gap > 0:
        return f"Window {window.number} begins at leaf {window.start}, {gap} leaves after {behind}"
    if lacking > min(gap, _unseen(walk, before.index, leaf.index)):
        return f"Window {window.number} follows {behind}: windows in between are left out where every leaf is shown"
    return None


def _unseen(walk: _Windows, start: int, end: int) -> int:
    """How many leaves between the manifests at `start` and `end` are not shown: as many windows may close there."""
    attached = bisect_left(walk.attached, end) - bisect_left(walk.attached, start + 1)
    return end - start - 1 - walk.leaves.shown_between(start + 1, end) - attached


def _times(walk: _Windows, leaf: Envelope, window: Window) -> str | None:
    """Opened, first leaf, last leaf, closed, manifest: in this order, unless a segment leaf set the clock."""
    at = bisect_left(walk.segments, window.start - 1)
    if at < len(walk.segments) and walk.segments[at] < leaf.index:
        return None
    first, last = (walk.leaves.leaf(walk.case.archive, LeafIndex(index)) for index in (window.start, window.end))
    moments = [window.opened, *(one.recorded for one in (first, last) if one is not None), window.closed, leaf.recorded]
    if moments != sorted(moments):
        return f"Window {window.number}: opened, its leaves, closed and its manifest are not in the order of time"
    return None


def _control(walk: _Windows, leaf: Envelope, window: Window) -> str | None:
    """The manifest must name the newest control leaf before itself, as far as the history is known."""
    at = bisect_left(walk.control, leaf.index, key=lambda link: link.index) - 1
    if at >= 0 and window.control != walk.control[at]:
        newest = walk.control[at].index
        return f"Window {window.number} names control leaf {window.control.index}, the newest is {newest}"
    return None


def _tell_edges(walk: _Windows) -> None:
    """A note on the leaves of the range that lie in no window that was compared."""
    spans = _uncovered(walk.leaves.first, walk.leaves.last, walk.compared)
    if not spans:
        return
    texts = [f"{start}" if start == end else f"{start} to {end}" for start, end in spans[:_SHOWN_SPANS]]
    more = ", and more" if spans[_SHOWN_SPANS:] else ""
    count = sum(end - start + 1 for start, end in spans)
    walk.case.findings.note(
        "window_edge",
        "windows",
        f"{count:,} of {len(walk.leaves):,} leaves ({', '.join(texts)}{more}) lie in no window that was compared: it "
        "is not wholly in the range, still open under this head, or its manifest is not shown",
    )


def _uncovered(first: int, last: int, windows: list[Window]) -> list[tuple[int, int]]:
    """The parts of [first, last] outside `windows`, both ends inside."""
    spans: list[tuple[int, int]] = []
    at = first
    for window in sorted(windows, key=lambda one: one.start):
        if window.start > at:
            spans.append((at, window.start - 1))
        at = max(at, window.end + 1)
    return [*spans, (at, last)] if at <= last else spans
