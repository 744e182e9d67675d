"""The head guard's document: what must survive a rollback of the database, and how it may change.

Guarantees one byte form for each state (RFC 8785, closed schema, the origin inside, so that documents cannot
be swapped), that `receipted` and `head` only move forward, and that `receipted` never lies behind `head`.
Design: durability, A3 and S3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from ledger.core import fields
from ledger.core.canonical import canonical, parse_canonical
from ledger.core.types import JSON, Hash, JSONObject
from ledger.errors import Malformed

VERSION: Final = "countersign-guard/1"
_MEMBERS: Final = {"head", "origin", "receipted", "v"}


@dataclass(frozen=True, slots=True)
class Receipted:
    """The newest leaf that may have been receipted: `leaf_hash` is that of leaf `size` - 1."""

    size: int
    leaf_hash: Hash


@dataclass(frozen=True, slots=True)
class GuardHead:
    """The newest checkpoint that may have been signed: `size` leaves under `root`."""

    size: int
    root: Hash


@dataclass(frozen=True, slots=True)
class GuardState:
    """What a guard holds for one origin; both are None before the genesis leaf."""

    receipted: Receipted | None = None
    head: GuardHead | None = None


class Swap(Enum):
    """How a swap of the head ended."""

    SWAPPED = "swapped"
    OURS = "ours already"
    CONFLICT = "conflict"


Knows: TypeAlias = Callable[[Receipted], bool]
"""Asks the database, in one snapshot, whether it holds the caller's own newest leaf and this one."""


def advanced(held: GuardState, new: Receipted) -> GuardState | None:
    """The state after `new` was receipted; the same where it is further on, None for another leaf there."""
    before = held.receipted
    if before is None or before.size < new.size:
        return GuardState(new, held.head)
    return None if before.size == new.size and before != new else held


def swapped(held: GuardState, expected: GuardHead | None, new: GuardHead, leaf_hash: Hash) -> tuple[Swap, GuardState]:
    """The outcome of swapping `expected` for `new`, whose last leaf has `leaf_hash`, and the state after it.

    A state that already has `new` is ours, whoever swapped it in. `receipted` moves along in the same write.
    """
    moved = advanced(held, Receipted(new.size, leaf_hash))
    if moved is None:
        return Swap.CONFLICT, held
    if held.head == new:
        return Swap.OURS, held
    if held.head != expected or (expected is not None and new.size <= expected.size):
        return Swap.CONFLICT, held
    return Swap.SWAPPED, GuardState(moved.receipted, new)


def encode(origin: str, state: GuardState) -> bytes:
    """The document of `state`: canonical JSON, hashes in lowercase hex."""
    receipted: JSON = None
    head: JSON = None
    if state.receipted is not None:
        receipted = {"size": state.receipted.size, "leaf_hash": state.receipted.leaf_hash.hex()}
    if state.head is not None:
        head = {"size": state.head.size, "root": state.head.root.hex()}
    return canonical({"v": VERSION, "origin": origin, "receipted": receipted, "head": head})


def decode(origin: str, data: bytes) -> GuardState:
    """Read the document of `origin`; raises Malformed for anything that `encode` would not have written."""
    held = parse_canonical(data)
    if not isinstance(held, dict) or held.keys() != _MEMBERS:
        raise Malformed("Not a guard's document", why="its members are not exactly those of the schema")
    if held["v"] != VERSION or held["origin"] != origin:
        raise Malformed("A guard's document of another version or origin", why=repr(held["origin"])[:300])
    receipted, head = _pair(held["receipted"], "leaf_hash"), _pair(held["head"], "root")
    if head and (receipted is None or receipted[0] < head[0]):
        raise Malformed("A guard's document contradicts itself", why="receipted lies behind the head")
    return GuardState(receipted and Receipted(*receipted), head and GuardHead(*head))


def _pair(value: JSON, name: str) -> tuple[int, Hash] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.keys() != {"size", name}:
        raise Malformed("Not a guard's document", why=f"size and {name} are expected")
    return _size(value), _hash(value, name)


def _size(value: JSONObject) -> int:
    fields.index(value["size"])
    size = value["size"]
    if not isinstance(size, int) or size < 1:
        raise Malformed("A guard's document holds an empty tree", path="$.size")
    return size


def _hash(value: JSONObject, name: str) -> Hash:
    fields.hex_hash(value[name])
    return Hash(bytes.fromhex(str(value[name])))
