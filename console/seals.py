"""From what the ledger knows to the chain of seals of a stream, a leaf and a bundle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.urls import reverse

from console import words
from console.chain import Seal
from ledger.health import HEALTH_PATHS, STOPPED_PATHS
from ledger.selectors.health import bundle_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from console.bundled import Bundled
    from ledger.selectors.checkpoints import CheckpointView, WindowView
    from ledger.selectors.streams import StreamView

NO_WITNESS = Seal("witnessed", "not_evaluated", "not evaluated", "no witness asked")
NO_ANCHOR = Seal("anchored", "not_evaluated", "not evaluated", "no anchor asked")
_WORDS = {"stale": "stale", "fail": "fail", "not_evaluated": "not evaluated"}


@dataclass(frozen=True, slots=True)
class Row:
    """A stream on one line of a table."""

    href: str
    title: str
    seals: tuple[Seal, ...]
    size: int
    recorded: datetime
    signed_size: int
    stopped: str | None
    closed: bool = False


def rows_of(streams: Iterable[StreamView], now: datetime, bundled: Mapping[tuple[str, str], Bundled]) -> list[Row]:
    """The lines of a table of streams; reads nothing."""
    return [_row(stream, now, bundled.get((stream.namespace, stream.name))) for stream in streams]


def _row(stream: StreamView, now: datetime, bundled: Bundled | None) -> Row:
    return Row(
        href=address(stream),
        title=f"{stream.namespace}/{stream.name}",
        seals=seals_in_small(stream, now, bundled),
        size=stream.size,
        recorded=stream.recorded,
        signed_size=stream.signed_size,
        stopped=stream.stopped,
        closed=stream.successor is not None,
    )


def seals_in_small(stream: StreamView, now: datetime, bundled: Bundled | None) -> tuple[Seal, ...]:
    """How far the whole stream has come, from its head row alone, by the limits of the health paths."""
    states = {"received": "pass", "windowed": waiting_state(stream, now), "checkpointed": signed_state(stream, now)}
    if stream.stopped:
        states = dict.fromkeys(states, "fail")
    usual = {"received": "received", "windowed": "windowed", "checkpointed": "signed"}
    return (
        *(Seal(name, state, _word(stream, state, usual[name])) for name, state in states.items()),
        NO_WITNESS,
        NO_ANCHOR,
        _bundled_small(bundled, now),
    )


def _word(stream: StreamView, state: str, usual: str) -> str:
    return f"stopped ({stream.stopped})" if stream.stopped else _WORDS.get(state, usual)


def _bundled_small(bundled: Bundled | None, now: datetime) -> Seal:
    if bundled is None:
        return Seal("bundled", "not_evaluated", "none exported")
    state = str(bundle_state(bundled.outcome, (now - bundled.finished).total_seconds()))
    return Seal("bundled", state, _WORDS.get(state, "bundled"))


def waiting_state(stream: StreamView, now: datetime) -> str:
    """State of the open window, by how long its oldest leaf waits."""
    if stream.waiting_since is not None:
        state = _late("window", stream, (now - stream.waiting_since).total_seconds())
        if state != "pass":
            return state
    return "pass" if stream.window_number else "not_evaluated"


def signed_state(stream: StreamView, now: datetime) -> str:
    """State of the newest checkpoint: late once the last closed window has none for too long."""
    if not stream.window_number:
        return "not_evaluated"
    if stream.signed_size > stream.window_from:
        return "pass"
    state = _late("checkpoint", stream, (now - stream.window_opened).total_seconds())
    return state if stream.signed_size or state != "pass" else "not_evaluated"


def _late(path: str, stream: StreamView, age_s: float) -> str:
    return str(HEALTH_PATHS[path].state_at(age_s, stream.window_age_s))


def seals_of_stream(
    stream: StreamView,
    states: Mapping[str, str],
    now: datetime,
    window: WindowView | None,
    checkpoint: CheckpointView | None,
    bundled: Bundled | None,
) -> tuple[Seal, ...]:
    """The large chain of a stream; `states` by health path, `bundled` when and where the newest bundle is."""
    here = address(stream)
    closed = words.ago(window.closed, now) if window else "no window yet"
    signed = words.ago(checkpoint.signed_at, now) if checkpoint else "no checkpoint yet"
    made, where = "none exported", f"{here}#path-bundle"
    if bundled:
        made, where = words.ago(bundled.finished, now), bundled.href
    count, number = (
        words.counted(stream.size, "leaf", "leaves"),
        f"window {window.number:,}" if window else "",
    )
    newest = leaf_address(stream, stream.size - 1)
    places = {path: f"{here}#path-{path}" for path in STOPPED_PATHS}
    if not stream.stopped:
        places |= {"receipt": newest, "checkpoint": f"{here}#checkpoint"}
    seals = (
        _seal("received", states["receipt"], count, words.ago(stream.recorded, now), places["receipt"]),
        _seal("windowed", states["window"], number, closed, places["window"]),
        _seal("checkpointed", states["checkpoint"], "signed", signed, places["checkpoint"]),
        _seal("witnessed", states["witness"], "", "no witness asked", f"{here}#path-witness"),
        NO_ANCHOR,
        _seal("bundled", states["bundle"], "verified", made, where),
    )
    return tuple(_stopped(stream, seal) for seal in seals) if stream.stopped else seals


def _stopped(stream: StreamView, seal: Seal) -> Seal:
    """In a stopped stream the first three say so, with the code; their links lead to the next step."""
    here = seal.name in {"received", "windowed", "checkpointed"}
    return replace(seal, state="fail", word=f"stopped ({stream.stopped})") if here else seal


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one leaf: `altered` content, and whether its path was `proved` to a signed root."""

    window: WindowView | None
    checkpoint: CheckpointView | None
    bundled: Bundled | None = None
    altered: bool = False
    proved: bool = True


def seals_of_leaf(stream: StreamView, index: int, recorded: datetime, now: datetime, found: Found) -> tuple[Seal, ...]:
    """The chain of one leaf: what has not come yet is not evaluated, with the reason."""
    here = leaf_address(stream, index)
    bundled = found.bundled
    age = words.ago(recorded, now)
    return (
        Seal("received", "fail", "content altered", age, f"{here}#content")
        if found.altered
        else _seal("received", "pass", f"leaf {index:,}", age, f"{here}#receipt"),
        _windowed(stream, found.window, now),
        _checkpointed(stream, found, now, f"{here}#proof"),
        NO_WITNESS,
        NO_ANCHOR,
        _seal("bundled", "pass", "bundled", words.ago(bundled.finished, now), bundled.href)
        if bundled
        else Seal("bundled", "not_evaluated", "not evaluated", "in no bundle"),
    )


def _windowed(stream: StreamView, window: WindowView | None, now: datetime) -> Seal:
    if window is None:
        return _waiting(stream, "windowed", "for the next window")
    manifest = leaf_address(stream, window.manifest_index)
    return Seal("windowed", "pass", f"window {window.number:,}", words.ago(window.closed, now), manifest)


def _checkpointed(stream: StreamView, found: Found, now: datetime, href: str) -> Seal:
    if found.checkpoint is None:
        return _waiting(stream, "checkpointed", "for the next checkpoint")
    state, word = ("pass", "signed") if found.proved else ("fail", "not proved")
    return Seal("checkpointed", state, word, words.ago(found.checkpoint.signed_at, now), href)


def _waiting(stream: StreamView, name: str, why: str) -> Seal:
    """What still has to come, and will not come while the stream is stopped."""
    if stream.stopped:
        return Seal(name, "fail", f"stopped ({stream.stopped})", "none will come")
    return Seal(name, "not_evaluated", "waiting", why)


def address(stream: StreamView) -> str:
    """Where the stream's page is."""
    return reverse("stream", args=(stream.namespace, stream.name))


def leaf_address(stream: StreamView, index: int) -> str:
    """Where the page of a leaf is."""
    return reverse("event", args=(stream.namespace, stream.name, index))


def _seal(name: str, state: str, word: str, age: str, href: str) -> Seal:
    """The word of a state other than pass is that state's own."""
    return Seal(name, state, (word if state == "pass" else "") or _WORDS.get(state, name), age, href)
