"""What is derived, made again from the leaves: search columns, published files, the head's columns, places of heads.

Guarantees that nothing is made from leaves which do not lead to the newest signed root, that no append-only row is
touched, that a file which differs is kept aside, and that a dry run changes nothing. Where the head row names another
end of the log than the leaves, or no note can be verified, it refuses: that is for recovery and for people.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ledger.core.merkle import Frontier
from ledger.errors import IntegrityLost
from ledger.models import Checkpoint
from ledger.selectors.heads import is_log_of_heads
from ledger.selectors.streams import StreamView
from ledger.services.rebuild_differences import Differences
from ledger.services.rebuild_files import MendedFiles
from ledger.services.rebuild_head import mend_head
from ledger.services.rebuild_rows import MendedRows
from ledger.services.store_findings import StoreFindings
from ledger.services.store_frozen import Frozen, frozen
from ledger.services.store_segment import SEGMENT, Parts, Segment, Tell
from ledger.services.store_whole import Ends, Whole

_REBUILT_OR_APART = frozenset({"window_mismatch", "file_missing", "head_row_mismatch"})
"""Findings of the first pass that do not cast doubt on the leaves."""


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What differed, and was made again unless it was a dry run."""

    origin: str
    dry_run: bool
    leaves: int
    differences: Differences

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return {
            "origin": self.origin, "dry_run": self.dry_run, "leaves": self.leaves,
            "differed": self.differences.counts, "differences": self.differences.told,
        }  # fmt: skip


def rebuild(stream: StreamView, *, dry_run: bool, tell: Tell) -> RebuildReport:
    """Make again what differs; `tell` hears of each leaf twice. Raises IntegrityLost where the leaves are in doubt."""
    held = _proved(stream, tell)
    found = Differences()
    files = MendedFiles(held.stream.origin, held.signed, found, dry_run=dry_run)
    rows = MendedRows(held, found, dry_run=dry_run)
    ends = _passed(held, Parts(StoreFindings(), rows, files), StoreFindings(), tell)
    files.strays(max(held.size, held.facts.prepared_size or 0))
    mend_head(held, ends, found, dry_run=dry_run)
    if is_log_of_heads(held.stream):
        rows.end()
    return RebuildReport(held.stream.origin, dry_run, held.size, found)


def _proved(stream: StreamView, tell: Tell) -> Frozen:
    """The stream with the size that is really signed; raises IntegrityLost unless the leaves lead to that root."""
    held = frozen(stream)
    newest = Checkpoint.objects.filter(stream_id=stream.id, size__lte=held.size).order_by("-size").values_list("size")
    signed = (newest.first() or (0,))[0]
    held = frozen(stream, replace(held.facts, signed_size=signed))
    found = StoreFindings()
    ends = _passed(held, Parts(found, None, None), found, tell)
    doubts = [one for one in found.problems if one.code not in _REBUILT_OR_APART]
    if doubts or held.history is None or ends.hash != held.facts.last_hash:
        why = f"{doubts[0].code} at {doubts[0].path}" if doubts else "the head row names another end or control chain"
        raise IntegrityLost("The leaves do not lead to what was signed; nothing is made from them", why=why)
    if signed and not found.counts.get("checkpoints"):
        raise IntegrityLost("No note can be verified; nothing is made from leaves alone", why=f"size {signed}")
    return held


def _passed(held: Frozen, parts: Parts, joined: StoreFindings, tell: Callable[[int], None]) -> Ends:
    """One pass over all leaves."""
    whole = Whole(held, joined, Frontier())
    for start in range(0, held.size, SEGMENT):
        segment = Segment(held, start, min(start + SEGMENT, held.size), parts)
        segment.run(tell)
        whole.take(segment.account, bytes(segment.hashes))
    whole.end(parts.files)
    return whole.ends
