"""Receipts: a signed promise that one leaf stands at one index of one log.

A receipt is a DSSE envelope over `application/vnd.countersign.receipt.v1+json`. It is made after the
commit, from the leaf alone: Ed25519 is deterministic, so a receipt lost in a crash is derived again, byte
for byte. `promised_by` = recorded + the log's maximum merge delay: until then a checkpoint must cover the
leaf.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from ledger.core.canonical import canonical, canonical_pure, parse_canonical
from ledger.core.envelope import Envelope
from ledger.core.event_mold import CastLeaf
from ledger.core.fields import Schema, check_fields, hex_hash, index, moment, nullable, one_of, text
from ledger.core.schemas import MAX_ORIGIN_BYTES, VERSION
from ledger.core.times import format_time, parse_time
from ledger.core.types import Hash, JSONObject, LeafIndex
from ledger.errors import LeafSchema

PAYLOAD_TYPE = "application/vnd.countersign.receipt.v1+json"

_SCHEMA: Schema = {
    "v": one_of(VERSION),
    "log": hex_hash,
    "origin": text(MAX_ORIGIN_BYTES),
    "index": index,
    "leaf_hash": hex_hash,
    "prev": nullable(hex_hash),
    "recorded": moment,
    "promised_by": moment,
    "kid": text(32),
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says; `issued` is the index at which it was signed, where that came later."""

    log: Hash
    origin: str
    index: LeafIndex
    leaf_hash: Hash
    prev: Hash | None
    recorded: str
    promised_by: str
    kid: str
    issued: int | None = None

    def body(self) -> bytes:
        """The RFC 8785 bytes that are signed under DSSE."""
        value: JSONObject = {
            "v": VERSION,
            "log": self.log.hex(),
            "origin": self.origin,
            "index": self.index,
            "leaf_hash": self.leaf_hash.hex(),
            "prev": self.prev.hex() if self.prev is not None else None,
            "recorded": self.recorded,
            "promised_by": self.promised_by,
            "kid": self.kid,
        }
        return canonical(value if self.issued is None else value | {"issued": self.issued})


def promise(log: Hash, leaf: Envelope, kid: str, max_merge_delay: int, issued: int | None = None) -> Receipt:
    """The receipt of `leaf` in the log whose genesis hash is `log`; `max_merge_delay` in seconds.

    Raises LeafSchema where the promised time would lie beyond the year 9999.
    """
    due = promised(leaf.recorded, max_merge_delay)
    return Receipt(log, leaf.origin, leaf.index, leaf.leaf_hash, leaf.prev, leaf.recorded, due, kid, issued)


@lru_cache(maxsize=1024)
def promised(recorded: str, max_merge_delay: int) -> str:
    """The time by which a checkpoint must cover a leaf; raises LeafSchema beyond the year 9999."""
    try:
        return format_time(parse_time(recorded) + timedelta(seconds=max_merge_delay))
    except OverflowError as error:
        raise LeafSchema("A receipt cannot promise a time beyond the year 9999", why=recorded) from error


@lru_cache(maxsize=4096)
def _written(text: str) -> str:
    """A text as RFC 8785 writes it; origins and kids are few."""
    return canonical_pure(text).decode()


def promise_body(
    log: Hash, leaf: Envelope | CastLeaf, kid: str, max_merge_delay: int, issued: int | None = None
) -> bytes:
    """The bytes of `promise(...).body()` without its steps: the way of every append. Raises as `promise`."""
    prev = f'"{leaf.prev.hex()}"' if leaf.prev is not None else "null"
    due, own = promised(leaf.recorded, max_merge_delay), leaf.leaf_hash.hex()
    names = _written(kid), log.hex(), _written(leaf.origin)
    return body_of(leaf.index, names, own, prev, (leaf.recorded, due), issued)


def body_of(
    index: int,
    names: tuple[str, str, str],
    leaf_hash: str,
    prev: str,
    times: tuple[str, str],
    issued: int | None = None,
) -> bytes:
    """The bytes of a receipt's body: `names` are the kid, the log's hash and its origin, `times` recorded and promised.

    Hashes in hex; kid, origin and `prev` as JSON writes them.
    """
    (kid, log, origin), (recorded, due) = names, times
    signed = "" if issued is None else f'"issued":{issued},'
    return (
        f'{{"index":{index},{signed}"kid":{kid},"leaf_hash":"{leaf_hash}","log":"{log}","origin":{origin},'
        f'"prev":{prev},"promised_by":"{due}","recorded":"{recorded}","v":"{VERSION}"}}'
    ).encode()


def parse_receipt(body: bytes) -> Receipt:
    """Read a receipt's signed bytes; raises JSONInvalid, NotCanonical or LeafSchema."""
    value = parse_canonical(body)
    if not isinstance(value, dict):
        raise LeafSchema("A receipt must be a JSON object")
    check_fields(value, {**_SCHEMA, "issued": index} if "issued" in value else _SCHEMA)
    return Receipt(
        log=_hash(value["log"]),
        origin=str(value["origin"]),
        index=LeafIndex(int(str(value["index"]))),
        leaf_hash=_hash(value["leaf_hash"]),
        prev=_hash(value["prev"]) if value["prev"] is not None else None,
        recorded=str(value["recorded"]),
        promised_by=str(value["promised_by"]),
        kid=str(value["kid"]),
        issued=int(str(value["issued"])) if "issued" in value else None,
    )


def differences(receipt: Receipt, leaf: Envelope) -> list[str]:
    """Names of the fields in which a receipt and the leaf at its index disagree; empty when it fits."""
    names = ("origin", "index", "leaf_hash", "prev", "recorded")
    return [name for name in names if getattr(receipt, name) != getattr(leaf, name)]


def _hash(value: object) -> Hash:
    return Hash(bytes.fromhex(str(value)))
