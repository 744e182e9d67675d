"""The head row and the prepared checkpoint against the leaves: each column has one place in the log it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from ledger.core.checkpoint import Checkpoint
from ledger.core.control import history
from ledger.core.times import format_time
from ledger.core.types import Hash, TreeSize
from ledger.errors import LedgerError
from ledger.models import Checkpoint as CheckpointRow
from ledger.models import EventIndex, Leaf, LeafObject, Receipt, StreamHead, Window
from ledger.selectors.leaves import leaves_at
from ledger.services.store_findings import StoreFindings
from ledger.services.store_frozen import Frozen
from ledger.services.store_whole import Ends

RootAt = Callable[[int], Hash | None]


def check_control(frozen: Frozen, found: StoreFindings, ends: Ends) -> None:
    """The control leaves among all leaves form one chain from genesis, and it is the one that was used."""
    places = [index for index, _ in ends.control]
    try:
        known = leaves_at(frozen.stream, places)
        told = history([known[index].parsed for index in places if index in known])
        if frozen.history is None or told != frozen.history:
            found.problem("control_chain_broken", "control chain", "The head row leads to another control chain.")
    except LedgerError as error:
        found.refused(error, "control chain", "control_chain_broken")


def check_head(frozen: Frozen, found: StoreFindings, ends: Ends) -> None:
    """Compare the head row with where the leaves end."""
    if ends.hash is not None and ends.hash != frozen.facts.last_hash:
        found.problem("chain_broken", "head", "The head row names another last leaf.")
    for column, held, told in _columns(frozen, ends):
        if held != told:
            found.problem("head_row_mismatch", f"head {column}", f"The row says {held}, the leaves say {told}.")
    found.count("heads")


def check_prepared(frozen: Frozen, found: StoreFindings, ends: Ends, root: Hash | None) -> None:
    """A closed window without a note has one prepared text, over the leaves up to its manifest; `root` is theirs."""
    facts, last = frozen.facts, ends.manifest
    unsigned = last.number > 0 and last.index + 1 > facts.signed_size
    if facts.prepared_size is None:
        if unsigned:
            found.problem("prepared_mismatch", "prepared", f"Window {last.number} is closed, and nothing is prepared.")
        return
    found.count("prepared")
    if not unsigned or (facts.prepared_size, facts.prepared_number) != (last.index + 1, last.number):
        told = f"{facts.prepared_size} leaves, window {facts.prepared_number}"
        found.problem("prepared_mismatch", "prepared", f"{told} is prepared; the last window is {last.number}.")
    elif root is not None:
        text = Checkpoint(frozen.stream.origin, TreeSize(facts.prepared_size), root).text()
        if (facts.prepared_root, facts.prepared_text) != (root.hex(), text):
            found.problem("prepared_mismatch", "prepared", "Root or text are not those of the leaves.")


def check_behind(frozen: Frozen, found: StoreFindings) -> None:
    """What stands behind the head as it is now, in one statement each, since appends go on meanwhile."""
    stream_id = frozen.stream.id
    now = StreamHead.objects.filter(pk=stream_id).values("size")
    behind = (
        (Leaf, "index__gte", "leaf_unexpected", "Leaves stand behind the end of the log."),
        (CheckpointRow, "size__gt", "leaf_missing", "A checkpoint is over more leaves than there are."),
        (Window, "manifest_index__gte", "window_mismatch", "A window ends behind the end of the log."),
        (Receipt, "index__gte", "receipt_mismatch", "Receipts stand behind the end of the log."),
        (LeafObject, "index__gte", "payload_digest_mismatch", "Objects stand behind the end of the log."),
        (EventIndex, "index__gte", "index_mismatch", "Search columns stand behind the end of the log."),
    )
    for model, lookup, code, message in behind:
        if model.objects.filter(stream_id=stream_id, **{lookup: now}).exists():
            found.problem(code, "head", message)


def _columns(frozen: Frozen, ends: Ends) -> Iterator[tuple[str, object, object]]:
    """Name, what the row holds, and what the leaves give; what they cannot give is left out."""
    facts, known, last = frozen.facts, frozen.history, ends.manifest
    if known is not None:
        newest = known.leaves[-1]
        yield "control_index", facts.control_index, int(newest.index)
        yield "control_hash", facts.control_hash, newest.leaf_hash.hex()
        in_force = known.delegated_at("receipt", facts.size)
        yield "receipt_kid", facts.receipt_kid, facts.receipt_kid if facts.receipt_kid in in_force else list(in_force)
        opened = last.recorded or known.genesis.recorded
        yield "window_opened", _moment(facts.window_opened), opened
    yield "last_recorded", _moment(facts.last_recorded), ends.recorded
    yield "window_number", facts.window_number, last.number
    yield "window_from", facts.window_from, last.index
    yield "events_open", facts.events_open, ends.open
    yield "waiting_since", _moment(facts.waiting_since), ends.since


def _moment(text: str | None) -> str | None:
    return None if text is None else format_time(datetime.fromisoformat(text))
