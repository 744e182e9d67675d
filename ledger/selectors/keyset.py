"""Pages by keyset: rows in an order whose last column is unique, behind the place where the page before ended.

No OFFSET: a page far into a list costs what the first one costs, and rows that arrive meanwhile shift nothing.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)
Kind = type[int] | type[str] | type[datetime] | type[UUID]
LONGEST = 4_096


@dataclass(frozen=True, slots=True)
class Order:
    """`columns` with the type of each; together they are unique, and an index begins with them where a table grows."""

    columns: tuple[tuple[str, Kind], ...]
    descending: bool = False

    def reversed(self) -> Order:
        """The same columns the other way round."""
        return Order(self.columns, not self.descending)

    def place(self, values: Sequence[Any]) -> str:
        """A place in this order as text: the number itself where it is one, else a JSON list."""
        told = [one if isinstance(one, int) else _written(one) for one in values]
        return str(told[0]) if len(told) == 1 else json.dumps(told, separators=(",", ":"))

    def read(self, text: str) -> tuple[Any, ...] | None:
        """The values of such a text; None for any other."""
        try:
            told = json.loads(text[:LONGEST]) if text else None
            values = told if isinstance(told, list) else [told]
            if len(values) != len(self.columns):
                return None
            return tuple(_value(kind, one) for (_, kind), one in zip(self.columns, values, strict=True))
        except (ValueError, TypeError, RecursionError):
            return None


def behind(rows: QuerySet[M], order: Order, place: Sequence[Any] | None) -> QuerySet[M]:
    """`rows` in that order, behind `place` (values of the order's columns)."""
    names = [name for name, _ in order.columns]
    sign = "-" if order.descending else ""
    found = rows.order_by(*(f"{sign}{name}" for name in names))
    return found if place is None else found.filter(_beyond(names, place, "lt" if order.descending else "gt"))


def _beyond(names: Sequence[str], place: Sequence[Any], than: str) -> Q:
    """(a, b) > (x, y) as a > x, or a = x and b > y; the first column alone also bounds the scan of its index."""
    first = Q(**{f"{names[0]}__{than}": place[0]})
    if len(names) == 1:
        return first
    rest = Q(**{names[0]: place[0]}) & _beyond(names[1:], place[1:], than)
    return Q(**{f"{names[0]}__{than}e": place[0]}) & (first | rest)


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _value(kind: Kind, told: Any) -> Any:
    if kind is UUID:
        return UUID(told if isinstance(told, str) else "")
    if kind is datetime:
        moment = datetime.fromisoformat(told)
        if moment.tzinfo is None:
            raise ValueError(told)
        return moment
    if not isinstance(told, kind) or isinstance(told, bool):
        raise TypeError(told)
    if isinstance(told, int) and abs(told) >= 2**63:
        raise ValueError(told)
    if isinstance(told, str) and "\0" in told:
        raise ValueError(told)
    return told
