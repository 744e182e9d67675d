"""The prepared row that guard or witness prove to have been there, made again from its manifest leaf.

Guarantees that the row is written under the stream's lock, only while the stream has not signed as much, and that
its text is the one that was committed to: origin, size and root are all there is in it. Design: durability,
recovery.
"""

from __future__ import annotations

from ledger.core.checkpoint import Checkpoint
from ledger.core.head_guard import GuardHead
from ledger.core.types import TreeSize
from ledger.core.window import Window, window_of
from ledger.errors import IntegrityLost, LedgerError
from ledger.selectors.leaves import leaf
from ledger.selectors.streams import StreamView
from ledger.services.head import lock_head
from ledger.services.raw import RawCursor, own_transaction

_WINDOW = """
INSERT INTO ledger_window
    (stream_id, number, first_index, last_index, root, opened, closed, reason, manifest_index)
VALUES (%s, %s, %s, %s, %b, %s::timestamptz, %s::timestamptz, %s, %s) ON CONFLICT DO NOTHING
"""
_PREPARED = """
INSERT INTO ledger_prepared AS held (stream_id, size, root, text, number) VALUES (%s, %s, %b, %s, %s)
ON CONFLICT (stream_id) DO UPDATE
SET size = EXCLUDED.size, root = EXCLUDED.root, text = EXCLUDED.text, number = EXCLUDED.number
WHERE held.size < EXCLUDED.size
"""


def recreate_row(stream: StreamView, head: GuardHead) -> None:
    """Make the row of `head`, and the row of the window that it closes; raises StreamStopped, IntegrityLost."""
    with own_transaction() as cursor:
        if lock_head(cursor, stream.id).signed_size >= head.size:
            return
        window = _window(stream, head)
        write_window(cursor, stream, head.size - 1, window)
        prepare_row(cursor, stream, head, window.number)


def prepare_row(cursor: RawCursor, stream: StreamView, head: GuardHead, number: int) -> None:
    """The prepared row of `head`, which closes window `number`, in place of a smaller one."""
    text = Checkpoint(stream.origin, TreeSize(head.size), head.root).text()
    cursor.execute(_PREPARED, (stream.id, head.size, head.root, text, number))


def _window(stream: StreamView, head: GuardHead) -> Window:
    """The window that the last leaf under the head closes: every checkpoint ends with a manifest."""
    try:
        return window_of(leaf(stream, head.size - 1).parsed)
    except LedgerError as error:
        raise IntegrityLost("The guard's head does not end with a manifest", why=str(error)) from error


def write_window(cursor: RawCursor, stream: StreamView, manifest: int, window: Window) -> None:
    """The row of a window whose manifest is the leaf at that index, unless it is there."""
    values = (window.number, window.start, window.end, window.root, window.opened, window.closed, window.reason)
    cursor.execute(_WINDOW, (stream.id, *values, manifest))
