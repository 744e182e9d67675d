"""Events that are kept while no receipt can be given: the signer is down, or paused.

Guarantees that a stream which refuses such events (`without_receipt` = refuse) is asked before anything is kept, and
that a stream which takes them tells which events are kept, where, and that their receipts come later. Design:
evidence, "Receipt".
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.errors import KeyUnusable, LedgerError, RequestError, SignerPaused
from ledger.models import KeyUse, WithoutReceipt
from ledger.selectors.keys import key_in_force
from ledger.selectors.streams import StreamView
from ledger.services.answers import Placed
from ledger.storage.signer import signer

NO_SIGNATURE = (KeyUnusable, SignerPaused)
"""What keeps a receipt back without the event being at fault."""


class ReceiptPending(RequestError):
    """The events of this call are kept, and have no receipts yet; `placed` says where they stand."""

    code = "receipt_pending"
    default_next = "Fetch the receipts later, or send the request again with the same ids: nothing is kept twice."

    def __init__(self, placed: Sequence[Placed], cause: LedgerError) -> None:
        super().__init__("The events are kept; their receipts come when the signer can sign", why=str(cause))
        self.placed, self.cause = tuple(placed), cause


def refuse_without_signer(stream: StreamView) -> None:
    """Where the stream takes no event without its receipt: raise KeyUnusable or SignerPaused before it is kept.

    A closed stream takes none at all, and says so where that is decided: under its lock.
    """
    if stream.without_receipt != WithoutReceipt.REFUSE or stream.successor is not None:
        return
    key = key_in_force(stream.id, KeyUse.RECEIPT)
    if key.paused:
        raise SignerPaused("The signer is paused, and this stream takes nothing without a receipt", why=key.paused)
    signer().public(key)
