"""Everything the page of one stream tells, read once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from console import charts, words
from console.chain import furthest
from console.seals import seals_of_stream
from ledger.selectors import bundles, checkpoints, keys, leaves
from ledger.selectors.health import health_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ledger.selectors.bundles import BundleView
    from ledger.selectors.checkpoints import CheckpointView, WindowView
    from ledger.health import HealthPath
    from ledger.selectors.health import PathHealth
    from ledger.selectors.streams import StreamView

NEWEST_EVENTS = 10
WINDOWS_SHOWN = 40
CHECKPOINTS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class PathRow:
    """A health path with its rule: what the row of the page says."""

    path: str
    title: str
    state: str
    sentence: str
    rule: str
    threshold: str
    idle: str
    next: str


def context_of(stream: StreamView, now: datetime) -> dict[str, Any]:
    """The context of `streams/detail.html`."""
    health = health_of(stream, now)
    windows = checkpoints.windows_of(stream, limit=WINDOWS_SHOWN)
    signed = checkpoints.checkpoints_of(stream, limit=CHECKPOINTS_SHOWN)
    newest = bundles.newest(stream)
    states = {path.path: path.state for path in health}
    seals = seals_of_stream(
        stream, states, now, windows[0] if windows else None, signed[0] if signed else None, bundled(newest)
    )
    return {
        "stream": stream,
        "title": f"{stream.namespace}/{stream.name}",
        "answer": answer(stream, health, furthest(seals)),
        "seals": seals,
        "health": rows_of(stream, health),
        "tape": charts.tape(bars(stream, windows)),
        "windows": windows[:CHECKPOINTS_SHOWN],
        "checkpoint": signed[0] if signed else None,
        "note": signed[0].note.decode() if signed else "",
        "signed": signed,
        "vkeys": [str(vkey) for vkey in keys.log_vkeys(stream.id)],
        "events": leaves.events_in(stream, limit=NEWEST_EVENTS, newest_first=True),
    }


def bundled(newest: BundleView | None) -> tuple[datetime, str] | None:
    """When the newest finished bundle was made, and where it is."""
    if newest is None or newest.finished is None:
        return None
    return newest.finished, reverse("bundle", args=(newest.public_id,))


def rows_of(stream: StreamView, health: Sequence[PathHealth]) -> list[PathRow]:
    """The five paths, each with its row of the one table."""
    return [_row(found, stream.window_age_s) for found in health]


def _row(found: PathHealth, window_age_s: int) -> PathRow:
    rule = found.row
    return PathRow(
        path=found.path,
        title=rule.title,
        state=found.state,
        sentence=found.sentence,
        rule=rule.rule,
        threshold=threshold(rule, window_age_s),
        idle=f"When idle: {rule.idle}",
        next=found.next,
    )


def threshold(rule: HealthPath, window_age_s: int) -> str:
    """The limits of a path in words, for this stream; empty where the rule has none."""
    fresh, late = rule.limits(window_age_s)
    told = [f"stale after {words.duration(fresh)}"] if fresh else []
    told += [f"fails after {words.duration(late)}"] if late else []
    return f"It is {words.listed(told)}." if told else ""


def bars(stream: StreamView, windows: Sequence[WindowView]) -> list[charts.Bar]:
    """Oldest first; the open window last, where anything is in it."""
    closed = [
        charts.Bar(one.count, f"window {one.number}: {words.counted(one.count, 'leaf', 'leaves')}")
        for one in reversed(windows)
    ]
    waiting = stream.size - stream.window_from
    opened = [charts.Bar(waiting, f"open: {words.counted(waiting, 'leaf', 'leaves')}", open=True)] if waiting else []
    return closed + opened


def answer(stream: StreamView, health: Sequence[PathHealth], reached: str) -> str:
    """The first line of the page."""
    if stream.halted:
        return f"This stream is stopped ({stream.halted}): nothing is appended until somebody has looked."
    count = words.counted(stream.size, "leaf", "leaves")
    bad = [f"{one.path} {_WORDS[one.state]}" for one in health if one.state in _WORDS]
    checked = sum(one.state == "pass" for one in health)
    told = f"{count}, {reached} without a gap; {checked} of {len(health)} health paths pass"
    return f"{told}: {words.listed(bad)}." if bad else f"{told}."


_WORDS = {"fail": "fails", "stale": "is stale"}


def lag(stream: StreamView, newest: CheckpointView | None) -> int:
    """Leaves that no signed root covers yet."""
    return stream.size - (newest.size if newest else 0)
