"""What a request that ended in an exception leaves behind and becomes: a record of refused rights, 503 or 500."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import psycopg
from django.db import InterfaceError, OperationalError

from ledger.services.refusals import record_insufficient

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)

RETRY_AFTER_S = 2
_AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)


def database_is_away(error: BaseException | None) -> bool:
    """Whether `error` comes from a connection that is not there: refused, ended by a crash, or out of the pool.

    The pool's own time-out and errors of raw cursors are psycopg's; what was raised on their account is looked through.
    """
    return any(isinstance(one, _AWAY) for one in _causes(error))


def database_is_full(error: BaseException | None) -> bool:
    """Whether the database's volume had no room for what was asked; PostgreSQL undid it."""
    return any(isinstance(one, psycopg.errors.DiskFull) for one in _causes(error))


def record_refusal(error: BaseException | None, door: str, request_id: str) -> None:
    """Record in `_system/events` that the runtime role lacked a right; never fails the answer."""
    if error is None:
        return
    try:
        record_insufficient(error, door=door, request_id=request_id)
    except Exception:
        log.exception("a refusal could not be recorded", extra={"door": door, "request_id": request_id})


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
