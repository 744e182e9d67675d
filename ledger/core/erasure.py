"""Erasure leaves: what was taken away from beside the log, who said so and why, and until when backups may hold it.

The leaf comes first and the content goes afterwards, so that nothing is ever missing without a leaf behind it that
says so. It erases events before itself; what it names behind itself it says nothing about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from ledger.core.envelope import Envelope
from ledger.core.spans import Span, joined, spans_json, spans_of
from ledger.core.types import JSON, JSONObject


@dataclass(frozen=True, slots=True)
class Erasure:
    """`parts` are `attrs`, `payload` or both; `backup_horizon` a time in the spelling of leaves; `by` is opaque."""

    spans: tuple[Span, ...]
    parts: tuple[str, ...]
    reason_code: str
    reason: str
    by: str
    backup_horizon: str
    decision: JSON = None

    def fields(self) -> JSONObject:
        """The fields of the leaf; `decision` names the change that it follows."""
        parts: list[JSON] = [*self.parts]
        return {
            "ranges": spans_json(self.spans),
            "parts": parts,
            "reason_code": self.reason_code,
            "reason": self.reason,
            "by": self.by,
            "backup_horizon": self.backup_horizon,
            "decision": self.decision,
        }


def erasure_of(leaf: Envelope) -> Erasure:
    """Read an erasure leaf whose schema was checked."""
    value = leaf.fields
    told = {name: cast("str", value[name]) for name in ("reason_code", "reason", "by", "backup_horizon")}
    parts = tuple(cast("list[str]", value["parts"]))
    return Erasure(spans=tuple(spans_of(value["ranges"])), parts=parts, **told)


def erased_spans(leaves: Iterable[Envelope], part: str) -> list[Span]:
    """Ascending spans of leaves whose `part` these erasure leaves took away; each erases what is before itself."""
    found: list[Span] = []
    for leaf in leaves:
        told = erasure_of(leaf)
        if part in told.parts:
            found += [(start, min(stop, leaf.index - 1)) for start, stop in told.spans if start < leaf.index]
    return joined(found)
