"""JSON out: compact UTF-8, times in UTC with microseconds, ids as text."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

import orjson

from ledger.core.times import format_time


def dump(value: Any) -> bytes:
    """The bytes of an answer."""
    return orjson.dumps(value, default=_other, option=orjson.OPT_PASSTHROUGH_DATETIME)


def b64(data: bytes) -> str:
    """Standard base64, as in every format of ours."""
    return base64.b64encode(data).decode("ascii")


def moment(value: datetime | None) -> str | None:
    """A time as the ledger spells it."""
    return format_time(value) if value is not None else None


def _other(value: Any) -> Any:
    if isinstance(value, datetime):
        return format_time(value)
    raise TypeError(type(value).__name__)
