"""Everything the page of one stream tells, read once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from console import charts, words
from console.bundled import newest_bundles
from console.content_facts import content_of
from console.health_memo import checked_health
from console.seals import seals_of_stream
from ledger.health import STOPPED_NEXT
from ledger.selectors import checkpoints, heads, keys, leaves
from ledger.selectors.outside import outside_of
from ledger.selectors.signed_heads import signed_head

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from ledger.health import HealthPath
    from ledger.selectors.checkpoints import WindowView
    from ledger.selectors.heads import LoggedHeadView
    from ledger.selectors.health import PathHealth
    from ledger.selectors.publicity import PublicityView
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
    checked, health = checked_health(stream, now)
    windows = checkpoints.windows_of(stream, limit=WINDOWS_SHOWN)
    signed = checkpoints.checkpoints_of(stream, limit=CHECKPOINTS_SHOWN)
    held = keys.log_keys(stream.id)
    outside = outside_of(stream)
    content = content_of(stream, now)
    states = {path.path: path.state for path in health}
    seals = seals_of_stream(
        stream,
        states,
        now,
        windows[0] if windows else None,
        signed[0] if signed else None,
        newest_bundles([stream.namespace]).get((stream.namespace, stream.name)),
    )
    return {
        "stream": stream,
        "title": f"{stream.namespace}/{stream.name}",
        "answer": answer(stream, health),
        "seals": seals,
        "content": content,
        "completeness": rows_of(stream, [content.completeness]),
        "checked": checked,
        "health": rows_of(stream, health),
        "tape": charts.tape(bars(stream, windows)),
        "windows": windows[:CHECKPOINTS_SHOWN],
        "checkpoint": signed[0] if signed else None,
        "head": signed_head(stream, signed[0], held) if signed else None,
        "logged": log_of_heads(stream, outside.logged),
        "public": published(outside.publicity),
        "note": signed[0].note.decode() if signed else "",
        "signed": signed,
        "vkeys": [str(vkey) for vkey in held.valid()],
        "events": leaves.events_in(stream, limit=NEWEST_EVENTS, newest_first=True),
    }


def log_of_heads(stream: StreamView, logged: LoggedHeadView | None) -> str:
    """Where the newest checkpoint stands in the log of heads, in words; empty for the log of heads itself."""
    if heads.is_log_of_heads(stream):
        return ""
    if logged is None:
        return "no checkpoint of this stream is entered yet"
    place = f"the head of {words.counted(logged.size, 'leaf', 'leaves')} is leaf {words.grouped(logged.index)} of it"
    return f"{place}, {'under its signed root' if logged.covered else 'not under its signed root yet'}"


def published(now: PublicityView) -> str:
    """What of a stream anybody may read."""
    if now.entries:
        return "hash tiles and entries are public"
    return "hash tiles are public, entries private" if now.tiles else "private"


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


def answer(stream: StreamView, health: Sequence[PathHealth]) -> str:
    """The first line of the page: how much is there, how much of it is signed, and what the paths say."""
    if stream.successor is not None:
        name = continued(stream.successor)["name"]
        return f"This stream is closed: it takes no event any more, and {name} continues it. {_signed(stream)}"
    if stream.stopped:
        return f"This stream is stopped ({stream.stopped}): nothing is appended, windowed or signed. {STOPPED_NEXT}"
    return f"{_signed(stream)} {_paths(health)}"


def continued(origin: str) -> dict[str, str]:
    """Name and page of the log that continues a closed one."""
    namespace, _, name = origin.partition("/log/")[2].partition("/")
    return {"name": f"{namespace}/{name}", "href": reverse("stream", args=(namespace, name))}


def _signed(stream: StreamView) -> str:
    count = words.counted(stream.size, "leaf", "leaves")
    if not stream.signed_size:
        return f"{count} received, none under a signed root yet."
    if stream.signed_size == stream.size:
        return f"{count} received, all under a signed root."
    return f"{count} received, the first {words.grouped(stream.signed_size)} under a signed root."


def _paths(health: Sequence[PathHealth]) -> str:
    told = [f"{sum(one.state == 'pass' for one in health)} of {len(health)} health paths pass"]
    for state, word in _WORDS.items():
        found = [one.path for one in health if one.state == state]
        told += [f"{words.listed(found)} {word[0] if len(found) == 1 else word[1]}"] if found else []
    return f"{'; '.join(told)}."


_WORDS = {
    "fail": ("fails", "fail"),
    "stale": ("is stale", "are stale"),
    "not_evaluated": ("is not evaluated", "are not evaluated"),
}
