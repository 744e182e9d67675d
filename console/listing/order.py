"""The order of a list: chosen by its headings, kept in the address as `sort`, `-` for the largest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.tables import with_query

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from django.http import QueryDict

    from ledger.selectors.keyset import Order


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading that sorts: where it leads, and what it is now (`ascending`, `descending` or nothing)."""

    href: str
    now: str


@dataclass(frozen=True, slots=True)
class Sorting:
    """The order in force, the place behind which the page begins, and the headings by the name of their column."""

    name: str
    order: Order
    after: tuple[Any, ...] | None
    headings: Mapping[str, Heading]


def sorting(query: QueryDict, orders: Mapping[str, Order], usual: str) -> Sorting:
    """Read `sort` and `after`; `orders` by column, ascending; `usual` such as `-index` where nothing is asked for."""
    asked = query.get("sort", "")
    name = asked if asked.removeprefix("-") in orders else usual
    column = name.removeprefix("-")
    order = orders[column].reversed() if name.startswith("-") else orders[column]
    headings = {one: _heading(query, one, name, usual) for one in orders}
    return Sorting(name, order, order.read(query.get("after", "")), headings)


def _heading(query: QueryDict, column: str, now: str, usual: str) -> Heading:
    here = now.removeprefix("-") == column
    down = now.startswith("-")
    first = usual if usual.removeprefix("-") == column else column
    wanted = (column if down else f"-{column}") if here else first
    href = with_query(query, sort="" if wanted == usual else wanted, after="", format="") or "?"
    return Heading(href, ("descending" if down else "ascending") if here else "")
