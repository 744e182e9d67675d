"""S4 to S6 of a seal: sign exactly the prepared text, store the note with the receipts, move the served head.

Guarantees that nothing but the prepared row's text is signed, that the note verifies under the registered key
before it is stored, and that the served head only ever grows. A sealer that wakes late can only make the same
note again.
"""

from __future__ import annotations

from ledger.core.note import Note, make_vkey, sign_note, verified
from ledger.models import KeyUse
from ledger.selectors.keys import key_in_force
from ledger.selectors.leaves import leaves
from ledger.selectors.receipts import derived
from ledger.selectors.streams import StreamView
from ledger.services.prepare import PreparedCheckpoint
from ledger.services.raw import RawCursor, own_transaction
from ledger.storage.signer import signer

_NOTE = """
INSERT INTO ledger_checkpoint (stream_id, size, root, note, window_number, signed_at)
VALUES (%s, %s, %b, %b, %s, clock_timestamp()) ON CONFLICT (stream_id, size) DO NOTHING
"""
_RECEIPTS = """
INSERT INTO ledger_receipt (stream_id, index, kid, signature)
SELECT %s, index, kid, signature
FROM unnest(%b::bigint[], %b::text[], %b::bytea[]) AS made (index, kid, signature)
ON CONFLICT (stream_id, index) DO NOTHING
"""
_CLEAR = "DELETE FROM ledger_prepared WHERE stream_id = %s AND size <= %s"
_SERVE = "UPDATE ledger_streamhead SET signed_size = GREATEST(signed_size, %s) WHERE stream_id = %s"

Signatures = tuple[list[int], list[str], list[bytes]]


def sign(stream: StreamView, prepared: PreparedCheckpoint) -> Note:
    """Sign the row's text with the checkpoint key in force and verify the note; raises KeyUnusable,
    LogSignatureWrong.
    """
    key = key_in_force(stream.id, KeyUse.CHECKPOINT)
    vkey = make_vkey(stream.origin, key.public)
    note = Note(prepared.text, (sign_note(prepared.text, vkey, lambda message: signer().sign(key, message)),))
    verified(note, [vkey])
    return note


def receipt_signatures(stream: StreamView, start: int, end: int) -> Signatures:
    """Indices, kids and signatures of the receipts of all events among leaves [start, end)."""
    found = [(view, view.kid) for view in leaves(stream, start, end) if view.kid is not None]
    made = derived(stream, [(view.parsed, kid) for view, kid in found])
    return (
        [view.index for view, _ in found],
        [kid for _, kid in found],
        [one.signatures[0].sig for one in made],
    )


def store_checkpoint(stream: StreamView, prepared: PreparedCheckpoint, note: Note, receipts: Signatures) -> None:
    """Store note and receipts, clear the prepared row and serve the new head, all in one transaction."""
    with own_transaction() as cursor:
        values = (stream.id, prepared.size, prepared.root, note.to_bytes(), prepared.number)
        cursor.execute(_NOTE, values)
        _store_receipts(cursor, stream, receipts)
        cursor.execute(_SERVE, (prepared.size, stream.id))
        cursor.execute(_CLEAR, (stream.id, prepared.size))


def _store_receipts(cursor: RawCursor, stream: StreamView, receipts: Signatures) -> None:
    if receipts[0]:
        cursor.execute(_RECEIPTS, (stream.id, *receipts))
