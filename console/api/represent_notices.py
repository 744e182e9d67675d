"""Erasures, holds, gaps and terms as JSON."""

from __future__ import annotations

from typing import Any

from console.api.encoding import moment
from ledger.core.spans import Span
from ledger.core.terms import Terms
from ledger.selectors.notices import ErasureView, GapView, HoldView, Spoken
from ledger.selectors.reliance import Pause, RelianceView

Json = dict[str, Any]


def notice(view: ErasureView | HoldView | GapView) -> Json:
    """A leaf of one of the three kinds."""
    if isinstance(view, ErasureView):
        return erasure(view)
    return hold(view) if isinstance(view, HoldView) else gap(view)


def erasure(view: ErasureView) -> Json:
    """`done` once the content has gone."""
    told = view.told
    return {
        **_place(view),
        "ranges": _ranges(told.spans),
        "parts": [*told.parts],
        "reason_code": told.reason_code,
        "reason": told.reason,
        "by": told.by,
        "backup_horizon": told.backup_horizon,
        "done": not view.is_open,
    }


def hold(view: HoldView) -> Json:
    """`released` once its case was."""
    told = view.told
    return {
        **_place(view),
        "ranges": _ranges(told.spans),
        "case": told.case,
        "reason": told.reason,
        "by": told.by,
        "released": not view.is_open,
    }


def gap(view: GapView) -> Json:
    """As the leaf tells it."""
    told = view.told.fields()
    return {**_place(view), **told}


def terms(found: Terms) -> Json:
    """What is declared; `leaf` is null while nothing ever was."""
    return {
        "leaf": found.index,
        "retention_days": {"attrs": found.attrs_days, "payload": found.payload_days},
        "expected_every_s": found.expected_every_s,
        "sequence": found.sequence,
    }


def spoken(found: Spoken) -> Json:
    """What leaves say of one event."""
    return {
        "erasures": [erasure(one) for one in found.erasures],
        "holds": [hold(one) for one in found.holds],
        "gaps": [gap(one) for one in found.gaps],
    }


def pause(found: Pause) -> Json:
    """A part of the stream on which reliance is paused now, by the newest leaf that says so."""
    place = {"leaf": found.by.index, "recorded": moment(found.by.recorded), "reason": found.by.reason}
    return {"from": found.first, "to": found.last, **place}


def reliance(found: RelianceView) -> Json:
    """A leaf that paused or resumed reliance on a range."""
    place = {"leaf": found.index, "recorded": moment(found.recorded), "from": found.first, "to": found.last}
    return {**place, "state": "paused" if found.paused else "resumed", "reason": found.reason}


def _place(view: ErasureView | HoldView | GapView) -> Json:
    return {"leaf": view.index, "recorded": moment(view.recorded)}


def _ranges(spans: tuple[Span, ...]) -> list[Json]:
    return [{"from": first, "to": last} for first, last in spans]
