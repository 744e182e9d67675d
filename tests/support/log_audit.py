"""Verify a stream from its bytes alone: rows are read as bytes, everything else is `ledger.core`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from django.db import connection

from ledger.core import merkle
from ledger.core.checkpoint import parse_checkpoint
from ledger.core.control import ControlHistory, history
from ledger.core.dsse import Envelope as Dsse
from ledger.core.dsse import Signature, verified_payload
from ledger.core.envelope import Envelope, parse
from ledger.core.note import VKey, parse_note, verified
from ledger.core.receipt import PAYLOAD_TYPE, differences, parse_receipt, promise
from ledger.core.window import Window, window_of, window_root
from ledger.selectors.streams import StreamView


@dataclass(frozen=True)
class Audit:
    """What was found to be true of a stream."""

    leaves: list[Envelope]
    windows: list[Window]
    sizes: list[int]
    receipts: int


def audit(stream: StreamView) -> Audit:
    """Assert everything that a stranger could check, and return how much that was."""
    leaves = _leaves(stream)
    control = history([leaf for leaf in leaves if leaf.is_control])
    windows = _windows(leaves)
    return Audit(leaves, windows, _checkpoints(stream, leaves, control), _receipts(stream, leaves, control))


def check_receipt(receipt: Dsse, leaves: list[Envelope]) -> None:
    """Assert that a receipt is signed by the key delegated at its index and fits the leaf there."""
    control = history([leaf for leaf in leaves if leaf.is_control])
    told = parse_receipt(receipt.payload)
    keys = control.delegated_at("receipt", told.index)
    assert verified_payload(receipt, keys, PAYLOAD_TYPE) == receipt.payload
    assert differences(told, leaves[told.index]) == []
    assert told.log == leaves[0].leaf_hash


def _leaves(stream: StreamView) -> list[Envelope]:
    rows = _rows("SELECT index, bytes, hash FROM ledger_leaf WHERE stream_id = %s ORDER BY index", stream)
    leaves = [parse(bytes(raw)) for _, raw, _ in rows]
    assert [leaf.index for leaf in leaves] == [row[0] for row in rows] == list(range(len(rows)))
    assert [leaf.leaf_hash for leaf in leaves] == [bytes(row[2]) for row in rows]
    assert {leaf.origin for leaf in leaves} == {stream.origin}
    assert leaves[0].kind == "genesis"
    for before, leaf in pairwise(leaves):
        assert leaf.prev == before.leaf_hash
        assert leaf.recorded >= before.recorded
    return leaves


def _windows(leaves: list[Envelope]) -> list[Window]:
    windows = [(leaf, window_of(leaf)) for leaf in leaves if leaf.kind == "window"]
    start = 0
    for number, (leaf, window) in enumerate(windows, 1):
        assert (window.number, window.start, window.end) == (number, start, leaf.index - 1)
        inside = leaves[window.start : window.end + 1]
        assert window.root == window_root([one.leaf_hash for one in inside])
        assert (window.opened, window.closed) == (inside[0].recorded, leaf.recorded)
        assert any(one.kind != "window" for one in inside)
        start = leaf.index
    return [window for _, window in windows]


def _checkpoints(stream: StreamView, leaves: list[Envelope], control: ControlHistory) -> list[int]:
    hashes = [leaf.leaf_hash for leaf in leaves]
    rows = _rows("SELECT size, note FROM ledger_checkpoint WHERE stream_id = %s ORDER BY size", stream)
    for size, raw in rows:
        note = parse_note(bytes(raw))
        verified(note, [VKey.parse(text) for text in control.log_keys_at(size)])
        told = parse_checkpoint(note.text)
        assert (told.origin, told.size) == (stream.origin, size)
        assert told.root == merkle.root(hashes[:size])
        assert leaves[size - 1].kind == "window"
    return [size for size, _ in rows]


def _receipts(stream: StreamView, leaves: list[Envelope], control: ControlHistory) -> int:
    rows = _rows("SELECT index, kid, signature FROM ledger_receipt WHERE stream_id = %s ORDER BY index", stream)
    signed = max(_sizes(stream), default=0)
    assert [row[0] for row in rows] == [leaf.index for leaf in leaves[:signed] if leaf.kind == "event"]
    for index, kid, signature in rows:
        body = promise(leaves[0].leaf_hash, leaves[index], kid, control.max_merge_delay).body()
        check_receipt(Dsse(body, PAYLOAD_TYPE, (Signature(bytes(signature), kid),)), leaves)
    return len(rows)


def _sizes(stream: StreamView) -> list[int]:
    return [row[0] for row in _rows("SELECT size FROM ledger_checkpoint WHERE stream_id = %s", stream)]


def _rows(statement: str, stream: StreamView) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [stream.id])
        return list(cursor.fetchall())
