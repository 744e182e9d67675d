"""Refill: leaves that the head guard remembers and a restored database lacks, put back from entry bundles.

Guarantees that nothing is inserted but the history that the guard holds: every leaf continues the chain from the
database's last one, the last one is the leaf that was receipted, and the root is that of the guard's checkpoint. Rows
are inserted in one transaction under the stream's lock, or none; then the recovery comparison decides, as always.
Checkpoints of the lost windows are signed anew below the guard's: the same text, over the same leaves. What stood
beside the leaves alone is told as lacking. The system ledger is told before the first insert. May be repeated.
Design: durability, recovery.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ledger.core.checkpoint import Checkpoint
from ledger.core.envelope import Envelope, parse
from ledger.core.head_guard import GuardHead, GuardState
from ledger.core.merkle import Frontier
from ledger.core.times import format_time
from ledger.core.types import JSONObject, TreeSize
from ledger.core.window import window_of
from ledger.errors import IntegrityLost, KeyUnusable, NotThere, StreamStopped
from ledger.models import Checkpoint as CheckpointRow
from ledger.models import LeafObject
from ledger.selectors.guard_verdict import verdict
from ledger.selectors.leaves import leaves
from ledger.selectors.proofs import node_reader_of
from ledger.selectors.streams import StreamView, stream_by_id
from ledger.services import spool
from ledger.services.checkpoint import receipt_signatures, sign, store_checkpoint
from ledger.services.head import lock_head
from ledger.services.prepare import PreparedCheckpoint
from ledger.services.publish import publish
from ledger.services.raw import own_transaction
from ledger.services.recovery import forget, recover
from ledger.services.recreate import prepare_row
from ledger.services.refill_rows import Rows, refuse
from ledger.services.refill_source import Entries
from ledger.services.system_event import SystemEvent
from ledger.storage.guards.configured import head_guard

AHEAD = "head_guard_ahead"


@dataclass(frozen=True, slots=True)
class Refilled:
    """What was put back, or would be. `events` of the leaves are there without `objects` (attributes and payload);
    `signed` are sizes of checkpoints that were signed anew, `unsigned` those whose key is gone; `code` is what the
    stream is refused with afterwards ('' for nothing).
    """

    origin: str
    dry_run: bool
    first: int
    leaves: int
    events: int
    windows: int
    lacking_objects: int
    signed: tuple[int, ...]
    unsigned: tuple[int, ...]
    code: str

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "origin": self.origin, "dry_run": self.dry_run, "first": self.first, "leaves": self.leaves,
            "events": self.events, "windows": self.windows, "lacking_objects": self.lacking_objects,
            "signed": list(self.signed), "unsigned": list(self.unsigned), "code": self.code,
        }  # fmt: skip


@dataclass(slots=True)
class _Proof:
    """The guard's word, and what the leaves that lead to it are."""

    guard: GuardState
    end: int
    events: int
    notes: list[PreparedCheckpoint]


def refill(stream: StreamView, *, folder: Path | None = None, dry_run: bool) -> Refilled:
    """Put back what the guard remembers; `folder` holds files of a mirror.

    Raises NotThere where a leaf is nowhere to be had, IntegrityLost where what is there is another history,
    RequestError for leaves with which the stream could not go on, StreamStopped and ClockAhead, and what the guard is
    refused with where that is not `head_guard_ahead`.
    """
    found = verdict(stream)
    if found.error is not None and found.code != AHEAD:
        raise found.error
    source = Entries(stream.origin, folder)
    proof = _proved(stream, found.guard or head_guard().read(stream.origin), source)
    signed: tuple[list[int], list[int]] = ([], [])
    if not dry_run:
        if proof.end > stream.size:
            _told(stream, proof)
            _put(stream, source, proof)
        forget(stream)
        recover(stream_by_id(stream.id))
        signed = _signed_anew(stream, proof)
    objects = LeafObject.objects.filter(stream_id=stream.id, index__gte=stream.size).count()
    windows = sum(one.size > stream.size for one in proof.notes)
    return Refilled(
        stream.origin, dry_run, stream.size, proof.end - stream.size, proof.events, windows,
        2 * proof.events - objects, tuple(signed[0]), tuple(signed[1]), verdict(stream_by_id(stream.id)).code,
    )  # fmt: skip


def _proved(stream: StreamView, guard: GuardState, source: Entries) -> _Proof:
    """Walk from the last checkpoint over the database's leaves and the lacking ones up to what the guard holds."""
    end = max(stream.size, guard.receipted.size if guard.receipted else 0, guard.head.size if guard.head else 0)
    proof = _Proof(guard, end, 0, [])
    edge = Frontier.from_reader(stream.signed_size, node_reader_of(stream, stream.signed_size))
    for view in leaves(stream, stream.signed_size, stream.size):
        _noted(stream, proof, edge, view.parsed)
    for leaf in _lacking(stream, source, end):
        refuse(leaf)
        proof.events += leaf.kind == "event"
        _noted(stream, proof, edge, leaf)
    return proof


def _noted(stream: StreamView, proof: _Proof, edge: Frontier, leaf: Envelope) -> None:
    """Grow the tree by a leaf, keep the text of a window that it closes, and hold both against the guard."""
    edge.append(leaf.leaf_hash)
    size, held, head = int(leaf.index) + 1, proof.guard.receipted, proof.guard.head
    wrong = held is not None and size == held.size and leaf.leaf_hash != held.leaf_hash
    if wrong or (head is not None and size == head.size and edge.root() != head.root):
        raise IntegrityLost("The leaves are not those that the head guard holds", why=f"{size} leaves")
    if leaf.kind == "window":
        text = Checkpoint(stream.origin, TreeSize(size), edge.root()).text()
        proof.notes.append(PreparedCheckpoint(size, edge.root(), text, window_of(leaf).number))


def _lacking(stream: StreamView, source: Entries, end: int) -> Iterator[Envelope]:
    """Leaves from the database's end on, each continuing the one before it."""
    previous, recorded, at = stream.head_hash, format_time(stream.recorded), stream.size
    for raw in source.leaves(at, end):
        leaf = parse(raw)
        chained = (leaf.origin, leaf.index, leaf.prev) == (stream.origin, at, previous)
        if not chained or (leaf.recorded < recorded and leaf.kind != "segment"):
            raise IntegrityLost("An entry does not continue the database's leaves", why=f"leaf {at}")
        yield leaf
        previous, recorded, at = leaf.leaf_hash, leaf.recorded, at + 1
    if at < end:
        raise NotThere(
            "Leaves are lacking that the head guard remembers",
            why=f"{at:,} to {end - 1:,} are in no entry bundle; what no checkpoint covered was never published",
            next_step="Put bundles of a mirror, or leaves from clients' receipts as leaf/INDEX, into a folder: --from.",
        )


def _told(stream: StreamView, proof: _Proof) -> None:
    """Into the spool, and before anything is inserted: `_system/events` may be what has to be refilled first."""
    told: JSONObject = {
        "stream": stream.origin, "first": stream.size, "leaves": proof.end - stream.size, "events": proof.events,
    }  # fmt: skip
    spool.note(SystemEvent.STREAM_REFILLED, told)


def _put(stream: StreamView, source: Entries, proof: _Proof) -> None:
    """One transaction under the lock, in which the chain is walked again."""
    with own_transaction() as cursor:
        head = lock_head(cursor, stream.id)
        if (head.size, head.last_hash) != (stream.size, stream.head_hash):
            raise StreamStopped("The stream has grown meanwhile", why=stream.origin, next_step="Run it again.")
        rows = Rows(cursor, stream, head)
        edge = Frontier.from_reader(stream.signed_size, node_reader_of(stream, stream.signed_size))
        edge.extend(view.hash for view in leaves(stream, stream.signed_size, stream.size))
        again = _Proof(proof.guard, proof.end, 0, [])
        for leaf in _lacking(stream, source, proof.end):
            _noted(stream, again, edge, leaf)
            rows.put(leaf)
        rows.end()
        last = again.notes[-1] if again.notes else None
        if last is not None and last.size > (proof.guard.head.size if proof.guard.head else 0):
            prepare_row(cursor, stream, GuardHead(last.size, last.root), last.number)


def _signed_anew(stream: StreamView, proof: _Proof) -> tuple[list[int], list[int]]:
    """Notes of windows below the guard's checkpoint, which nothing else makes again; the guard's own is the sealer's.

    Their texts are over the leaves that the guard's root proves, so that no second history is signed. The clock is
    asked before each, as for every seal: `signed_at` is when it was signed anew. Raises ClockAhead.
    """
    limit = proof.guard.head.size if proof.guard.head else 0
    made: tuple[list[int], list[int]] = ([], [])
    for one in (one for one in proof.notes if one.size < limit):
        now = stream_by_id(stream.id)
        if CheckpointRow.objects.filter(stream_id=stream.id, size=one.size).exists():
            continue
        with own_transaction() as cursor:
            lock_head(cursor, now.id)
        try:
            note = sign(now, one)
        except KeyUnusable:
            made[1].append(one.size)
            continue
        if now.signed_size < one.size:
            publish(now, one)
        receipts = receipt_signatures(now, min(now.signed_size, one.size), one.size)
        store_checkpoint(now, one, note, receipts)
        made[0].append(one.size)
    return made
