"""The envelope: the canonical bytes (RFC 8785) of one leaf, strict in both directions.

An envelope that was built or parsed here has exactly the fields of its kind, is canonical and under the
size limit: 8,192 bytes for an event, 65,535 for any other leaf (the entry length of c2sp.org/tlog-tiles).
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.core.canonical import canonical, parse_canonical
from ledger.core.event_leaf import usual_event
from ledger.core.fields import check_fields
from ledger.core.merkle import leaf_hash
from ledger.core.schemas import CONTROL, SCHEMAS, VERSION
from ledger.core.types import Hash, JSONObject, LeafIndex
from ledger.errors import LeafSchema, LeafTooLarge

MAX_EVENT_LEAF_BYTES = 8_192
MAX_LEAF_BYTES = 65_535


@dataclass(frozen=True, slots=True)
class Envelope:
    """One leaf, read: the fields all kinds share, all its `fields`, its `raw` bytes and their `leaf_hash`."""

    kind: str
    origin: str
    index: LeafIndex
    prev: Hash | None
    recorded: str
    fields: JSONObject
    raw: bytes
    leaf_hash: Hash

    @property
    def is_control(self) -> bool:
        """Whether the leaf belongs to the control chain."""
        return self.kind in CONTROL


def build(kind: str, origin: str, index: int, prev: Hash | None, recorded: str, fields: JSONObject) -> Envelope:
    """Compose a leaf from its own `fields`; raises LeafSchema, LeafTooLarge or JSONInvalid."""
    value: JSONObject = {
        **fields,
        "v": VERSION,
        "kind": kind,
        "origin": origin,
        "index": index,
        "prev": prev.hex() if prev is not None else None,
        "recorded": recorded,
    }
    return _checked(value, canonical(value))


def parse(raw: bytes) -> Envelope:
    """Read a leaf; raises LeafTooLarge, JSONInvalid, NotCanonical or LeafSchema (all with a stable code)."""
    if len(raw) > MAX_LEAF_BYTES:
        raise LeafTooLarge("A leaf is longer than 65,535 bytes", why=f"{len(raw)} bytes")
    usual = usual_event(raw)
    if usual is not None:
        return _envelope(usual, raw)
    value = parse_canonical(raw)
    if not isinstance(value, dict):
        raise LeafSchema("A leaf must be a JSON object")
    return _checked(value, raw)


def _checked(value: JSONObject, raw: bytes) -> Envelope:
    kind = value.get("kind")
    if not isinstance(kind, str) or kind not in SCHEMAS:
        raise LeafSchema("A leaf has an unknown kind", why=repr(kind)[:80], path="kind")
    check_fields(value, SCHEMAS[kind])
    _check_size(kind, raw)
    _check_first(kind, value)
    return _envelope(value, raw)


def _envelope(value: JSONObject, raw: bytes) -> Envelope:
    """The leaf of fields that were checked."""
    prev = value["prev"]
    return Envelope(
        kind=str(value["kind"]),
        origin=str(value["origin"]),
        index=LeafIndex(int(str(value["index"]))),
        prev=Hash(bytes.fromhex(prev)) if isinstance(prev, str) else None,
        recorded=str(value["recorded"]),
        fields=value,
        raw=raw,
        leaf_hash=leaf_hash(raw),
    )


def _check_size(kind: str, raw: bytes) -> None:
    limit = MAX_EVENT_LEAF_BYTES if kind == "event" else MAX_LEAF_BYTES
    if len(raw) > limit:
        raise LeafTooLarge(f"A leaf of kind {kind} is longer than {limit:,} bytes", why=f"{len(raw):,} bytes")


def _check_first(kind: str, value: JSONObject) -> None:
    """Index 0, kind genesis and a null `prev` come together or not at all."""
    first = value["index"] == 0
    if first != (kind == "genesis") or first != (value["prev"] is None):
        raise LeafSchema("Only the genesis leaf has index 0 and no prev, and it has both", path="index")
