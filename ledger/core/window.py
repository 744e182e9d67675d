"""Windows: ranges of leaves closed by a manifest leaf in the same log.

`to` is the last index of the window; `from(n+1) = to(n)+1`; the manifest of window n stands at `to + 1` or
later and belongs to the window that contains its own index. `root` is the RFC 6962 root over the window's
leaf hashes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from ledger.core.control import Link
from ledger.core.envelope import Envelope
from ledger.core.merkle import root
from ledger.core.types import Hash, JSONObject, LeafIndex
from ledger.errors import LeafSchema


@dataclass(frozen=True, slots=True)
class Window:
    """What a manifest says of its window; `start` and `end` are the first and last index (both inside)."""

    number: int
    start: LeafIndex
    end: LeafIndex
    root: Hash
    opened: str
    closed: str
    reason: str
    control: Link

    @property
    def count(self) -> int:
        """How many leaves lie in the window."""
        return self.end - self.start + 1

    def fields(self) -> JSONObject:
        """The fields of the manifest leaf."""
        return {
            "number": self.number,
            "from": self.start,
            "to": self.end,
            "count": self.count,
            "root": self.root.hex(),
            "opened": self.opened,
            "closed": self.closed,
            "reason": self.reason,
            "control": self.control.to_json(),
        }


def window_of(leaf: Envelope) -> Window:
    """Read a manifest leaf; raises LeafSchema when its numbers contradict each other."""
    value = leaf.fields
    start, end = cast("int", value["from"]), cast("int", value["to"])
    if leaf.kind != "window" or end < start or value["count"] != end - start + 1 or leaf.index <= end:
        raise LeafSchema("A window manifest's numbers contradict each other", path="count")
    return Window(
        number=cast("int", value["number"]),
        start=LeafIndex(start),
        end=LeafIndex(end),
        root=Hash(bytes.fromhex(cast("str", value["root"]))),
        opened=cast("str", value["opened"]),
        closed=cast("str", value["closed"]),
        reason=cast("str", value["reason"]),
        control=Link.from_json(value["control"]),
    )


def window_root(leaves: Sequence[Hash]) -> Hash:
    """RFC 6962 root over the leaf hashes of one window."""
    return root(leaves)
