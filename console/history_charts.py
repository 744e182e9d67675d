"""Health and events over time as SVG made on the server: a strip of states for each path, and bars of events.

A state is told by its shape beside its colour: pass is a filled bar, stale a hollow triangle, fail a tall bar with a
cross, not evaluated a ring; a bucket that nobody checked is empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from console import words
from console.marks import mark_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH, _STRIP, _BARS = 960, 20, 72
_SHAPES = {
    "pass": '<rect x="{x}" y="7" width="{w}" height="13"/>',
    "stale": '<path d="M{m} 4.5 {r} 19H{x}z"/>',
    "fail": '<path d="M{x} 1H{r}V20H{x}z"/><path class="cross" d="M{x} 5 {r} 16M{r} 5 {x} 16"/>',
    "none": '<circle cx="{m}" cy="13.5" r="2.4"/>',
}


def strip(cells: Sequence[tuple[str, str]], label: str) -> SafeString:
    """One path over time: (state or '', what it says when pointed at) for each bucket, oldest first."""
    step = _WIDTH / max(len(cells), 1)
    drawn = ((_cell(state, title, place * step, step),) for place, (state, title) in enumerate(cells))
    return format_html(
        '<svg class="strip" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}{}</svg>',
        _WIDTH, _STRIP, label,
        format_html('<line class="strip-line" x1="0" x2="{}" y1="19.5" y2="19.5"/>', _WIDTH),
        format_html_join("", "{}", drawn),
    )  # fmt: skip


def _cell(state: str, title: str, left: float, step: float) -> SafeString:
    if not state:
        return SafeString("")
    shape = mark_of(state).shape
    places = {"x": left + 1, "r": left + step - 1, "m": left + step / 2, "w": step - 2}
    inner = _SHAPES[shape].format(**{name: f"{value:.1f}" for name, value in places.items()})
    return format_html('<g class="is-{}">{}<title>{}</title></g>', shape, SafeString(inner), title)  # nosec B703  numbers only


def rate(counts: Sequence[int], titles: Sequence[str], label: str) -> SafeString:
    """Events in each bucket as bars, oldest first; the largest fills the height."""
    most, step = max(counts, default=0), _WIDTH / max(len(counts), 1)
    drawn = (
        (f"{place * step + 1:.1f}", _BARS - _height(count, most), f"{step - 2:.1f}", _height(count, most), title)
        for place, (count, title) in enumerate(zip(counts, titles, strict=True))
        if count
    )
    return format_html(
        '<svg class="rate" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<line class="strip-line" x1="0" x2="{}" y1="{}" y2="{}"/>{}</svg>',
        _WIDTH, _BARS, label, _WIDTH, _BARS - 0.5, _BARS - 0.5,
        format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>', drawn),
    )  # fmt: skip


def _height(count: int, most: int) -> int:
    return max(2, round(count / most * (_BARS - 4))) if most else 0


def rate_label(counts: Sequence[int], over: str) -> str:
    """The text alternative: how many, and where the most."""
    total = words.counted(sum(counts), "event")
    return f"{total} in {over}; at most {words.grouped(max(counts, default=0))} in one bar."
