"""S4 to S6 of a seal: sign exactly the prepared text, store the note with the receipts, move the served head.

Guarantees that nothing but the prepared row's text is signed, by every key that is valid at its size (in a
rotation's overlap the old and the new one, and an ML-DSA-44 key where there is one); that each line verifies
before any is stored; and that the served head only ever grows. A sealer that wakes late can only make the same
note again.
"""

from __future__ import annotations

from functools import partial

from ledger.core.cosignature import cosign
from ledger.core.note import KeyType, Note, NoteSignature, sign_note, verified
from ledger.errors import LogSignatureWrong
from ledger.selectors.keys import signing_keys, vkey_of
from ledger.selectors.leaves import leaves
from ledger.selectors.receipts import derived, issued_of
from ledger.selectors.streams import StreamView
from ledger.services.prepare import PreparedCheckpoint
from ledger.services.raw import RawCursor, own_transaction
from ledger.storage.signer import RegisteredKey, signer

_NOTE = """
INSERT INTO ledger_checkpoint (stream_id, size, root, note, window_number, signed_at)
VALUES (%s, %s, %b, %b, %s, clock_timestamp()) ON CONFLICT (stream_id, size) DO NOTHING
"""
_RECEIPTS = """
INSERT INTO ledger_receipt (stream_id, index, kid, signature, issued)
SELECT %s, index, kid, signature, NULLIF(issued, -1)
FROM unnest(%b::bigint[], %b::text[], %b::bytea[], %b::bigint[]) AS made (index, kid, signature, issued)
ON CONFLICT (stream_id, index) DO NOTHING
"""
_CLEAR = "DELETE FROM ledger_prepared WHERE stream_id = %s AND size <= %s"
_SERVE = "UPDATE ledger_streamhead SET signed_size = GREATEST(signed_size, %s) WHERE stream_id = %s"

Signatures = tuple[list[int], list[str], list[bytes], list[int]]
"""Of receipts: indices, kids, signatures, and as of which index each was issued (-1: its own)."""


def sign(stream: StreamView, prepared: PreparedCheckpoint) -> Note:
    """Sign the row's text with every checkpoint key valid at its size, and verify each line.

    Raises KeyUnusable, SignerPaused, LogSignatureWrong: without all lines there is no note.
    """
    keys = signing_keys(stream.id, prepared.size)
    note = Note(prepared.text, tuple(log_line(prepared.text, key) for key in keys))
    if set(verified(note, [vkey_of(key) for key in keys])) != {vkey_of(key) for key in keys}:
        raise LogSignatureWrong("A line of the log was not verified", why=f"size {prepared.size}")
    return note


def log_line(text: str, key: RegisteredKey) -> NoteSignature:
    """The line of one of the log's own keys; an ML-DSA-44 key cosigns as the log, with no statement about time.

    Raises KeyUnusable, SignerPaused.
    """
    vkey, make = vkey_of(key), partial(signer().sign, key)
    return cosign(text, vkey, 0, make) if vkey.key_type is KeyType.MLDSA44 else sign_note(text, vkey, make)


def receipt_signatures(stream: StreamView, start: int, end: int) -> Signatures:
    """Indices, kids and signatures of the receipts of all events among leaves [start, end)."""
    found = [(view, view.kid) for view in leaves(stream, start, end) if view.kid is not None]
    made = derived(stream, [(view.parsed, kid) for view, kid in found])
    kids = [one.signatures[0].keyid for one in made]
    issued = [-1 if kid == own else issued_of(one) for one, kid, (_, own) in zip(made, kids, found, strict=True)]
    return (
        [view.index for view, _ in found],
        [str(kid) for kid in kids],
        [one.signatures[0].sig for one in made],
        [-1 if one is None else one for one in issued],
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
