"""A closed window in words: its leaves, and its root recomputed from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console import words
from ledger.core.window import window_root
from ledger.errors import LedgerError
from ledger.selectors.leaves import leaves

if TYPE_CHECKING:
    from ledger.selectors.checkpoints import WindowView
    from ledger.selectors.streams import StreamView

RECOMPUTED = 2_000
"""Leaves up to which a page reads and hashes a whole window."""
REASONS = {
    "count": "it held as many leaves as a window takes",
    "age": "its time was over",
    "request": "somebody asked for it",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of recomputing the root of a window."""

    state: str
    word: str
    sentence: str


def checked(stream: StreamView, window: WindowView) -> Checked:
    """The RFC 6962 root over the stored bytes of every leaf of the window, compared with the manifest's."""
    count = words.counted(window.count, "leaf", "leaves")
    if window.count > RECOMPUTED:
        told = f"{count} are more than a page reads. Export the range: the offline verifier recomputes it."
        return Checked("not_evaluated", "not evaluated", told)
    try:
        equal = window_root([leaf.hash for leaf in leaves(stream, window.start, window.end + 1)]) == window.root
    except LedgerError as problem:
        return Checked("fail", "not equal", f"The leaves of the window cannot all be read: {problem}")
    if equal:
        return Checked("pass", "equal", f"Recomputed just now from the stored bytes of {count}: equal.")
    return Checked("fail", "not equal", f"The stored bytes of {count} do NOT give this root. Do not rely on them.")


def answer(window: WindowView, found: Checked) -> str:
    """The first line of the page."""
    first, last = words.grouped(window.start), words.grouped(window.end)
    count = words.counted(window.count, "leaf", "leaves")
    reason = REASONS.get(window.reason, window.reason)
    return f"It holds {count}, {first} to {last}, and was closed since {reason}. {found.sentence}"
