"""Gap leaves: what the log knows to be lacking at the source.

Causes: `silence`, no event for longer than the declared rhythm (`from` and `to` are times; `to` is null where it had
not ended yet, and the next event leaf tells its end); `sequence`, numbers of the CloudEvents `sequence` of one source
that were skipped (`from` and `to` are the first and last of them); `refused`, calls that we refused ourselves. `count`
is how many events or calls lack; `after` and `before` are the leaves between which the gap lies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, cast

from ledger.core.envelope import Envelope
from ledger.core.times import parse_time
from ledger.core.types import JSONObject
from ledger.errors import LeafSchema

MAX_SEQUENCE_DIGITS: Final = 64
_SEQUENCE: Final = re.compile(rf"0|[1-9][0-9]{{0,{MAX_SEQUENCE_DIGITS - 1}}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Gap:
    """One gap; `start` and `end` are times, or sequence numbers, in the spelling of leaves."""

    cause: str
    start: str
    end: str | None
    count: int
    after: int | None
    before: int | None

    def fields(self) -> JSONObject:
        """The fields of the leaf."""
        return {
            "cause": self.cause,
            "from": self.start,
            "to": self.end,
            "count": self.count,
            "after": self.after,
            "before": self.before,
        }


def gap_of(leaf: Envelope) -> Gap:
    """Read a gap leaf; raises LeafSchema where its fields do not fit its cause or each other."""
    value = leaf.fields
    end, after, before = cast("str | None", value["to"]), value["after"], value["before"]
    gap = Gap(
        cause=str(value["cause"]),
        start=str(value["from"]),
        end=end,
        count=cast("int", value["count"]),
        after=cast("int | None", after),
        before=cast("int | None", before),
    )
    (_check_numbers if gap.cause == "sequence" else _check_times)(gap)
    places = [place for place in (gap.after, gap.before, leaf.index) if place is not None]
    if places != sorted(set(places)) or gap.count < 1:
        raise LeafSchema("A gap's leaves or its count contradict each other", path="count")
    return gap


def _check_numbers(gap: Gap) -> None:
    if gap.end is None or not is_sequence(gap.start) or not is_sequence(gap.end):
        raise LeafSchema("A gap in a sequence has two whole numbers", path="from")
    if int(gap.end) - int(gap.start) + 1 != gap.count:
        raise LeafSchema("A gap in a sequence counts what it names", path="count")


def _check_times(gap: Gap) -> None:
    parse_time(gap.start)
    if gap.end is not None:
        parse_time(gap.end)
    elif gap.cause == "refused":
        raise LeafSchema("Calls that were refused have an end", path="to")
    if gap.end is not None and gap.end < gap.start:
        raise LeafSchema("A gap ends before it begins", path="to")


def is_sequence(text: str) -> bool:
    """Whether a `sequence` is a whole number as it is counted here: no sign, no leading zero, at most 64 digits."""
    return _SEQUENCE.fullmatch(text) is not None
