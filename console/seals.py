"""From what the ledger knows to the chain of seals of a stream, a leaf and a bundle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.urls import reverse

from console import words
from console.chain import Seal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from console.bundled import Bundled
    from ledger.selectors.checkpoints import CheckpointView, WindowView
    from ledger.selectors.streams import StreamView

STALE_AFTER_WINDOWS = 2
FAILED_AFTER_WINDOWS = 10
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
    halted: str | None


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
        halted=stream.halted,
    )


def seals_in_small(stream: StreamView, now: datetime, bundled: Bundled | None) -> tuple[Seal, ...]:
    """How far the whole stream has come, from its head row alone."""
    waiting = waiting_state(stream, now)
    return (
        Seal("received", "fail" if stream.halted else "pass", "stopped" if stream.halted else "received"),
        Seal("windowed", waiting, _WORDS.get(waiting, "windowed")),
        Seal(
            "checkpointed",
            *(("pass", "signed") if stream.signed_size else ("not_evaluated", "not evaluated")),
        ),
        NO_WITNESS,
        NO_ANCHOR,
        Seal("bundled", *(("pass", "bundled") if bundled else ("not_evaluated", "none exported"))),
    )


def waiting_state(stream: StreamView, now: datetime) -> str:
    """State of the open window by the age of its oldest leaf, in window ages."""
    if stream.waiting_since is not None:
        waited, age = now - stream.waiting_since, timedelta(seconds=stream.window_age_s)
        if waited > age * STALE_AFTER_WINDOWS:
            return "fail" if waited > age * FAILED_AFTER_WINDOWS else "stale"
    return "pass" if stream.window_number else "not_evaluated"


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
    made, where = (words.ago(bundled[0], now), bundled[1]) if bundled else ("none exported", f"{here}#path-bundle")
    count, number = (
        words.counted(stream.size, "leaf", "leaves"),
        f"window {window.number:,}" if window else "",
    )
    newest = leaf_address(stream, stream.size - 1)
    return (
        _seal("received", states["receipt"], count, words.ago(stream.recorded, now), newest),
        _seal("windowed", states["window"], number, closed, f"{here}#path-window"),
        _seal("checkpointed", states["checkpoint"], "signed", signed, f"{here}#checkpoint"),
        _seal("witnessed", states["witness"], "", "no witness asked", f"{here}#path-witness"),
        NO_ANCHOR,
        _seal("bundled", states["bundle"], "verified", made, where),
    )


def seals_of_leaf(
    stream: StreamView,
    index: int,
    recorded: datetime,
    now: datetime,
    window: WindowView | None,
    checkpoint: CheckpointView | None,
    bundled: Bundled | None = None,
) -> tuple[Seal, ...]:
    """The chain of one leaf: what has not come yet is not evaluated, with the reason."""
    here = leaf_address(stream, index)
    return (
        _seal("received", "pass", f"leaf {index:,}", words.ago(recorded, now), f"{here}#receipt"),
        _windowed(stream, window, now),
        _checkpointed(checkpoint, now, f"{here}#proof"),
        NO_WITNESS,
        NO_ANCHOR,
        _seal("bundled", "pass", "bundled", words.ago(bundled[0], now), bundled[1])
        if bundled
        else Seal("bundled", "not_evaluated", "not evaluated", "in no bundle"),
    )


def _windowed(stream: StreamView, window: WindowView | None, now: datetime) -> Seal:
    if window is None:
        return Seal("windowed", "not_evaluated", "waiting", "for the next window")
    manifest = leaf_address(stream, window.manifest_index)
    return Seal("windowed", "pass", f"window {window.number:,}", words.ago(window.closed, now), manifest)


def _checkpointed(checkpoint: CheckpointView | None, now: datetime, href: str) -> Seal:
    if checkpoint is None:
        return Seal("checkpointed", "not_evaluated", "waiting", "for the next checkpoint")
    return Seal("checkpointed", "pass", "signed", words.ago(checkpoint.signed_at, now), href)


def address(stream: StreamView) -> str:
    """Where the stream's page is."""
    return reverse("stream", args=(stream.namespace, stream.name))


def leaf_address(stream: StreamView, index: int) -> str:
    """Where the page of a leaf is."""
    return reverse("event", args=(stream.namespace, stream.name, index))


def _seal(name: str, state: str, word: str, age: str, href: str) -> Seal:
    """The word of a state other than pass is that state's own."""
    return Seal(name, state, (word if state == "pass" else "") or _WORDS.get(state, name), age, href)
