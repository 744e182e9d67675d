"""Verify the store: re-hash what is stored and never trust a stored hash.

`full` looks at every row and file of a stream, in segments that processes share and that are kept until the end, so
that a run which was killed goes on where it was. `quick` looks at all leaves since the last checkpoint and at a random
sample of those before, and says what that sample is worth. Nothing is changed and nothing repaired; findings carry
the offline verifier's codes where it has one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

from django.conf import settings

from ledger.core.merkle import Frontier, leaf_hash
from ledger.errors import LedgerError
from ledger.models import Leaf
from ledger.selectors.proofs import node_reader_of
from ledger.selectors.streams import StreamView
from ledger.services import store_state
from ledger.services.store_around import check_keys, check_logged, check_policies, check_requests
from ledger.services.store_erased import Erased, erasures
from ledger.services.store_findings import StoreFindings, StoreReport
from ledger.services.store_frozen import Frozen, frozen
from ledger.services.store_head import check_behind, check_control, check_head, check_prepared
from ledger.services.store_processes import run_segments
from ledger.services.store_sample import Sample, check_sample, sample_of
from ledger.services.store_segment import Segment, Tell, verifying
from ledger.services.store_state import State
from ledger.services.store_stream import check_stream
from ledger.services.store_tiles import Files
from ledger.services.store_whole import Whole

SAMPLE = 300
Mode: TypeAlias = Literal["quick", "full"]


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """`full`: in how many `processes`, and whether from the start; `quick`: how many leaves, by which seed."""

    processes: int = 1
    restart: bool = False
    sample: int = SAMPLE
    seed: str | None = None


def verify_store(
    stream: StreamView, mode: Mode, tell: Tell, options: VerifyOptions | None = None
) -> StoreReport:  # fmt: skip
    """Verify one stream as it is now; `tell` hears how many leaves are through so far.

    Raises VerificationInterrupted where a process of a full run ended early, JobConflict while another full run over
    the stream goes on here, and NameInvalid for a foreign seed.
    """
    chosen, progress = options or VerifyOptions(), _Sum(tell)
    if mode == "full":
        return _full(stream, chosen, progress)
    return _quick(frozen(stream), chosen, progress)


class _Sum:
    """Turns the sizes of steps into how far all of them are."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self.done = tell, 0

    def __call__(self, more: int) -> None:
        self.done += more
        self._tell(self.done)


def leaves_to_look_at(stream: StreamView, mode: Mode, options: VerifyOptions | None = None) -> int:
    """How many leaves a verification goes through."""
    tail = stream.size - max(stream.signed_size - 1, 0)
    return stream.size if mode == "full" else tail + min((options or VerifyOptions()).sample, stream.signed_size)


def state_folder() -> Path:
    """Where full verifications keep what they have finished."""
    return Path(settings.COUNTERSIGN_STATE_DIR) / "verify"


def _full(stream: StreamView, options: VerifyOptions, progress: _Sum) -> StoreReport:
    with store_state.alone(state_folder(), stream.origin):
        return _full_alone(stream, options, progress)


def _full_alone(stream: StreamView, options: VerifyOptions, progress: _Sum) -> StoreReport:
    state = None if options.restart else _resumed(stream)
    held = frozen(stream, state.facts if state else None)
    if state is None:
        state = store_state.begin(state_folder(), stream.origin, held.facts, datetime.now(UTC).isoformat())
    open_segments = [number for number in range(state.segments) if not state.done(number)]
    finished = set(range(state.segments)) - set(open_segments)
    if finished:
        progress(sum(end - start for start, end in map(state.bounds, finished)))
    run_segments(held, state, open_segments, options.processes, progress)
    report = _joined(held, state, progress)
    state.remove()
    return report


def _resumed(stream: StreamView) -> State | None:
    """The state left behind, if the log still holds, at its end, the leaf that it speaks of."""
    state = store_state.resume(state_folder(), stream.origin)
    if state is None:
        return None
    rows = Leaf.objects.filter(stream_id=stream.id, index=state.facts.size - 1)
    raw = rows.values_list("bytes", flat=True).first()
    return state if raw is not None and leaf_hash(bytes(raw)).hex() == state.facts.last_hash else None


def _joined(held: Frozen, state: State, progress: _Sum) -> StoreReport:
    """Everything from the finished segments."""
    found, erased = StoreFindings(), Erased()
    whole = Whole(held, found, Frontier())
    gone: list[int] = []
    for number in range(state.segments):
        account = state.account(number)
        found.absorb(account.findings)
        whole.take(account, state.hashes(number))
        progress(0)
        erased.mark(account.erased)
        gone += [number] * bool(account.gone)
    files = Files(held.stream.origin, held.signed, found)
    whole.end(files)
    if gone:
        erased.mark(erasures(held.stream.id, held.size))
    for number in gone:
        erased.tell(found, state.account(number).gone)
    _around(held, found, whole)
    files.strays(_size_now(held))
    facts = {"size": held.size, "began": state.began, "resumed": state.resumed}
    return found.report(held.stream.origin, "full", facts)


def _around(held: Frozen, found: StoreFindings, whole: Whole) -> None:
    check_control(held, found, whole.ends)
    check_head(held, found, whole.ends)
    check_prepared(held, found, whole.ends, whole.prepared_root)
    check_keys(held, found)
    check_stream(held, found)
    check_policies(held, found)
    check_requests(held, found)
    check_logged(held, found)
    check_behind(held, found)


def _size_now(held: Frozen) -> int:
    newest = Leaf.objects.filter(stream_id=held.stream.id).order_by("-index").values_list("index", flat=True)
    return max(held.size, (newest.first() or 0) + 1)


def _quick(held: Frozen, options: VerifyOptions, progress: _Sum) -> StoreReport:
    """The tail in full, the rest by a sample; the tree before the tail comes from the tiles, which the checkpoint
    must confirm.
    """
    found = StoreFindings()
    start = max(held.signed - 1, 0)
    facts: dict[str, Any] = {"size": held.size, "began": datetime.now(UTC).isoformat()}
    read = node_reader_of(held.stream)
    try:
        edge = Frontier.from_reader(start, read)
        root = Frontier.from_reader(held.signed, read).root()
    except LedgerError as error:
        found.refused(error, "tiles", "file_missing" if error.code == "not_found" else "range_root_mismatch")
        return found.report(held.stream.origin, "quick", facts)
    _tail(held, found, edge, start, progress)
    sample = sample_of(held.signed, options.sample, options.seed)
    for one in check_sample(held, found, sample, read, root):
        progress(one)
    return found.report(held.stream.origin, "quick", {**facts, "sample": sample.to_json()})


def _tail(held: Frozen, found: StoreFindings, edge: Frontier, start: int, progress: _Sum) -> None:
    tail = Segment(held, start, held.size, verifying(held, files=False))
    tail.run(progress)
    found.absorb(tail.account.findings)
    whole = Whole(held, found, edge, adopted=start > 0)
    known = held.history.leaves if held.history else ()
    whole.ends.control = [(int(leaf.index), leaf.leaf_hash.hex()) for leaf in known if leaf.index < start]
    whole.take(tail.account, bytes(tail.hashes))
    whole.end(None)
    erased = Erased()
    if tail.account.gone:
        erased.mark(erasures(held.stream.id, 0))
        erased.tell(found, tail.account.gone)
    _around(held, found, whole)


__all__ = ["Mode", "Sample", "StoreReport", "VerifyOptions", "leaves_to_look_at", "state_folder", "verify_store"]
