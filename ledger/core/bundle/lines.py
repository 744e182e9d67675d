"""Lines of the bundle's NDJSON files: redacted leaves, attached leaves and disclosed objects, each canonical.

A full leaf is its own canonical bytes; a redacted one is `{"index","leaf_hash"}`. Proofs, salts and bytes are
standard base64, hashes lowercase hex.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, cast

from ledger.core.canonical import canonical, parse_canonical
from ledger.core.commitment import MAX_MEDIA_TYPE_BYTES, SALT_BYTES
from ledger.core.fields import Check, Schema, base64_of, check_fields, index, list_of, text
from ledger.core.keys import decode_base64
from ledger.core.strict_base64 import encode
from ledger.core.types import HASH_BYTES, JSON, Hash, JSONObject, LeafIndex
from ledger.errors import LeafSchema

MAX_LINE_BYTES: Final = 400_000
MAX_PROOF_HASHES: Final = 63
_REDACTED: Final = re.compile(rb'\{"index":(0|[1-9][0-9]{0,15}),"leaf_hash":"([0-9a-f]{64})"\}')
_proof: Final[Check] = list_of(base64_of(HASH_BYTES), most=MAX_PROOF_HASHES)
_ATTACHED: Final[Schema] = {"index": index, "leaf": base64_of(), "proof": _proof}


@dataclass(frozen=True, slots=True)
class Attached:
    """A leaf outside the range, its raw bytes, and its inclusion proof under the head."""

    index: LeafIndex
    leaf: bytes
    proof: tuple[Hash, ...]


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A disclosed object of the event at `index`: its bytes, or the `file` that holds them."""

    index: LeafIndex
    media_type: str
    salt: bytes
    data: bytes | None
    file: str | None = None


def redacted_line(index: int, leaf_hash: Hash) -> bytes:
    """The line of a leaf that is covered but not shown."""
    return canonical({"index": index, "leaf_hash": leaf_hash.hex()})


def read_redacted(line: bytes) -> tuple[int, Hash] | None:
    """Index and hash of a redacted leaf; None for any other line."""
    found = _REDACTED.fullmatch(line)
    return (int(found[1]), Hash(bytes.fromhex(found[2].decode()))) if found else None


def attached_line(attached: Attached) -> bytes:
    """The line of an attached leaf."""
    proof: list[JSON] = [encode(node) for node in attached.proof]
    return canonical({"index": attached.index, "leaf": encode(attached.leaf), "proof": proof})


def read_attached(line: bytes) -> Attached:
    """Read the line of an attached leaf; raises JSONInvalid, NotCanonical or LeafSchema."""
    value = _object(line, _ATTACHED)
    hashes = cast("list[str]", value["proof"])
    return Attached(
        LeafIndex(cast("int", value["index"])),
        decode_base64(value["leaf"]),
        tuple(Hash(decode_base64(node)) for node in hashes),
    )


def object_line(disclosed: Disclosed) -> bytes:
    """The line of a disclosed object; bytes that are UTF-8 stand there as readable text."""
    head: JSONObject = {
        "index": disclosed.index,
        "media_type": disclosed.media_type,
        "salt": encode(disclosed.salt),
    }
    if disclosed.file is not None:
        return canonical({**head, "file": disclosed.file})
    data = disclosed.data or b""
    try:
        return canonical({**head, "text": data.decode()})
    except UnicodeDecodeError:
        return canonical({**head, "data": encode(data)})


def read_object(line: bytes) -> Disclosed:
    """Read the line of a disclosed object; raises JSONInvalid, NotCanonical or LeafSchema."""
    value = parse_canonical(line)
    form = next((name for name in ("text", "data", "file") if isinstance(value, dict) and name in value), "data")
    check_fields(_dict(value), _object_schema(form))
    fields = cast("dict[str, str]", value)
    return Disclosed(
        LeafIndex(int(fields["index"])),
        fields["media_type"],
        decode_base64(fields["salt"]),
        _data(form, fields),
        fields.get("file"),
    )


def _data(form: str, fields: dict[str, str]) -> bytes | None:
    if form == "file":
        return None
    return fields["text"].encode() if form == "text" else decode_base64(fields["data"])


def _object_schema(form: str) -> Schema:
    body: dict[str, Check] = {
        "text": text(MAX_LINE_BYTES, least=0),
        "data": base64_of(),
        "file": text(100),
    }
    return {
        "index": index,
        "media_type": text(MAX_MEDIA_TYPE_BYTES, least=0),
        "salt": base64_of(SALT_BYTES),
        form: body[form],
    }


def _object(line: bytes, schema: Schema) -> JSONObject:
    value = _dict(parse_canonical(line))
    check_fields(value, schema)
    return value


def _dict(value: JSON) -> JSONObject:
    if not isinstance(value, dict):
        raise LeafSchema("A line must be a JSON object")
    return value
