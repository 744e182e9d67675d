"""A refused page leaves no effect and one record in `_system/events`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ledger.services import system_events

if TYPE_CHECKING:
    from django.http import HttpRequest

log = logging.getLogger(__name__)
_TOLD = {"namespace_hidden": "not_found"}
_ASKED = {"ns": "namespace", "namespace": "namespace", "name": "stream", "public_id": "id"}


def record(request: HttpRequest, code: str, actor: str | None = None) -> None:
    """Record that `request` was refused with `code`; the ledger sums those of nobody known per minute.

    What the reader may not learn is the reason beside the code of the answer. Never fails the answer.
    """
    match = request.resolver_match
    reason, code = (code, _TOLD[code]) if code in _TOLD else ("", code)
    kwargs = match.kwargs if match is not None else {}
    door = f"page:{(match.view_name or 'unknown') if match is not None else 'unknown'}"
    try:
        system_events.record_denial(
            code=code, actor=actor, door=door, request_id=str(getattr(request, "request_id", "")), reason=reason,
            asked={_ASKED[name]: str(value) for name, value in kwargs.items() if name in _ASKED},
        )  # fmt: skip
    except Exception:
        log.exception("a denial could not be recorded", extra={"code": code, "door": door})
