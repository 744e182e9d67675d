"""The file of a receipt: what the append API answered, and what its holder kept beside it. Read strictly: a
field that is there is used or refused, never silently left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ledger.core.dsse import Envelope as Signed
from ledger.core.dsse import parse_envelope
from ledger.core.keys import decode_base64
from ledger.core.proof import TlogProof, parse_proof
from ledger.core.strict_json import parse
from ledger.core.types import JSON, JSONObject
from ledger.errors import LeafSchema

MAX_CONTROL: Final = 10_000


@dataclass(frozen=True, slots=True)
class ReceiptFile:
    """A receipt; its leaf, genesis and later control leaves as bytes; a later window manifest and proofs.

    `told` is what the answer says of the receipt in plain fields.
    """

    signed: Signed
    leaf: bytes | None
    genesis: bytes | None
    genesis_proof: TlogProof | None
    window: TlogProof | None
    control: tuple[bytes, ...]
    proof: TlogProof | None
    objects: JSONObject
    salts: JSONObject
    told: JSONObject


def read_receipt_file(data: bytes) -> ReceiptFile:
    """Read the file, or the signed receipt alone; raises JSONInvalid, LeafSchema or ProofMalformed."""
    value = parse(data)
    if not isinstance(value, dict):
        raise LeafSchema("A receipt file must be a JSON object")
    if "payloadType" in value:
        value = {"receipt": value}
    control = value.get("control", [])
    if not isinstance(control, list) or len(control) > MAX_CONTROL:
        raise LeafSchema("A list of at most 10,000 control leaves is expected", path="control")
    return ReceiptFile(
        parse_envelope(_object(value, "receipt")),
        _bytes(value, "leaf"),
        _bytes(value, "genesis"),
        _proof(value, "genesis_proof"),
        _proof(value, "window"),
        tuple(decode_base64(one) for one in control),
        _proof(value, "proof"),
        _object({"objects": {}, **value}, "objects"),
        _object({"salts": {}, **value}, "salts"),
        {name: value[name] for name in ("index", "leaf_hash") if name in value},
    )


def _object(value: JSONObject, name: str) -> JSONObject:
    found: JSON = value.get(name)
    if not isinstance(found, dict):
        raise LeafSchema("A JSON object is expected in the receipt file", path=name)
    return found


def _bytes(value: JSONObject, name: str) -> bytes | None:
    found = value.get(name)
    return None if found is None else decode_base64(found)


def _proof(value: JSONObject, name: str) -> TlogProof | None:
    found = value.get(name)
    if found is not None and not isinstance(found, str):
        raise LeafSchema("A proof is the text of a .tlog-proof file", path=name)
    return None if found is None else parse_proof(found.encode("utf-8", "surrogatepass"))
