"""The control chain: which keys and policies held at which index, complete by walking back to genesis.

Control leaves (`genesis key policy reliance segment terms closed`) carry `control_prev {index, leaf_hash}`; each window
manifest names the newest one. A key that is added at index i and retired at index j is valid for leaves i
<= index < j and for checkpoints of size s where i < s <= j: the same rule, with the last leaf of the
checkpoint as index. A key is added once: one that is in force or retired is never added again.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from ledger.core.canonical import canonical
from ledger.core.envelope import Envelope
from ledger.core.keys import DelegatedKey
from ledger.core.terms import NOTHING, Terms, terms_of
from ledger.core.types import JSON, Hash, JSONObject, LeafIndex
from ledger.errors import LeafSchema

KEY_PAYLOAD_TYPE = "application/vnd.countersign.key.v1+json"


class ControlChainBroken(LeafSchema):
    """A control leaf does not follow the one before it."""

    code = "control_chain_broken"


@dataclass(frozen=True, slots=True)
class Link:
    """Where a control leaf stands and what it hashes to."""

    index: LeafIndex
    leaf_hash: Hash

    @classmethod
    def to(cls, leaf: Envelope) -> Link:
        """The link that points to `leaf`."""
        return cls(leaf.index, leaf.leaf_hash)

    @classmethod
    def from_json(cls, value: JSON) -> Link:
        """Read a link whose shape the leaf's schema has already checked."""
        fields = cast("JSONObject", value)
        return cls(LeafIndex(cast("int", fields["index"])), Hash(bytes.fromhex(cast("str", fields["leaf_hash"]))))

    def to_json(self) -> JSONObject:
        """The form in which it stands in leaves."""
        return {"index": self.index, "leaf_hash": self.leaf_hash.hex()}


@dataclass(frozen=True, slots=True)
class Span:
    """A key and the leaves it is valid for: from `start` up to, not including, `stop` (None: not retired)."""

    key: DelegatedKey | str
    start: int
    stop: int | None

    def covers(self, index: int) -> bool:
        """Whether the key is valid for the leaf at `index` (for a checkpoint: its size minus one)."""
        return self.start <= index and (self.stop is None or index < self.stop)


@dataclass(frozen=True, slots=True)
class ControlHistory:
    """What the control leaves say, in order; `keys` are delegated, `log_keys` C2SP verifier keys."""

    genesis: Envelope
    leaves: tuple[Envelope, ...]
    keys: tuple[Span, ...]
    log_keys: tuple[Span, ...]
    policies: tuple[tuple[int, str], ...]

    @property
    def max_merge_delay(self) -> int:
        """Seconds from `recorded` until a checkpoint must cover a leaf."""
        return cast("int", self.genesis.fields["max_merge_delay"])

    def delegated_at(self, use: str, index: int) -> dict[str, bytes]:
        """Public keys by kid that may sign for `use` at leaf `index`."""
        spans = (span for span in self.keys if span.covers(index))
        keys = (span.key for span in spans if isinstance(span.key, DelegatedKey))
        return {key.kid: key.public for key in keys if key.use == use}

    def log_keys_at(self, size: int) -> list[str]:
        """C2SP verifier keys that are valid for a checkpoint of `size` leaves."""
        return [str(span.key) for span in self.log_keys if span.covers(size - 1)]

    def terms_at(self, size: int) -> Terms:
        """What the log declared of itself in the last `terms` leaf below `size`."""
        found = [leaf for leaf in self.leaves if leaf.kind == "terms" and leaf.index < size]
        return terms_of(found[-1]) if found else NOTHING

    def policy_at(self, size: int) -> str:
        """Digest (hex) of the last policy below `size`."""
        return [digest for index, digest in self.policies if index < size][-1]


def link_of(leaf: Envelope) -> Link | None:
    """The `control_prev` of a control leaf (None in genesis)."""
    value = leaf.fields["control_prev"]
    return None if value is None else Link.from_json(value)


def history(leaves: Sequence[Envelope], newest: Link | None = None) -> ControlHistory:
    """Derive the history from control leaves in ascending order, genesis first.

    Raises ControlChainBroken when a link is missing or wrong, or when the last leaf is not the one that
    `newest` (the `control` of the newest proved manifest) names.
    """
    if not leaves or leaves[0].kind != "genesis":
        raise ControlChainBroken("The control chain does not begin with genesis")
    for before, leaf in itertools.pairwise(leaves):
        if not leaf.is_control or link_of(leaf) != Link.to(before):
            raise ControlChainBroken("A control leaf does not name the one before it", path=f"leaf {leaf.index}")
    if newest is not None and Link.to(leaves[-1]) != newest:
        raise ControlChainBroken("The newest manifest names another control leaf", path=f"leaf {newest.index}")
    return ControlHistory(leaves[0], tuple(leaves), _delegated(leaves), _log_keys(leaves), _policies(leaves))


def key_statement(log: Hash, origin: str, leaf_fields: JSONObject) -> bytes:
    """RFC 8785 bytes that old and new keys sign under DSSE (`KEY_PAYLOAD_TYPE`) for a `key` leaf."""
    names = ("add", "add_log_keys", "retire", "retire_log_keys", "control_prev")
    value: JSONObject = {name: leaf_fields[name] for name in names}
    return canonical(value | {"log": log.hex(), "origin": origin})


def _delegated(leaves: Sequence[Envelope]) -> tuple[Span, ...]:
    spans: dict[str, Span] = {}
    for leaf in leaves:
        for entry in _entries(leaf, "delegated" if leaf.kind == "genesis" else "add"):
            key = DelegatedKey.from_json(entry, leaf.origin)
            _add(spans, key.kid, Span(key, leaf.index, None))
        _retire(spans, _entries(leaf, "retire"), leaf.index)
    return tuple(spans.values())


def _log_keys(leaves: Sequence[Envelope]) -> tuple[Span, ...]:
    spans: dict[str, Span] = {}
    for leaf in leaves:
        for entry in _entries(leaf, "log_keys" if leaf.kind == "genesis" else "add_log_keys"):
            _add(spans, str(entry), Span(str(entry), leaf.index, None))
        _retire(spans, _entries(leaf, "retire_log_keys"), leaf.index)
    return tuple(spans.values())


def _add(spans: dict[str, Span], name: str, span: Span) -> None:
    """A key is added once and never comes back: what it signed after it was retired stays worthless."""
    if name in spans:
        raise ControlChainBroken("A control leaf adds a key that was added before", path=f"leaf {span.start}")
    spans[name] = span


def _retire(spans: dict[str, Span], names: list[JSON], index: int) -> None:
    for name in names:
        span = spans.get(str(name))
        if span is None or span.stop is not None:
            raise ControlChainBroken("A key leaf retires a key that is not in force", path=f"leaf {index}")
        spans[str(name)] = Span(span.key, span.start, index)


def _entries(leaf: Envelope, name: str) -> list[JSON]:
    return cast("list[JSON]", leaf.fields.get(name, []))


def _policies(leaves: Sequence[Envelope]) -> tuple[tuple[int, str], ...]:
    return tuple((leaf.index, str(leaf.fields["policy"])) for leaf in leaves if "policy" in leaf.fields)
