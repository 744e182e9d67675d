"""Keyset paging: a page of items, and the address of the next one when there may be more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django.http import HttpRequest

T = TypeVar("T")


def page(
    request: HttpRequest, rows: Sequence[T], limit: int, shape: Callable[[T], Any], key: Callable[[T], object]
) -> dict[str, Any]:
    """`{"items", "next"}` of up to `limit` rows; `rows` was read with one row more, to know whether it goes
    on.
    """
    shown = rows[:limit]
    more = len(rows) > limit
    return {"items": [shape(row) for row in shown], "next": _next(request, key(shown[-1])) if more else None}


def _next(request: HttpRequest, after: object) -> str:
    query = request.GET.copy()
    query["after"] = str(after)
    return f"{request.path}?{query.urlencode()}"
