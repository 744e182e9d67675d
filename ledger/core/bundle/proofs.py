"""The JSON documents of a bundle: range proof, consistency proofs, and the keys derived from the control
leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, cast

from ledger.core.bundle.lines import MAX_PROOF_HASHES
from ledger.core.canonical import canonical, parse_canonical
from ledger.core.control import ControlHistory, Span
from ledger.core.fields import Check, Schema, base64_of, check_fields, closed, index, list_of
from ledger.core.keys import DelegatedKey, decode_base64
from ledger.core.strict_base64 import encode
from ledger.core.types import HASH_BYTES, JSON, Hash, JSONObject
from ledger.errors import LeafSchema

MAX_NOTES: Final = 10_000
MAX_DOCUMENT_BYTES: Final = 64 << 20
_proof: Check = list_of(base64_of(HASH_BYTES), most=2 * MAX_PROOF_HASHES)
_RANGE: Final[Schema] = {"from": index, "to": index, "size": index, "proof": _proof}
_CONSISTENCY: Final[Schema] = {
    "size": index,
    "proofs": list_of(closed({"size": index, "proof": _proof}), most=MAX_NOTES),
}


def range_document(first: int, last: int, size: int, proof: Sequence[Hash]) -> bytes:
    """range-proof.json: hashes of the subtrees outside [first, last], left to right, under the head of
    `size`.
    """
    return canonical({"from": first, "to": last, "size": size, "proof": _texts(proof)})


def read_range(data: bytes) -> tuple[int, int, int, list[Hash]]:
    """Read range-proof.json: (first, last, size, proof); raises JSONInvalid, NotCanonical or LeafSchema."""
    value = _read(data, _RANGE)
    first, last, size = (cast("int", value[name]) for name in ("from", "to", "size"))
    return first, last, size, _hashes(value["proof"])


def consistency_document(size: int, proofs: Mapping[int, Sequence[Hash]]) -> bytes:
    """consistency.json: for each older size the proof that the head of `size` extends it."""
    rows: list[JSON] = [{"size": old, "proof": _texts(proof)} for old, proof in sorted(proofs.items())]
    return canonical({"size": size, "proofs": rows})


def read_consistency(data: bytes) -> tuple[int, dict[int, list[Hash]]]:
    """Read consistency.json: (size, proofs by older size); raises JSONInvalid, NotCanonical or LeafSchema."""
    value = _read(data, _CONSISTENCY)
    rows = cast("list[JSONObject]", value["proofs"])
    return cast("int", value["size"]), {cast("int", row["size"]): _hashes(row["proof"]) for row in rows}


def keys_document(history: ControlHistory) -> bytes:
    """keys.json: what the control leaves say, for people; the verifier derives it again and compares."""
    policies: list[JSON] = [{"index": index, "policy": digest} for index, digest in history.policies]
    return canonical(
        {
            "origin": history.genesis.origin,
            "genesis": history.genesis.leaf_hash.hex(),
            "max_merge_delay": history.max_merge_delay,
            "log_keys": [{"vkey": str(span.key), **_validity(span)} for span in history.log_keys],
            "delegated": [_delegated(span) for span in history.keys],
            "policies": policies,
        }
    )


def _delegated(span: Span) -> JSONObject:
    return {**cast("DelegatedKey", span.key).to_json(), **_validity(span)}


def _validity(span: Span) -> JSONObject:
    return {"from": span.start, "until": span.stop}


def _texts(proof: Sequence[Hash]) -> list[JSON]:
    return [encode(node) for node in proof]


def _hashes(value: JSON) -> list[Hash]:
    return [Hash(decode_base64(node)) for node in cast("list[JSON]", value)]


def _read(data: bytes, schema: Schema) -> JSONObject:
    value = parse_canonical(data)
    if not isinstance(value, dict):
        raise LeafSchema("A JSON object is expected")
    check_fields(value, schema)
    return value
