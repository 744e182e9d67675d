"""The four meanings and their shapes, the same in pages, charts and print."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """Shape (id in the sprite and suffix of the CSS class) and the word that always stands with it."""

    shape: str
    word: str


MARKS: dict[str, Mark] = {
    "pass": Mark("pass", "pass"),
    "stale": Mark("stale", "stale"),
    "fail": Mark("fail", "fail"),
    "not_evaluated": Mark("none", "not evaluated"),
}

OUTCOMES: dict[str, str] = {"verified": "pass", "incomplete": "stale", "rejected": "fail"}
"""Which meaning each outcome of the verifier has."""


def mark_of(state: str) -> Mark:
    """The mark of a state; what nobody has named was not evaluated."""
    return MARKS.get(state, MARKS["not_evaluated"])
