"""Step 10: windows that lie wholly inside the range, by their root, count, tiling and control leaf.

Windows at the edges are told as not evaluated: their leaves are not all here.
"""

from __future__ import annotations

from ledger.core.control import Link
from ledger.core.envelope import Envelope
from ledger.core.schemas import CONTROL
from ledger.core.verify.case import Case
from ledger.core.verify.table import LeafTable
from ledger.core.window import Window, window_of, window_root
from ledger.errors import LedgerError

_WINDOW = frozenset({"window"})


def check_windows(case: Case) -> None:
    """Compare every manifest with its leaves, with the window before, and with the newest control leaf."""
    leaves, findings = case.leaves, case.findings
    if leaves is None or not len(leaves):
        return
    before: Window | None = None
    edges, wrong = 0, False
    for index, leaf in case.known(_WINDOW).items():
        window = _read(case, leaf)
        if window is None:
            wrong, before = True, None
            continue
        problem = _contradiction(leaves, window, before) or _other_control(case, leaf, window)
        if problem is not None:
            findings.problem("window_mismatch", f"leaf {index}", problem)
            wrong = True
        edges += _is_edge(leaves, window)
        before = window
    if edges:
        findings.note("window_edge", "windows", f"{edges} windows lie partly outside the range and were not evaluated")
    findings.ran("windows", passed=not wrong)


def _read(case: Case, leaf: Envelope) -> Window | None:
    try:
        return window_of(leaf)
    except LedgerError as error:
        case.findings.refused(error, f"leaf {leaf.index}", "window_mismatch")
        return None


def _contradiction(leaves: LeafTable, window: Window, before: Window | None) -> str | None:
    """What is wrong with the window, in words; None where nothing is, or its leaves are not all here."""
    if before is not None and window.number == before.number + 1 and window.start > before.end + 1:
        return f"Window {window.number} begins at {window.start}, the one before ends at {before.end}"
    if before is not None and (window.number <= before.number or window.start <= before.end):
        return f"Window {window.number} follows window {before.number} and does not lie behind it"
    hashes = leaves.hashes_between(window.start, window.end) if leaves.complete else None
    if hashes is not None and window_root(hashes) != window.root:
        return f"The leaves {window.start} to {window.end} do not give the root of window {window.number}"
    return None


def _other_control(case: Case, leaf: Envelope, window: Window) -> str | None:
    """The manifest must name the newest control leaf before itself, as far as the history is known."""
    if case.history is None:
        return None
    older = [control for control in case.history.leaves if control.index < leaf.index and control.kind in CONTROL]
    if older and window.control != Link.to(older[-1]):
        named, newest = window.control.index, older[-1].index
        return f"Window {window.number} names control leaf {named}, the newest is {newest}"
    return None


def _is_edge(leaves: LeafTable, window: Window) -> bool:
    first, last = leaves.indices[0], leaves.indices[-1]
    inside = first <= window.start and window.end <= last
    return not inside and window.start <= last and window.end >= first
