"""What a leaf that speaks of others is filed under: erasures, holds, gaps, pauses of reliance, and terms.

One rule for whoever writes the rows, compares them with the leaves, or makes them again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from ledger.core.envelope import Envelope
from ledger.core.erasure import erasure_of
from ledger.core.gap import gap_of
from ledger.core.hold import hold_of
from ledger.core.spans import Span


@dataclass(frozen=True, slots=True)
class NoticeOf:
    """`name` is the case of a hold that was set, the cause of a gap, or the state of reliance.

    `parts` are an erasure's.
    """

    kind: str
    name: str = ""
    spans: tuple[Span, ...] = ()
    parts: tuple[str, ...] = ()


def notice_of(leaf: Envelope) -> NoticeOf | None:
    """Under what the leaf is filed, None for leaves of other kinds; raises LeafSchema for a gap that is none."""
    if leaf.kind == "erasure":
        erasure = erasure_of(leaf)
        return NoticeOf("erasure", "", erasure.spans, erasure.parts)
    if leaf.kind == "hold":
        hold = hold_of(leaf)
        return NoticeOf("hold", "" if hold.released else hold.case, hold.spans)
    if leaf.kind == "gap":
        gap = gap_of(leaf)
        places = [place for place in (gap.after, gap.before) if place is not None]
        return NoticeOf("gap", gap.cause, ((places[0], places[-1]),) if places else ())
    if leaf.kind == "reliance":
        span = (cast("int", leaf.fields["from"]), cast("int", leaf.fields["to"]))
        return NoticeOf("reliance", str(leaf.fields["state"]), (span,))
    return NoticeOf("terms") if leaf.kind == "terms" else None
