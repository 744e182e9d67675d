"""trust.json: what a reader trusts or demands that a C2SP policy cannot say.

Every field may be absent. What the reader did not ask for is `not_claimed` in the report, never silently
passed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, cast

from ledger.core.checkpoint import Checkpoint, parse_checkpoint
from ledger.core.fields import Check, Schema, check_fields, closed, hex_hash, index, list_of, nullable, text
from ledger.core.note import Note, parse_note
from ledger.core.schemas import MAX_ORIGIN_BYTES
from ledger.core.strict_json import parse
from ledger.core.types import JSON, Hash, JSONObject, TreeSize
from ledger.core.witness_policy import Policy
from ledger.errors import LeafSchema, LedgerError, Malformed

MAX_TRUST_BYTES: Final = 4 << 20
MAX_REMEMBERED: Final = 1_000


class TrustInvalid(Malformed):
    """Not a trust.json as the documentation describes it."""

    code = "trust_invalid"
    default_next = "Correct the named field, or leave trust.json out."


@dataclass(frozen=True, slots=True)
class Remembered:
    """A head that the reader saw before; with the `note` it can prove a fork, without it only contradict."""

    checkpoint: Checkpoint
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class ReaderTrust:
    """What trust.json says; the empty one trusts and demands nothing beyond the policy."""

    genesis: Hash | None = None
    tsa_roots: tuple[str, ...] = ()
    governance_origin: str | None = None
    require_pq: bool = False
    max_age: int | None = None
    remembered: tuple[Remembered, ...] = ()
    ended: tuple[Checkpoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """Everything that decides on the reader's side: policy, trust, and the time (POSIX seconds; None: not
    judged).
    """

    policy: Policy
    trust: ReaderTrust = field(default_factory=ReaderTrust)
    now: int | None = None


def parse_trust(data: bytes) -> ReaderTrust:
    """Read trust.json; raises TrustInvalid with the field as `path`."""
    if len(data) > MAX_TRUST_BYTES:
        raise TrustInvalid("trust.json is longer than 4 MiB")
    try:
        return _read(parse(data))
    except TrustInvalid:
        raise
    except LedgerError as error:
        raise TrustInvalid(error.what, why=error.why, path=error.path) from error


def _read(value: JSON) -> ReaderTrust:
    if not isinstance(value, dict):
        raise TrustInvalid("trust.json must be a JSON object")
    unknown = sorted(value.keys() - _SCHEMA.keys())
    if unknown:
        raise TrustInvalid("trust.json has a field that nobody reads", why=unknown[0][:80])
    check_fields(value, {name: _SCHEMA[name] for name in value})
    genesis = value.get("genesis")
    return ReaderTrust(
        Hash(bytes.fromhex(genesis)) if isinstance(genesis, str) else None,
        tuple(cast("list[str]", value.get("tsa_roots", []))),
        cast("str | None", value.get("governance_origin")),
        bool(value.get("require_pq", False)),
        cast("int | None", value.get("max_age")),
        tuple(_remembered(cast("JSONObject", row)) for row in cast("list[JSON]", value.get("remembered", []))),
        tuple(_remembered(cast("JSONObject", row)).checkpoint for row in cast("list[JSON]", value.get("ended", []))),
    )


def _remembered(row: JSONObject) -> Remembered:
    if "note" in row:
        note = parse_note(str(row["note"]).encode())
        return Remembered(parse_checkpoint(note.text), note)
    root = Hash(bytes.fromhex(str(row["root"])))
    return Remembered(Checkpoint(str(row["origin"]), TreeSize(cast("int", row["size"])), root))


def _flag(value: JSON) -> None:
    if not isinstance(value, bool):
        raise LeafSchema("true or false is expected", why=repr(value)[:80])


def _head(value: JSON) -> None:
    (_noted if isinstance(value, dict) and "note" in value else _bare)(value)


_noted: Final[Check] = closed({"note": text(1_000_000)})
_bare: Final[Check] = closed({"origin": text(MAX_ORIGIN_BYTES), "size": index, "root": hex_hash})
_SCHEMA: Final[Schema] = {
    "genesis": nullable(hex_hash),
    "tsa_roots": list_of(text(100_000)),
    "governance_origin": nullable(text(MAX_ORIGIN_BYTES)),
    "require_pq": _flag,
    "max_age": nullable(index),
    "remembered": list_of(_head, most=MAX_REMEMBERED),
    "ended": list_of(_bare, most=MAX_REMEMBERED),
}
