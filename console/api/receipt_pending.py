"""202: events that are kept and have no receipts yet, with the addresses of their receipts."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from console.api.encoding import b64
from console.api.links import event_links
from console.api.operation import answer
from ledger.errors import LedgerError
from ledger.services.answers import Placed
from ledger.services.receipt_pending import ReceiptPending

RETRY_AFTER_S = 5
_NEXT = "Ask for the receipt again after Retry-After; the event is kept and need not be sent again."


def kept_answer(namespace: str, name: str, pending: ReceiptPending, *, batched: bool) -> HttpResponse:
    """What was kept, with leaves and salts as always, and `receipt_pending` in the place of receipts."""
    rows = pending.placed
    urls = [event_links(namespace, name, row.index)["receipt"] for row in rows]
    value = _batch(rows) if batched else _single(namespace, name, rows[0])
    told = why(pending.cause, urls)
    return answer({**value, "receipt_pending": told}, 202, Location=urls[0], Retry_After=str(RETRY_AFTER_S))


def still_pending(url: str, cause: LedgerError) -> HttpResponse:
    """The same for who asks for the receipt."""
    return answer({"receipt_pending": why(cause, [url])}, 202, Retry_After=str(RETRY_AFTER_S))


def why(cause: LedgerError, urls: list[str]) -> dict[str, Any]:
    """The code that keeps the receipts back, and where they will be."""
    return {"code": cause.code, "detail": f"{cause}.", "next": _NEXT, "receipts": urls}


def b64_salts(row: Placed) -> dict[str, str]:
    """What opens the commitments, by role."""
    return {name: b64(salt) for name, salt in row.salts.items()}


def _single(namespace: str, name: str, one: Placed) -> dict[str, Any]:
    return {
        "index": one.index,
        "leaf": b64(one.leaf),
        "leaf_hash": one.leaf_hash.hex(),
        "salts": b64_salts(one),
        "links": event_links(namespace, name, one.index),
    }


def _batch(rows: tuple[Placed, ...]) -> dict[str, Any]:
    return {
        "accepted": len(rows),
        "repeated": sum(row.replayed for row in rows),
        "indices": [row.index for row in rows],
        "leaves": [b64(row.leaf) for row in rows],
        "salts": [b64_salts(row) for row in rows],
    }
