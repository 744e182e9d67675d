"""How far the first event of a stream has come: received, receipt verified, in a window, under a signed root."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from console import words
from console.seals import address, leaf_address
from ledger.errors import LedgerError
from ledger.selectors import leaves
from ledger.selectors.health import short, verified_receipts
from ledger.selectors.promises import promised_size

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.selectors.leaves import EventRow, LeafView
    from ledger.selectors.streams import StreamView


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way: its state, what was seen, and where it can be checked."""

    name: str
    state: str
    told: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the page shows; `mark` changes exactly when something new is to be told."""

    stream: StreamView
    row: EventRow | None
    steps: tuple[Step, ...]
    answer: str
    done: bool

    @property
    def mark(self) -> str:
        """Index of the event and states of the steps, for a poll that asks only for news."""
        return f"{'-' if self.row is None else self.row.index}:{'.'.join(step.state for step in self.steps)}"


def arrival_of(stream: StreamView, after: int | None, now: datetime) -> Arrival:
    """The first event of `stream` behind leaf `after` (or at all), and how far it has come at `now`."""
    found = leaves.events_in(stream, after=after, limit=1)
    if not found:
        return Arrival(stream, None, _waiting(stream), _waiting_answer(stream, after), done=False)
    row = found[0]
    receipt = _receipt(stream, leaves.leaf(stream, row.index))
    steps = (_received(stream, row, now), receipt, _windowed(stream, row), _signed(stream, row))
    signed = steps[-1].state == "pass"
    return Arrival(stream, row, steps, _answer(stream, row, receipt, signed=signed), done=signed)


def _waiting(stream: StreamView) -> tuple[Step, ...]:
    state = "fail" if stream.stopped else "not_evaluated"
    told = ("nothing has arrived yet", "comes in the answer", "closes by itself", "follows the window at once")
    return tuple(Step(name, state, what) for name, what in zip(_NAMES, told, strict=True))


_NAMES = ("Received", "Receipt verified", "In a window", "Under a signed root")


def _received(stream: StreamView, row: EventRow, now: datetime) -> Step:
    told = f"{row.type} is leaf {words.grouped(row.index)}, recorded {words.ago(row.recorded, now)}"
    return Step(_NAMES[0], "pass", told, leaf_address(stream, row.index))


def _receipt(stream: StreamView, leaf: LeafView) -> Step:
    """The receipt is derived and verified anew, by the same rule as the health path."""
    href = f"{leaf_address(stream, leaf.index)}#receipt"
    try:
        good = verified_receipts(stream, [leaf], promised_size(stream))
    except LedgerError as problem:
        return Step(_NAMES[1], "fail", f"no receipt can be made: {problem}", href)
    if not good:
        return Step(_NAMES[1], "fail", "the receipt does not verify under the key delegated at this leaf", href)
    return Step(_NAMES[1], "pass", f"it verified under key {short(str(leaf.kid))} just now", href)


def _windowed(stream: StreamView, row: EventRow) -> Step:
    if row.index < stream.window_from:
        return Step(_NAMES[2], "pass", "a window is closed over it", f"{address(stream)}#windows")
    if stream.stopped:
        return Step(_NAMES[2], "fail", f"the stream is stopped ({stream.stopped})", address(stream))
    return Step(_NAMES[2], "not_evaluated", f"the window closes after {words.duration(stream.window_age_s)}")


def _signed(stream: StreamView, row: EventRow) -> Step:
    if row.index < stream.signed_size:
        count = words.counted(stream.signed_size, "leaf", "leaves")
        href = f"{leaf_address(stream, row.index)}#proof"
        return Step(_NAMES[3], "pass", f"the checkpoint over {count} covers it; its page recomputes the path", href)
    if stream.stopped:
        return Step(_NAMES[3], "fail", f"the stream is stopped ({stream.stopped})", address(stream))
    by = words.moment(row.recorded + timedelta(seconds=stream.max_merge_delay_s))
    return Step(_NAMES[3], "not_evaluated", f"promised by {by}")


def _waiting_answer(stream: StreamView, after: int | None) -> str:
    name = f"{stream.namespace}/{stream.name}"
    if stream.stopped:
        return f"{name} is stopped ({stream.stopped}): it takes no event until somebody has looked."
    if after is None:
        return f"Waiting for the first event of {name}."
    return f"Waiting for an event of {name} behind leaf {words.grouped(after)}."


def _answer(stream: StreamView, row: EventRow, receipt: Step, *, signed: bool) -> str:
    place = f"The event at leaf {words.grouped(row.index)} of {stream.namespace}/{stream.name}"
    if receipt.state == "fail":
        return f"{place} arrived, and its receipt does not hold. Do not rely on it."
    if signed:
        return f"{place} stands under a signed root, and its receipt verified."
    return f"{place} arrived, and its receipt verified. A signed root is still to come."
