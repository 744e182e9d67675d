"""Steps that need the head guard's word: before a receipt is given, and before a checkpoint is signed.

Guarantees that the guard is told outside of every lock of the database and after the commit, and that a stream
whose guard refused is compared anew before it is written again. A swap that was lost never stops a stream by
itself. Design: durability, A3 and S3.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction

from ledger.core.head_guard import GuardHead, Receipted, Swap
from ledger.core.merkle import consistency_proof, verify_consistency
from ledger.errors import Disproved, IntegrityLost, NotThere
from ledger.selectors.leaves import leaf
from ledger.selectors.promises import knows_of
from ledger.selectors.proofs import node_reader_of
from ledger.selectors.streams import StreamView
from ledger.services.group import Slot
from ledger.services.prepare import PreparedCheckpoint
from ledger.services.recovery import forget
from ledger.storage.guards.configured import head_guard
from ledger.storage.guards.errors import GUARD_ERRORS


def promise(stream: StreamView, slots: Sequence[Slot]) -> int:
    """Tell the guard the newest of these committed events, new or replayed; returns the size that is promised.

    Raises what the guard refuses with: no receipt may be given then, the events stay.
    """
    newest = max(slots, key=lambda slot: slot.index)
    found = newest.leaf.leaf_hash if newest.leaf is not None else leaf(stream, newest.index).hash
    return tell(stream, Receipted(newest.index + 1, found))


def promise_after_commit(stream: StreamView, slots: Sequence[Slot]) -> None:
    """The same when the caller's transaction on Django's connection commits.

    Nobody waits for it: a failure goes to the log, and the next append or start tells the guard.
    """

    def told() -> None:  # Django's log names the function, which a partial does not have.
        promise(stream, slots)

    if connection.in_atomic_block:
        transaction.on_commit(told, robust=True)


def tell(stream: StreamView, own: Receipted) -> int:
    """Move `receipted` over a committed leaf; raises what the guard refuses with."""
    with _compared_anew_after_refusal(stream):
        knows = knows_of(stream.id, own)
        return head_guard().advance_receipted(stream.origin, own.size, own.leaf_hash, knows).size


def manifest_of(stream: StreamView, prepared: PreparedCheckpoint) -> Receipted:
    """The last leaf under a prepared checkpoint, re-hashed; raises IntegrityLost."""
    try:
        return Receipted(prepared.size, leaf(stream, prepared.size - 1).hash)
    except NotThere as error:
        raise IntegrityLost("The manifest of the prepared checkpoint is gone", why=str(error)) from error


def swapped(stream: StreamView, prepared: PreparedCheckpoint, manifest: Receipted) -> bool:
    """S3: whether the guard holds the prepared head now, so that its text may be signed.

    The tiles of the prepared tree must be there: they prove that it extends the head that is replaced.
    """
    new = GuardHead(prepared.size, prepared.root)
    with _compared_anew_after_refusal(stream):
        held = head_guard().read(stream.origin).head
        if held is not None and held != new and not _extends(stream, held, new):
            return False
        knows = knows_of(stream.id, manifest)
        done = head_guard().swap_head(stream.origin, held, new, manifest.leaf_hash, knows)
    return done is not Swap.CONFLICT


def _extends(stream: StreamView, old: GuardHead, new: GuardHead) -> bool:
    if old.size >= new.size:
        return False
    proof = consistency_proof(old.size, new.size, node_reader_of(stream, new.size))
    try:
        verify_consistency(old.size, new.size, proof, old.root, new.root)
    except Disproved:
        return False
    return True


@contextmanager
def _compared_anew_after_refusal(stream: StreamView) -> Iterator[None]:
    try:
        yield
    except GUARD_ERRORS:
        forget(stream)
        raise
