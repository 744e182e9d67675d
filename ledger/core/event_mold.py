"""Event leaves made in two steps: all but index, `prev` and `recorded` before the log is locked, the rest after.

Guarantees exactly the bytes that `envelope.build` gives for the same fields, and that whatever a schema refuses is
refused in the first step. The order of members is that of RFC 8785.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ledger.core.canonical import canonical_pure
from ledger.core.envelope import Envelope
from ledger.core.fields import text
from ledger.core.schemas import MAX_ORIGIN_BYTES, MAX_TYPE_BYTES, VERSION
from ledger.core.types import Hash, LeafIndex

_LEAF_PREFIX: Final = b"\0"
_ORIGIN, _TYPE = text(MAX_ORIGIN_BYTES), text(MAX_TYPE_BYTES)


@dataclass(frozen=True, slots=True)
class EventMold:
    """The halves of one event's leaf; `attrs` and `payload` are its commitments in lowercase hex."""

    origin: str
    type: str
    attrs: str
    payload: str
    before: str
    between: str
    after: str

    def cast(self, index: int, prev: Hash, recorded: str) -> Envelope:
        """The leaf at `index` (from 1) behind the leaf whose hash is `prev`; `recorded` as `format_time` writes it."""
        above = prev.hex()
        written = f'{self.before}{index}{self.between}{above}","recorded":"{recorded}{self.after}'
        raw = written.encode()
        return Envelope(
            "event", self.origin, LeafIndex(index), prev, recorded,
            {
                "attrs": self.attrs, "index": index, "kind": "event", "origin": self.origin, "payload": self.payload,
                "prev": above, "recorded": recorded, "type": self.type, "v": VERSION,
            },
            raw, Hash(hashlib.sha256(_LEAF_PREFIX + raw).digest()),
        )  # fmt: skip


def mold(origin: str, event_type: str, attrs: Hash, payload: Hash) -> EventMold:
    """Prepare the leaf of an event of `event_type` with these commitments; raises LeafSchema, JSONInvalid."""
    here, kind = _halves(origin, event_type)
    first, second = attrs.hex(), payload.hex()
    before, between = f'{{"attrs":"{first}","index":', f',"kind":"event","origin":{here},"payload":"{second}","prev":"'
    return EventMold(origin, event_type, first, second, before, between, kind)


@lru_cache(maxsize=4096)
def _halves(origin: str, event_type: str) -> tuple[str, str]:
    """Origin and the end of the leaf, as written; the same for most events of a stream."""
    _ORIGIN(origin)
    _TYPE(event_type)
    written = canonical_pure(event_type).decode()
    return canonical_pure(origin).decode(), f'","type":{written},"v":"{VERSION}"}}'
