"""Charts as SVG made on the server: attributes only, no styles, no script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join

from console import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.safestring import SafeString

_WIDTH = 1000
_HEIGHT = 64
_GAP = 3
_LOWEST = 2
_SLOTS = 40


@dataclass(frozen=True, slots=True)
class Bar:
    """One window: how many leaves, whether it is still open, and what it says when pointed at."""

    count: int
    title: str
    open: bool = False


def tape(bars: Sequence[Bar]) -> SafeString:
    """Leaves per window, the newest at the right; few windows do not grow into towers."""
    shown = list(bars)[-_SLOTS:]
    slots = _SLOTS if len(shown) > _SLOTS // 2 else _SLOTS // 2
    most = max((bar.count for bar in shown), default=0)
    label = f"Leaves in the last {words.counted(len(shown), 'window')}; the largest holds {words.grouped(most)}."
    return format_html(
        '<svg class="tape" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<line x1="0" x2="{}" y1="{}" y2="{}"/>{}</svg>',
        _WIDTH,
        _HEIGHT,
        label,
        _WIDTH,
        _HEIGHT - 0.5,
        _HEIGHT - 0.5,
        format_html_join(
            "",
            "{}",
            ((_bar(bar, place, slots, most),) for place, bar in enumerate(shown, slots - len(shown))),
        ),
    )


def _bar(bar: Bar, place: int, slots: int, most: int) -> SafeString:
    step = _WIDTH / slots
    height = max(_LOWEST, round(bar.count / most * (_HEIGHT - 4))) if most else _LOWEST
    return format_html(
        '<rect class="{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
        "tape-open" if bar.open else "tape-closed",
        f"{place * step + _GAP / 2:.1f}",
        _HEIGHT - height,
        f"{step - _GAP:.1f}",
        height,
        bar.title,
    )
