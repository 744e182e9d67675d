"""Answers of the daemon's gRPC interface in the JSON of Protocol Buffers, as grpcurl prints them.

Guarantees bytes from Base64 (either alphabet, padded or not), 64-bit integers from text or numbers, names in either
spelling, and the defaults of fields that are left out. Rule: ProtoJSON; reference, section 3.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from governance.evidenceos.core.fields import Fields, malformed, text_of, unsigned_of
from governance.evidenceos.core.revocations import RevocationEntry, Snapshot
from governance.evidenceos.core.tree_head import TreeHead

if TYPE_CHECKING:
    from ledger.core.types import JSON

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,19}")


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """Where the leaf stands, and its siblings from the leaf to the root."""

    leaf_hash: bytes
    leaf_index: int
    tree_size: int
    audit_path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """The path between two sizes."""

    old_tree_size: int
    new_tree_size: int
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answer of FetchCapsule."""

    capsule: bytes
    capsule_hash: bytes
    etl_index: int
    root_hash: bytes
    tree_size: int
    head: TreeHead | None
    inclusion: InclusionProof | None
    consistency: ConsistencyProof | None


def read_fetched(data: bytes) -> Fetched:
    """Return the answer of FetchCapsule; raises as the other readers do."""
    message = _Message(Fields.of(data))
    head = message.inner("signed_tree_head")
    inclusion, consistency = message.inner("inclusion_proof"), message.inner("consistency_proof")
    found = Fetched(
        capsule=message.octets("capsule_bytes"),
        capsule_hash=message.octets("capsule_hash"),
        etl_index=message.number("etl_index"),
        root_hash=message.octets("root_hash"),
        tree_size=message.number("tree_size"),
        head=_head(head) if head else None,
        inclusion=_inclusion(inclusion) if inclusion else None,
        consistency=_consistency(consistency) if consistency else None,
    )
    message.fields.close()
    return found


def read_snapshot(data: bytes) -> Snapshot:
    """Return the answer of GetRevocationFeed, or a message of WatchRevocations; raises as the other readers do."""
    message = _Message(Fields.of(data))
    head = message.inner("signed_tree_head")
    found = Snapshot(
        entries=tuple(_entry(one) for one in message.repeated("entries")),
        head=_head(head) if head else None,
        signature=message.octets("signature"),
        key_id=message.octets("key_id"),
    )
    message.fields.close()
    return found


def read_head(data: bytes) -> TreeHead:
    """Return the answer of GetSignedTreeHead; raises as the other readers do."""
    return _head(_Message(Fields.of(data)))


class _Message:
    """One message; each method takes a field by its name in the schema."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields

    def value(self, name: str) -> tuple[str, JSON]:
        """The path of a field as it is spelled here, and what it holds."""
        head, *others = name.split("_")
        spelled = head + "".join(part.capitalize() for part in others)
        value, other = self.fields.maybe(spelled), self.fields.maybe(name) if spelled != name else None
        if value is not None and other is not None:
            raise malformed(self.fields.place(name), "one spelling of the field", "both")
        return self.fields.place(name if other is not None else spelled), other if value is None else value

    def octets(self, name: str) -> bytes:
        """Bytes; none where the field is left out."""
        path, value = self.value(name)
        return b"" if value is None else _decoded(value, path)

    def number(self, name: str) -> int:
        """An integer of 64 bits; 0 where the field is left out."""
        path, value = self.value(name)
        if isinstance(value, str) and _DECIMAL.fullmatch(value):
            value = int(value)
        return 0 if value is None else unsigned_of(value, path)

    def text(self, name: str) -> str:
        """Text; empty where the field is left out."""
        path, value = self.value(name)
        return "" if value is None else text_of(value, path)

    def inner(self, name: str) -> _Message | None:
        """A message inside, None where the field is left out."""
        path, value = self.value(name)
        return None if value is None else _Message(Fields(value, path))

    def rows(self, name: str) -> list[tuple[str, JSON]]:
        """The members of a repeated field with their paths."""
        path, value = self.value(name)
        if value is not None and not isinstance(value, list):
            raise malformed(path, "an array", value)
        return [(f"{path}[{n}]", one) for n, one in enumerate(value or [])]

    def repeated(self, name: str) -> list[_Message]:
        """Messages of a repeated field."""
        return [_Message(Fields(value, path)) for path, value in self.rows(name)]

    def all_octets(self, name: str) -> tuple[bytes, ...]:
        """Bytes of a repeated field."""
        return tuple(_decoded(value, path) for path, value in self.rows(name))


def _head(message: _Message) -> TreeHead:
    head = TreeHead(
        message.number("tree_size"), message.octets("root_hash"), message.octets("signature"), message.octets("key_id")
    )
    message.fields.close()
    return head


def _inclusion(message: _Message) -> InclusionProof:
    proof = InclusionProof(
        message.octets("leaf_hash"),
        message.number("leaf_index"),
        message.number("tree_size"),
        message.all_octets("audit_path"),
    )
    message.fields.close()
    return proof


def _consistency(message: _Message) -> ConsistencyProof:
    proof = ConsistencyProof(
        message.number("old_tree_size"), message.number("new_tree_size"), message.all_octets("path")
    )
    message.fields.close()
    return proof


def _entry(message: _Message) -> RevocationEntry:
    entry = RevocationEntry(message.octets("claim_id"), message.number("timestamp_unix"), message.text("reason"))
    message.fields.close()
    return entry


def _decoded(value: JSON, path: str) -> bytes:
    text = text_of(value, path).rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise malformed(path, "Base64", value) from None
