"""What the head guard asks of the database, and which receipts may be given: leaves re-hashed from their bytes.

Guarantees that every answer comes from one statement, so that a restore between two cannot make it half true,
and that a receipt is derived only for a leaf of the history that the guard knows. Design: durability, A3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.db import connection

from ledger.core.head_guard import Knows, Receipted
from ledger.core.merkle import leaf_hash
from ledger.selectors.streams import StreamView
from ledger.storage.guards.configured import head_guard
from ledger.storage.guards.errors import HeadGuardAhead

if TYPE_CHECKING:
    from psycopg import Connection

_LEAVES = "SELECT index, bytes FROM ledger_leaf WHERE stream_id = %s AND index = ANY(%s)"


def holds(stream_id: int, leaves: Iterable[Receipted]) -> bool:
    """Whether the stream holds all of these leaves, in one snapshot."""
    wanted = {one.size - 1: one.leaf_hash for one in leaves}
    with connection.cursor() as cursor:
        cursor.execute(_LEAVES, [stream_id, list(wanted)])
        found = {index: leaf_hash(bytes(data)) for index, data in cursor.fetchall()}
    return found == wanted


def knows_of(stream_id: int, own: Receipted) -> Knows:
    """The question that a guard asks before it is written: is our own leaf still there, and the one it holds?

    Two leaves of one size are never both held, whichever of them is `own`.
    """
    return lambda held: (held.size != own.size or held == own) and holds(stream_id, (own, held))


def knows_over(connect: Callable[[], Connection[Any]], stream_id: int, own: Receipted) -> Knows:
    """The same question over another connection than Django's, which `connect` gives when it is asked."""

    def knows(held: Receipted) -> bool:
        if held.size == own.size and held != own:
            return False
        wanted = {one.size - 1: one.leaf_hash for one in (own, held)}
        rows = connect().execute(_LEAVES, [stream_id, list(wanted)]).fetchall()
        return {index: leaf_hash(data) for index, data in rows} == wanted

    return knows


def promised_size(stream: StreamView) -> int:
    """Leaves below it may be receipted anew: the guard knows of them, on this history.

    A signed size says less: a sealer that slept through a restore may have stored its note beside other leaves.
    Raises HeadGuardAhead where the guard's newest leaf is not in the database, and what reading it raises.
    """
    held = head_guard().read(stream.origin).receipted
    if held is None:
        return 0
    if not holds(stream.id, [held]):
        raise HeadGuardAhead("The database lacks a leaf that the head guard holds", why=f"size {held.size}")
    return held.size
