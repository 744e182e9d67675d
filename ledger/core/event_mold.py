"""Event leaves made in two steps: all but index, `prev` and `recorded` before the log is locked, the rest after.

Guarantees exactly the bytes that `envelope.build` gives for the same fields, and that whatever a schema refuses is
refused in the first step. The order of members is that of RFC 8785.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from ledger.core.canonical import canonical_pure
from ledger.core.fields import text
from ledger.core.schemas import MAX_ORIGIN_BYTES, MAX_TYPE_BYTES, VERSION
from ledger.core.types import Hash, LeafIndex

_LEAF_PREFIX: Final = b"\0"
_sha256 = hashlib.sha256
_ORIGIN, _TYPE = text(MAX_ORIGIN_BYTES), text(MAX_TYPE_BYTES)


@dataclass(slots=True)
class CastLeaf:
    """An event leaf just made: what a row, a receipt and the next leaf need of it; `envelope.parse` reads the rest."""

    index: LeafIndex
    prev: Hash
    raw: bytes
    leaf_hash: Hash
    recorded: str
    origin: str


class EventMold(NamedTuple):
    """What is written of one event's leaf before its index, and between index and `prev`; `after` ends it."""

    origin: str
    before: str
    between: str
    after: str

    def cast(self, index: int, prev: Hash, recorded: str) -> CastLeaf:
        """The leaf at `index` (from 1) behind the leaf whose hash is `prev`; `recorded` as `format_time` writes it."""
        origin, before, between, after = self
        raw = f'{before}{index}{between}{prev.hex()}","recorded":"{recorded}{after}'.encode()
        return CastLeaf(LeafIndex(index), prev, raw, Hash(_sha256(_LEAF_PREFIX + raw).digest()), recorded, origin)


def mold(origin: str, event_type: str, attrs: Hash, payload: Hash) -> EventMold:
    """Prepare the leaf of an event of `event_type` with these commitments; raises LeafSchema, JSONInvalid."""
    between, after = _halves(origin, event_type)
    return EventMold(origin, f'{{"attrs":"{attrs.hex()}","index":', f'{between}{payload.hex()}","prev":"', after)


@lru_cache(maxsize=4096)
def _halves(origin: str, event_type: str) -> tuple[str, str]:
    """Kind and origin, and the end of the leaf, as written; the same for most events of a stream."""
    _ORIGIN(origin)
    _TYPE(event_type)
    written = canonical_pure(event_type).decode()
    here = canonical_pure(origin).decode()
    return f',"kind":"event","origin":{here},"payload":"', f'","type":{written},"v":"{VERSION}"}}'
