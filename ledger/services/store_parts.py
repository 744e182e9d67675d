"""What stands beside the leaves: stored receipts and disclosed objects, checked in chunks of events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ledger.core.commitment import open_commitment
from ledger.core.control import history
from ledger.core.dsse import Envelope as Dsse
from ledger.core.dsse import Signature, signed_by
from ledger.core.envelope import Envelope
from ledger.core.receipt import PAYLOAD_TYPE, promise
from ledger.core.spans import Span, holds_index
from ledger.errors import LedgerError
from ledger.models import Receipt
from ledger.selectors.leaves import ObjectView, objects_at
from ledger.selectors.streams import StreamView
from ledger.services.store_findings import StoreFindings

_ROLES = {"attrs": "attrs_digest_mismatch", "payload": "payload_digest_mismatch"}


def check_receipts(
    stream: StreamView, found: StoreFindings, events: Sequence[Envelope], control: Sequence[Envelope]
) -> None:
    """Every event of the published log has a stored receipt, signed by a key delegated at its index."""
    try:
        known = history(control)
    except LedgerError:
        return  # told by the check of the control chain
    rows = Receipt.objects.filter(stream_id=stream.id, index__in=[leaf.index for leaf in events])
    stored = {row.index: row for row in rows}
    for leaf in events:
        row, path = stored.get(leaf.index), f"receipt {leaf.index}"
        if row is None:
            if leaf.index < stream.signed_size:
                found.problem("receipt_missing", path, "No receipt is stored for a published event.")
            continue
        body = promise(known.genesis.leaf_hash, leaf, row.kid, known.max_merge_delay, row.issued).body()
        made = Dsse(body, PAYLOAD_TYPE, (Signature(bytes(row.signature), row.kid),))
        if row.kid not in signed_by(made, known.delegated_at("receipt", row.issued or leaf.index)):
            found.problem("receipt_signature_wrong", path, f"The signature by {row.kid} does not verify.")
        found.count("receipts")


def check_objects(
    stream: StreamView, found: StoreFindings, events: Sequence[Envelope], erased: Mapping[str, Sequence[Span]]
) -> None:
    """What is disclosed opens its commitment; what is gone has an `erasure` leaf."""
    held = objects_at(stream, [int(leaf.index) for leaf in events])
    for leaf in events:
        pair = held.get(leaf.index, (None, None))
        for role, thing in zip(_ROLES, pair, strict=True):
            if thing is not None:
                _open(found, leaf, role, thing)
            elif not holds_index(erased[role], leaf.index):
                found.problem("payload_missing", f"{role} {leaf.index}", "It is gone, and no erasure leaf says so.")


def _open(found: StoreFindings, leaf: Envelope, role: str, thing: ObjectView) -> None:
    path = f"{role} {leaf.index}"
    try:
        open_commitment(bytes.fromhex(str(leaf.fields[role])), thing.salt, thing.media_type, thing.data)
    except LedgerError as error:
        found.refused(error, path, "payload_missing" if error.code == "payload_erased" else _ROLES[role])
    found.count("objects")
