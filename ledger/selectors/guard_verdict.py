"""What guard and database say when they are compared: the recovery table, applied to what is there now.

Guarantees that the guard is read before the snapshot of the database, so that whatever it holds must be in
there, and that leaves are re-hashed: from the last signed size on from their bytes, below it from the tiles'
right edge. A row is believed only where leaves or a signature confirm it. Nothing is changed here.
Design: durability, recovery.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from django.db import connection, transaction

from ledger.core.checkpoint import parse_checkpoint
from ledger.core.head_guard import GuardHead, GuardState
from ledger.core.merkle import Frontier, leaf_hash
from ledger.core.note import parse_note, verified
from ledger.core.recovery import GUARD_AHEAD, GUARD_BEHIND, GUARD_CONFLICT, Action, Seen, Step, Unusable, decide
from ledger.core.types import Hash
from ledger.core.witness_policy import parse_policy
from ledger.errors import IntegrityLost, LedgerError, NotThere, StreamStopped, StreamUnknown
from ledger.selectors.health import policy_in_force
from ledger.selectors.keys import log_vkeys
from ledger.selectors.proofs import node_reader_of
from ledger.selectors.streams import StreamView
from ledger.storage.guards.configured import head_guard
from ledger.storage.guards.errors import BY_CODE, HeadGuardCorrupt, HeadGuardMissing, HeadGuardUnreachable

GO_ON = frozenset({Step.NONE, Step.REDO_FROM_PREPARED, Step.SIGN_GUARD_TEXT})
"""After these, append goes on; the last two are the sealer's resume."""
REFUSED = frozenset({Step.REFUSE, Step.STOP})
WITNESSES_STOP = frozenset({GUARD_AHEAD, GUARD_CONFLICT})
"""Stored with a stream that is not closed, they are what a witness said: what it signed, no other look takes back."""
_LOOKS = 8
_FACTS = """
SELECT COALESCE((SELECT max(index) + 1 FROM ledger_leaf WHERE stream_id = head.stream_id), 0),
       head.size, head.last_hash, prepared.size, prepared.root, prepared.text, newest.size, newest.note,
       CASE WHEN head.successor IS NULL THEN head.stopped END
FROM ledger_streamhead AS head
LEFT JOIN ledger_prepared AS prepared ON prepared.stream_id = head.stream_id
LEFT JOIN LATERAL (
    SELECT size, note FROM ledger_checkpoint WHERE stream_id = head.stream_id ORDER BY size DESC LIMIT 1
) AS newest ON true
WHERE head.stream_id = %s
"""
_LEAVES = "SELECT bytes FROM ledger_leaf WHERE stream_id = %s AND index >= %s AND index < %s ORDER BY index"
_WHAT = {
    "head_guard_ahead": "The database lacks what the head guard remembers",
    "head_guard_behind": "The head guard lost writes, and the witnesses have not answered",
    "head_guard_conflict": "Head guard and database hold two histories",
    "integrity": "Rows of the database contradict its leaves",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done, in order; `guard` is what it rests on, `error` what the stream is refused with now."""

    guard: GuardState | None
    actions: tuple[Action, ...]
    error: LedgerError | None = None

    @property
    def code(self) -> str:
        """The code of the refusal; '' where append and seal go on."""
        return "" if self.error is None else self.error.code


def verdict(
    stream: StreamView, *, assumed: GuardState | None = None, witnessed: tuple[GuardHead, ...] | None = None
) -> Verdict:
    """Read the guard, then one snapshot of the database, and decide; or decide as if the guard held `assumed`.

    `witnessed` are the heads that the witnesses told, once they were asked; without them a witness is waited for where
    the guard lost writes, and what one said before stands.

    Before a stream is stopped, or the guard is said to have lost writes, the guard is read once more, and everything
    if it says otherwise now: no single odd answer closes a log, and the database may have been read later.
    """
    if assumed is not None:
        return _verdict(stream, assumed, None, witnessed)
    for _ in range(_LOOKS):
        guard, error = _guard(stream.origin)
        found = _verdict(stream, guard, error, witnessed)
        if not _is_grave(found) or _says_the_same(found, guard, _guard(stream.origin)[0]):
            return found
    return found


def _is_grave(found: Verdict) -> bool:
    """Whether it stops the stream, or says that the guard lost writes."""
    stops = found.error is not None and not any(action.step is Step.REFUSE for action in found.actions)
    return stops or any(action.code == GUARD_BEHIND for action in found.actions)


def _says_the_same(found: Verdict, before: GuardState | Unusable, now: GuardState | Unusable) -> bool:
    """Whether the guard says again what `found` rests on; what is receipted moves all the time."""
    if not found.code and isinstance(before, GuardState) and isinstance(now, GuardState):
        return before.head == now.head
    return before == now


def _verdict(
    stream: StreamView, guard: GuardState | Unusable, error: LedgerError | None, told: tuple[GuardHead, ...] | None
) -> Verdict:
    state = guard if isinstance(guard, GuardState) else None
    try:
        with _snapshot():
            seen = _seen(stream, guard, told)
            actions = _decided(seen)
    except LedgerError as lost:
        return Verdict(state, (), lost)
    last = actions[-1]
    if last.step in REFUSED:
        return Verdict(state, actions, error or BY_CODE[last.code](_WHAT[last.code], why=_told(seen)))
    return Verdict(state, actions)


def _decided(seen: Seen) -> tuple[Action, ...]:
    """The table's action; behind an advance of `receipted` also the next one, on the same snapshot.

    Under load there is always a leaf that is committed and not told to the guard yet: to look again would
    never end.
    """
    first = decide(seen)
    if first.step is not Step.ADVANCE_RECEIPTED or not isinstance(seen.guard, GuardState):
        return (first,)
    return (first, decide(replace(seen, guard=GuardState(first.receipted, seen.guard.head))))


def _guard(origin: str) -> tuple[GuardState | Unusable, LedgerError | None]:
    try:
        return head_guard().read(origin), None
    except HeadGuardMissing as error:
        return Unusable.MISSING, error
    except HeadGuardCorrupt as error:
        return Unusable.CORRUPT, error
    except HeadGuardUnreachable as error:
        return Unusable.UNREACHABLE, error


@contextmanager
def _snapshot() -> Iterator[None]:
    """One snapshot for all statements; in a caller's transaction that transaction's view.

    There, facts come from one statement, and leaves that it counted are never changed.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _seen(stream: StreamView, guard: GuardState | Unusable, told: tuple[GuardHead, ...] | None) -> Seen:
    """What there is in this snapshot; raises IntegrityLost where the database contradicts itself at once."""
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [stream.id])
        row = cursor.fetchone()
    if row is None:
        raise StreamUnknown("There is no such stream", why=stream.origin)
    size, counted, last, *rows = row
    if told is None and rows[5] in WITNESSES_STOP:
        raise BY_CODE[rows[5]]("A witness holds what the database does not", why=stream.origin)
    leaves = _Leaves(stream, signed=_signed(stream, rows[3], rows[4]))
    held = guard.head if isinstance(guard, GuardState) else None
    behind = leaves.signed is not None and (held is None or held.size < leaves.signed.size)
    waits = told is None and behind and _asks_witnesses(stream)
    seen = Seen(
        guard=guard, size=size, leaf_hash=cache(leaves.hash), root=cache(leaves.root), signed=leaves.signed,
        prepared=_prepared(stream, rows[:3]), witnessed=None if waits else told or (),
    )  # fmt: skip
    refused = decide(seen).step in REFUSED
    if not refused and (size != counted or seen.leaf_hash(size - 1) != bytes(last)):
        raise IntegrityLost("The head row is not that of the leaves", why=f"{counted} leaves told, {size} there")
    return seen


@dataclass(frozen=True)
class _Leaves:
    """Hashes and roots of a stream's leaves; `signed` is the tree whose edge the tiles hold."""

    stream: StreamView
    signed: GuardHead | None

    def hash(self, index: int) -> Hash:
        return self.hashes(index, index + 1)[0]

    def hashes(self, start: int, end: int) -> list[Hash]:
        with connection.cursor() as cursor:
            cursor.execute(_LEAVES, [self.stream.id, start, end])
            found = [leaf_hash(bytes(row[0])) for row in cursor.fetchall()]
        if len(found) != end - start:
            raise IntegrityLost("Leaves are missing", why=f"{len(found)} of {end - start} from index {start} on")
        return found

    def root(self, size: int) -> Hash:
        signed = self.signed.size if self.signed is not None else 0
        try:
            edge = Frontier.from_reader(min(size, signed), node_reader_of(self.stream, signed))
        except NotThere as error:
            raise StreamStopped("The tiles of the last checkpoint are not there", why=str(error)) from error
        if size > signed:
            edge.extend(self.hashes(signed, size))
        return edge.root()


def _signed(stream: StreamView, size: int | None, data: Any) -> GuardHead | None:
    """The newest stored note, as far as the log's own signature vouches for it."""
    if size is None:
        return None
    try:
        note = parse_note(bytes(data))
        verified(note, log_vkeys(stream.id, size))
        told = parse_checkpoint(note.text)
    except LedgerError as error:
        raise IntegrityLost("The last checkpoint does not verify", why=str(error)) from error
    if (told.origin, told.size) != (stream.origin, size):
        raise IntegrityLost("The last checkpoint is of another log or size", why=f"size {size}")
    return GuardHead(size, told.root)


def _prepared(stream: StreamView, row: list[Any]) -> GuardHead | None:
    """The row's size and root; its text, which is what would be signed, must say the same."""
    size, root, text = row
    if size is None:
        return None
    try:
        told = parse_checkpoint(text)
    except LedgerError as error:
        raise IntegrityLost("The prepared text cannot be read", why=str(error)) from error
    if (told.origin, told.size, told.root) != (stream.origin, size, bytes(root)):
        raise IntegrityLost("The prepared text is not that of its row", why=f"size {size}")
    return GuardHead(size, Hash(bytes(root)))


def _asks_witnesses(stream: StreamView) -> bool:
    return bool(parse_policy(policy_in_force(stream).encode()).witnesses)


def _told(seen: Seen) -> str:
    guard = seen.guard if isinstance(seen.guard, GuardState) else GuardState()
    receipted, head = (held.size if held else 0 for held in (guard.receipted, guard.head))
    signed = seen.signed.size if seen.signed else 0
    there = f"the database holds {seen.size:,} leaves and a checkpoint over {signed:,}"
    return f"the guard knows of {receipted:,} leaves and a checkpoint over {head:,}; {there}"
