"""Terms leaves: what a stream declares of itself from that leaf on; each states all of it, so the newest holds.

A control leaf: whoever proves the control chain knows that nothing was declared beside it. `retention_days` says for
each part after how many days it is erased (None: kept); `expected_every_s` and `sequence` say by what gaps are noticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from ledger.core.envelope import Envelope
from ledger.core.types import JSONObject


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds; `index` is the leaf that says so, None while nothing was ever declared."""

    attrs_days: int | None = None
    payload_days: int | None = None
    expected_every_s: int | None = None
    sequence: bool = False
    index: int | None = None

    def days(self, part: str) -> int | None:
        """Days after which this part is erased, None where it is kept."""
        return self.attrs_days if part == "attrs" else self.payload_days

    @property
    def notices_gaps(self) -> bool:
        """Whether anything was declared by which a gap at the source could be noticed."""
        return self.sequence or self.expected_every_s is not None

    def fields(self) -> JSONObject:
        """The fields of the leaf that this is about; reason, author and link come beside them."""
        return {
            "retention_days": {"attrs": self.attrs_days, "payload": self.payload_days},
            "expected_every_s": self.expected_every_s,
            "sequence": self.sequence,
        }


NOTHING = Terms()


def terms_of(leaf: Envelope) -> Terms:
    """Read a terms leaf whose schema was checked."""
    days = cast("JSONObject", leaf.fields["retention_days"])
    return Terms(
        attrs_days=cast("int | None", days["attrs"]),
        payload_days=cast("int | None", days["payload"]),
        expected_every_s=cast("int | None", leaf.fields["expected_every_s"]),
        sequence=leaf.fields["sequence"] is True,
        index=leaf.index,
    )
