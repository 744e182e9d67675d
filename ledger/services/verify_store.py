"""Verify the store: re-hash what is stored and never trust a stored hash.

`quick` looks at everything from the last signed checkpoint on and at the edge of its tiles; `full` at every
leaf, window, checkpoint, tile, receipt and object of a stream. Nothing is changed and nothing repaired;
findings carry the offline verifier's codes, so that both speak of the same thing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from ledger.core.envelope import Envelope, parse
from ledger.core.erasure import erased_spans
from ledger.core.merkle import Frontier
from ledger.core.schemas import PARTS
from ledger.core.spans import Span
from ledger.errors import LedgerError
from ledger.models import Leaf
from ledger.selectors.proofs import node_reader_of
from ledger.selectors.streams import StreamView
from ledger.services.store_checks import Chain, Check, Checkpoints, Control, Tiles, Windows
from ledger.services.store_findings import StoreFindings, StoreReport
from ledger.services.store_parts import check_objects, check_receipts

CHUNK = 1_000
Mode: TypeAlias = Literal["quick", "full"]
Tell: TypeAlias = Callable[[int], None]


def verify_store(stream: StreamView, mode: Mode, tell: Tell) -> StoreReport:
    """Verify one stream as it was when `stream` was read; `tell` hears how many leaves are through."""
    found = StoreFindings()
    if mode == "full":
        _full(stream, found, tell)
    else:
        _quick(stream, found, tell)
    return found.report(stream.origin, mode)


def _quick(stream: StreamView, found: StoreFindings, tell: Tell) -> None:
    """From the last signed leaf on; the tree before it comes from the tiles, which the checkpoint must
    confirm.
    """
    start = max(stream.signed_size - 1, 0)
    try:
        edge = Frontier.from_reader(start, node_reader_of(stream))
    except LedgerError as error:
        found.refused(error, "tiles", "file_missing" if error.code == "not_found" else "range_root_mismatch")
        return
    checks: list[Check] = [Chain(stream, found), Checkpoints(stream, found, edge)]
    for first in range(start, stream.size, CHUNK):
        last = min(first + CHUNK, stream.size)
        if _shown(_read(stream, found, first, last), last - first, checks) is None:
            return
        tell(last - start)
    _ended(checks)


def _full(stream: StreamView, found: StoreFindings, tell: Tell) -> None:
    control = Control(found)
    checks: list[Check] = [
        Chain(stream, found), Checkpoints(stream, found, Frontier()), Windows(stream, found),
        Tiles(stream, found), control,
    ]  # fmt: skip
    erased = _erased(stream)
    whole = True
    for first in range(0, stream.size, CHUNK):
        last = min(first + CHUNK, stream.size)
        leaves = _read(stream, found, first, last)
        whole = whole and _shown(leaves, last - first, checks) is not None
        events = [leaf for leaf in leaves if leaf.kind == "event"]
        check_receipts(stream, found, events, control.leaves)
        check_objects(stream, found, events, erased)
        tell(last)
    if whole:
        _ended(checks)


def _read(stream: StreamView, found: StoreFindings, start: int, end: int) -> list[Envelope]:
    """Leaves [start, end) that can be read; the others are told."""
    rows = Leaf.objects.filter(stream_id=stream.id, index__gte=start, index__lt=end).order_by("index")
    stored = {row.index: row for row in rows}
    leaves = (_leaf(found, stored.get(index), index) for index in range(start, end))
    return [leaf for leaf in leaves if leaf is not None]


def _leaf(found: StoreFindings, row: Leaf | None, index: int) -> Envelope | None:
    path = f"leaf {index}"
    if row is None:
        found.problem("leaf_missing", path, "No leaf is stored at this index.")
        return None
    try:
        leaf = parse(bytes(row.bytes))
    except LedgerError as error:
        found.refused(error, path)
        return None
    if leaf.index != index:
        found.problem("leaf_index_mismatch", path, f"The leaf says {leaf.index}.")
        return None
    if bytes(row.hash) != leaf.leaf_hash:
        found.problem("range_root_mismatch", path, "The stored hash is not that of the stored bytes.")
    found.count("leaves")
    return leaf


def _shown(leaves: list[Envelope], expected: int, checks: list[Check]) -> bool | None:
    """Show a chunk to the checks; None at a hole, behind which no chain and no tree can be told."""
    if len(leaves) != expected:
        return None
    for leaf in leaves:
        for check in checks:
            check.leaf(leaf)
    return True


def _ended(checks: list[Check]) -> None:
    for check in checks:
        check.end()


def _erased(stream: StreamView) -> dict[str, list[Span]]:
    """Spans that `erasure` leaves name, by part."""
    rows = Leaf.objects.filter(stream_id=stream.id, kind="erasure").values_list("bytes", flat=True)
    leaves = [parse(bytes(raw)) for raw in rows]
    return {part: erased_spans(leaves, part) for part in PARTS}
