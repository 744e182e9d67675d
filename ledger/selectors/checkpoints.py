"""Checkpoints and windows as they were stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from ledger.core.types import Hash
from ledger.errors import NotThere
from ledger.models import Checkpoint, Window
from ledger.selectors.streams import StreamView


@dataclass(frozen=True, slots=True)
class CheckpointView:
    """A signed note over the first `size` leaves; `window` is the number of the window it closed."""

    size: int
    root: Hash
    note: bytes
    signed_at: datetime
    window: int


@dataclass(frozen=True, slots=True)
class WindowView:
    """A closed window: leaves `start` to `end`, both inside; its manifest stands at `manifest_index`."""

    number: int
    start: int
    end: int
    root: Hash
    opened: datetime
    closed: datetime
    reason: str
    manifest_index: int

    @property
    def count(self) -> int:
        """How many leaves lie in the window."""
        return self.end - self.start + 1

    @property
    def size(self) -> int:
        """Size of the checkpoint that covers the manifest."""
        return self.manifest_index + 1


def newest(stream: StreamView) -> CheckpointView | None:
    """The newest signed checkpoint, whatever its quorum; None before the first."""
    row = Checkpoint.objects.filter(stream_id=stream.id).order_by("-size").first()
    return None if row is None else _checkpoint(row)


def at(stream: StreamView, size: int) -> CheckpointView:
    """The checkpoint of exactly `size` leaves; raises NotThere."""
    row = Checkpoint.objects.filter(stream_id=stream.id, size=size).first()
    if row is None:
        raise NotThere("There is no checkpoint of this size", why=f"size {size}")
    return _checkpoint(row)


def first_within(stream: StreamView, start: int, end: int) -> CheckpointView | None:
    """The smallest checkpoint of `start` leaves or more and fewer than `end`; None where there is none."""
    row = Checkpoint.objects.filter(stream_id=stream.id, size__gte=start, size__lt=end).order_by("size").first()
    return None if row is None else _checkpoint(row)


def over(stream: StreamView, index: int) -> tuple[CheckpointView, CheckpointView] | None:
    """The smallest and the newest checkpoint over the leaf at `index`, in one query; None before the first."""
    rows = Checkpoint.objects.filter(stream_id=stream.id, size__gt=index)
    first, last = rows.order_by("size")[:1].values("size"), rows.order_by("-size")[:1].values("size")
    found = [_checkpoint(row) for row in rows.filter(Q(size=first) | Q(size=last)).order_by("size")]
    return (found[0], found[-1]) if found else None


def checkpoints_of(stream: StreamView, after: int | None = None, limit: int = 100) -> list[CheckpointView]:
    """Checkpoints, newest first, smaller than size `after`."""
    rows = Checkpoint.objects.filter(stream_id=stream.id).order_by("-size")
    return [_checkpoint(row) for row in (rows if after is None else rows.filter(size__lt=after))[:limit]]


def windows_of(stream: StreamView, after: int | None = None, limit: int = 100) -> list[WindowView]:
    """Closed windows, newest first, with numbers below `after`."""
    rows = Window.objects.filter(stream_id=stream.id).order_by("-number")
    return [_window(row) for row in (rows if after is None else rows.filter(number__lt=after))[:limit]]


def window(stream: StreamView, number: int) -> WindowView:
    """The window of that number; raises NotThere."""
    row = Window.objects.filter(stream_id=stream.id, number=number).first()
    if row is None:
        raise NotThere("There is no closed window of this number", why=f"window {number}")
    return _window(row)


def window_of(stream: StreamView, index: int) -> WindowView | None:
    """The window that the leaf at `index` lies in; None while it is open."""
    row = Window.objects.filter(stream_id=stream.id, last_index__gte=index).order_by("number").first()
    return None if row is None else _window(row)


def _checkpoint(row: Checkpoint) -> CheckpointView:
    return CheckpointView(row.size, Hash(bytes(row.root)), bytes(row.note), row.signed_at, row.window_number)


def _window(row: Window) -> WindowView:
    return WindowView(
        row.number, row.first_index, row.last_index, Hash(bytes(row.root)), row.opened, row.closed,
        row.reason, row.manifest_index,
    )  # fmt: skip
