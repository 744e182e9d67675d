"""Plots as SVG made on the server: places in percent, so that text keeps its size and lines their width on any page.

Series are told apart by how their lines are dashed, beside their colour; a crossing by its mark. No styles, no script.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

SERIES: Final = 6
"""More lines than these are told apart by nobody."""

_TOP, _FOOT = 6.0, 84.0
_UNIT = 1000
_LEAST, _MOST = -4, 6
_FEW, _SOME, _LOOKS = 8, 32, 2
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Share:
    """One bucket: its chance under the null, and the share that was counted, where there is a count."""

    name: str
    chance: float
    counted: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """One e-process: its name, its values from the first step on, and at which step it crossed the barrier."""

    name: str
    values: tuple[float, ...]
    crossed: int | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at a canary: when, its e-value, and the moment in words."""

    at: datetime
    e: float
    words: str


def distribution(shares: Sequence[Share]) -> SafeString:
    """The chance of each bucket as a bar, what was counted as a line across it."""
    most = max((max(one.chance, one.counted or 0.0) for one in shares), default=1.0) or 1.0
    slot = 100 / max(len(shares), 1)
    label = f"Chances of {len(shares)} buckets, from {_short(min(one.chance for one in shares))} to {_short(most)}."
    drawn = ((_bar(one, place, slot, most, len(shares)),) for place, one in enumerate(shares))
    return format_html(
        '<svg class="plot plot--bars" role="img" aria-label="{}">{}{}</svg>',
        label,
        _across(_FOOT, "plot-axis"),
        format_html_join("", "{}", drawn),
    )


def evidence(series: Sequence[Series], barrier: float | None) -> SafeString:
    """E-values over steps on a logarithmic scale, with the line of no evidence and the barrier."""
    steps = max((len(one.values) for one in series), default=1)
    low, high = _span(series, barrier)
    scale = _Scale(low, high, max(steps, 1))
    lines = format_html_join("", "{}", ((_line(one, n, scale),) for n, one in enumerate(series)))
    label = f"E-values of {len(series)} sequences over {steps} steps, from {_power(low)} to {_power(high)}."
    return format_html(
        '<svg class="plot plot--lines" role="img" aria-label="{}">{}<svg x="8%" width="92%" overflow="visible">{}{}'
        '<svg y="{}" width="100%" height="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">{}</svg>{}{}{}'
        "</svg></svg>",
        label,
        _names(scale),
        _barrier(scale, barrier),
        _grid(scale),
        _percent(_TOP), _percent(_FOOT - _TOP), _UNIT, _UNIT,
        lines,
        _barrier_name(scale, barrier, "100%", "end"),
        _steps(scale),
        format_html_join("", "{}", ((_crossing(one, n, scale),) for n, one in enumerate(series))),
    )  # fmt: skip


def over_time(seen: Sequence[Seen], barrier: float) -> SafeString:
    """An e-value as it was seen over time, holding until it was seen otherwise; nothing for fewer than two looks."""
    if len(seen) < _LOOKS:
        return SafeString("")
    low, high = _span([Series("", tuple(one.e for one in seen))], barrier)
    scale = _Scale(low, high, 1)
    first, whole = seen[0].at, (seen[-1].at - seen[0].at).total_seconds() or 1.0
    places = [((one.at - first).total_seconds() / whole, one) for one in seen]
    label = f"E-values from {seen[0].words} to {seen[-1].words}, last {seen[-1].e:.6g} at a barrier of {barrier:g}."
    return format_html(
        '<svg class="plot plot--lines" role="img" aria-label="{}">{}<svg x="8%" width="92%" overflow="visible">{}{}'
        '<svg y="{}" width="100%" height="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">'
        '<polyline class="plot-line plot-s0" points="{}"/></svg>{}{}{}{}</svg></svg>',
        label, _names(scale), _barrier(scale, barrier), _grid(scale),
        _percent(_TOP), _percent(_FOOT - _TOP), _UNIT, _UNIT,
        _stairs(places, scale), _barrier_name(scale, barrier, "0", "start"),
        format_html_join("", "{}", ((_look(place, one, scale, barrier),) for place, one in places)),
        _text("0", 100, -6, seen[0].words, "plot-label"), _text("100%", 100, -6, seen[-1].words, "plot-label", "end"),
    )  # fmt: skip


def way(e: float, barrier: float) -> SafeString:
    """How far an e-value has come: no evidence in the middle, the barrier at the right end."""
    reach = log10(barrier) if barrier > 1 else 1.0
    place = min(max((log10(e) / reach + 1) / 2 if e > 0 else 0.0, 0.02), 0.98)
    return format_html(
        '<svg class="plot-way" role="img" aria-label="{}"><line class="plot-axis" x1="0" x2="100%" y1="50%" y2="50%"/>'
        '<line class="plot-one" x1="50%" x2="50%" y1="20%" y2="80%"/>'
        '<line class="plot-barrier plot-barrier--end" x1="98%" x2="98%" y1="0" y2="100%"/>'
        '<circle class="plot-dot plot-s0" cx="{}" cy="50%" r="4.5"/></svg>',
        f"e-value {e:.4g} at a barrier of {barrier:g}", _percent(place * 100),
    )  # fmt: skip


def _stairs(places: Sequence[tuple[float, Seen]], scale: _Scale) -> str:
    points, before = list[str](), places[0][1].e
    for place, one in places:
        x = f"{place * _UNIT:.1f}"
        points += [f"{x},{scale.share(before) * _UNIT:.1f}", f"{x},{scale.share(one.e) * _UNIT:.1f}"]
        before = one.e
    return " ".join(points)


def _look(place: float, one: Seen, scale: _Scale, barrier: float) -> SafeString:
    name = "plot-dot plot-dot--over" if one.e >= barrier else "plot-dot plot-s0"
    return format_html(
        '<circle class="{}" cx="{}" cy="{}" r="{}"><title>{}: {}</title></circle>',
        name, _percent(place * 100), _percent(scale.y(one.e)), "4.5" if one.e >= barrier else "2.5",
        one.words, f"{one.e:.6g}",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Scale:
    """Powers of ten from `low` to `high` over `steps` steps; places are percents, or units of the inner drawing."""

    low: int
    high: int
    steps: int

    def share(self, value: float) -> float:
        """How far below the top, from 0 to 1."""
        power = log10(value) if value > 0 else self.low - 1
        return min(max((self.high - power) / (self.high - self.low), 0.0), 1.0)

    def y(self, value: float) -> float:
        """Percent of the height."""
        return _TOP + self.share(value) * (_FOOT - _TOP)

    def x(self, step: float) -> float:
        """Percent of the width."""
        return step / self.steps * 100


def _span(series: Sequence[Series], barrier: float | None) -> tuple[int, int]:
    values = [value for one in series for value in one.values if value > 0] + [1.0, barrier or 1.0]
    low, high = floor(log10(min(values))), ceil(log10(max(values) * 1.2))
    low, high = max(low, _LEAST), min(high, _MOST)
    return min(low, -1), max(high, 1)


def _powers(scale: _Scale) -> list[int]:
    every = max(1, ceil((scale.high - scale.low) / 6))
    return [power for power in range(scale.low, scale.high + 1) if power % every == 0]


def _grid(scale: _Scale) -> SafeString:
    lines = ((_across(scale.y(10.0**one), _grid_class(one)),) for one in _powers(scale))
    return format_html_join("", "{}", lines)


def _names(scale: _Scale) -> SafeString:
    """Of the powers, in the margin."""
    return format_html_join("", "{}", ((_named(one, scale),) for one in _powers(scale)))


def _barrier_name(scale: _Scale, barrier: float | None, x: str, anchor: str) -> SafeString:
    if barrier is None:
        return SafeString("")
    return _text(x, scale.y(barrier), -4, f"barrier {barrier:g}", "plot-label plot-label--barrier", anchor)


def _grid_class(power: int) -> str:
    return "plot-one" if power == 0 else "plot-grid"


def _named(power: int, scale: _Scale) -> SafeString:
    return _text("7%", scale.y(10.0**power), 4, _power(power), "plot-label", "end")


def _barrier(scale: _Scale, barrier: float | None) -> SafeString:
    if barrier is None:
        return SafeString("")
    height = scale.y(barrier)
    return format_html(
        '<rect class="plot-beyond" y="{}" width="100%" height="{}"/>{}',
        _percent(_TOP), _percent(max(height - _TOP, 0)), _across(height, "plot-barrier"),
    )  # fmt: skip


def _line(one: Series, place: int, scale: _Scale) -> SafeString:
    values = _within((1.0, *one.values), scale)
    points = " ".join(
        f"{step / scale.steps * _UNIT:.1f},{scale.share(value) * _UNIT:.1f}" for step, value in enumerate(values)
    )
    return format_html('<polyline class="plot-line plot-s{}" points="{}"/>', place % SERIES, points)


def _within(values: Sequence[float], scale: _Scale) -> Sequence[float]:
    """Up to where it leaves the scale for good: a line along its edge would say that it stays there."""
    last = max((place for place, one in enumerate(values) if one < 10.0**scale.high), default=0)
    return values[: last + 2]


def _crossing(one: Series, place: int, scale: _Scale) -> SafeString:
    if one.crossed is None:
        return SafeString("")
    return format_html(
        '<circle class="plot-dot plot-s{}" cx="{}" cy="{}" r="4.5"><title>{} crosses at step {}</title></circle>',
        place % SERIES, _percent(scale.x(one.crossed)), _percent(scale.y(one.values[one.crossed - 1])),
        one.name, one.crossed,
    )  # fmt: skip


def _steps(scale: _Scale) -> SafeString:
    ends = ((0, "start"), (scale.steps // 2, "middle"), (scale.steps, "end"))
    texts = ((_text(_percent(scale.x(step)), 100, -6, _step(step), "plot-label", anchor),) for step, anchor in ends)
    return format_html_join("", "{}", texts)


def _step(step: int) -> str:
    return f"step {step:,}" if step else "start"


def _bar(one: Share, place: int, slot: float, most: float, count: int) -> SafeString:
    height = one.chance / most * (_FOOT - _TOP - 10)
    left, wide = place * slot + slot * 0.14, slot * 0.72
    middle = _percent(place * slot + slot / 2)
    title = f"bucket {one.name}: {one.chance:.6g}" + ("" if one.counted is None else f", counted {one.counted:.6g}")
    return format_html(
        '<g><title>{}</title><rect class="plot-bar" x="{}" y="{}" width="{}" height="{}"/>{}{}{}</g>',
        title,
        _percent(left), _percent(_FOOT - height), _percent(wide), _percent(height),
        _tick(one, left, wide, most),
        _text(middle, _FOOT - max(height, _counted_height(one, most)), -6, _short(one.chance), "plot-label", "middle")
        if count <= _FEW else "",
        _text(middle, 100, -6, one.name, "plot-label", "middle") if _is_named(place, count) else "",
    )  # fmt: skip


def _is_named(place: int, count: int) -> bool:
    return place % max(1, ceil(count / _SOME)) == 0 if count <= _SOME else place % ceil(count / _FEW) == 0


def _counted_height(one: Share, most: float) -> float:
    return 0.0 if one.counted is None else one.counted / most * (_FOOT - _TOP - 10)


def _tick(one: Share, left: float, wide: float, most: float) -> SafeString:
    if one.counted is None:
        return SafeString("")
    height = _percent(_FOOT - _counted_height(one, most))
    return format_html(
        '<line class="plot-tick" x1="{}" x2="{}" y1="{}" y2="{}"/>',
        _percent(left - wide * 0.12), _percent(left + wide * 1.12), height, height,
    )  # fmt: skip


def _across(height: float, name: str) -> SafeString:
    place = _percent(height)
    return format_html('<line class="{}" x1="0" x2="100%" y1="{}" y2="{}"/>', name, place, place)


def _text(x: str, y: float, dy: int, words: str, name: str, anchor: str = "start") -> SafeString:
    return format_html(
        '<text class="{}" x="{}" y="{}" dy="{}" text-anchor="{}">{}</text>', name, x, _percent(y), dy, anchor, words
    )


def _percent(value: float) -> str:
    return f"{value:.2f}%"


def _short(number: float) -> str:
    return f"{number:.3g}"


def _power(power: int) -> str:
    if -2 <= power <= 2:
        return f"{10**power:,}" if power >= 0 else f"{10.0**power:.{-power}f}"
    return f"10{str(power).translate(_SUPERSCRIPTS)}"
