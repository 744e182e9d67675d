"""Lists by keyset: a page of rows, the address of what follows, and filters that live in the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from django.http import QueryDict

T = TypeVar("T")

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`rows` of one page; `following` and `first` are query strings, empty where nothing is there."""

    rows: Sequence[T]
    following: str
    first: str

    @property
    def alone(self) -> bool:
        """Whether everything fits on this page."""
        return not self.following and not self.first


def page_of(found: Sequence[T], query: QueryDict, cursor: Callable[[T], str], size: int = PAGE_SIZE) -> Page[T]:
    """Cut `found` (asked for with a limit of `size` + 1); `cursor` names the place after a row."""
    rows = found[:size]
    more = len(found) > size
    return Page(
        rows=rows,
        following=with_query(query, after=cursor(rows[-1])) if more else "",
        first=with_query(query, after="") or "?" if query.get("after") else "",
    )


def with_query(query: QueryDict, **changes: str) -> str:
    """`?...` with these values set, or left out where they are empty; empty if nothing is left."""
    changed = query.copy()
    for name, value in changes.items():
        if value:
            changed[name] = value
        else:
            changed.pop(name, None)
    kept = changed.urlencode()
    return f"?{kept}" if kept else ""
