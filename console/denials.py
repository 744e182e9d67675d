"""A refused page leaves no effect and one record in `_system/events`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ledger.services import system_events

if TYPE_CHECKING:
    from django.http import HttpRequest

log = logging.getLogger(__name__)


def record(request: HttpRequest, code: str, actor: str | None = None) -> None:
    """Record that `request` was refused with `code`; the ledger sums those of nobody known per minute.

    The record names the page, never its address: addresses carry names of tenants. Never fails the answer.
    """
    match = request.resolver_match
    door = f"page:{(match.view_name or 'unknown') if match is not None else 'unknown'}"
    try:
        system_events.record_denial(
            code=code, actor=actor, door=door, request_id=str(getattr(request, "request_id", ""))
        )
    except Exception:
        log.exception("a denial could not be recorded", extra={"code": code, "door": door})
