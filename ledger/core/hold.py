"""Hold leaves: content that nobody erases until the hold is released, by its case.

A hold covers leaves before itself; what is recorded later under the same case needs a hold leaf of its own.
A release names spans again, and ends what the holds of its case cover there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from ledger.core.envelope import Envelope
from ledger.core.spans import Span, joined, spans_json, spans_of, without
from ledger.core.types import JSON, JSONObject


@dataclass(frozen=True, slots=True)
class Hold:
    """`released` is False where the hold is set; `case` is the reference under which it is released; `by` is opaque."""

    spans: tuple[Span, ...]
    released: bool
    case: str
    reason: str
    by: str
    decision: JSON = None

    def fields(self) -> JSONObject:
        """The fields of the leaf; `decision` names the change that it follows."""
        return {
            "ranges": spans_json(self.spans),
            "state": "released" if self.released else "set",
            "case": self.case,
            "reason": self.reason,
            "by": self.by,
            "decision": self.decision,
        }


def hold_of(leaf: Envelope) -> Hold:
    """Read a hold leaf whose schema was checked."""
    value = leaf.fields
    told = {name: cast("str", value[name]) for name in ("case", "reason", "by")}
    return Hold(spans=tuple(spans_of(value["ranges"])), released=value["state"] == "released", **told)


def held_by_case(leaves: Iterable[Envelope]) -> dict[str, list[Span]]:
    """What is held after these hold leaves, in ascending order, by case; cases that hold nothing are left out."""
    held: dict[str, list[Span]] = {}
    for leaf in leaves:
        told = hold_of(leaf)
        before = held.get(told.case, [])
        behind = [(start, min(stop, leaf.index - 1)) for start, stop in told.spans if start < leaf.index]
        held[told.case] = without(before, list(told.spans)) if told.released else joined([*before, *behind])
    return {case: found for case, found in held.items() if found}
