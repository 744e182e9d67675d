"""Which streams have a bundle with a verdict, and where the newest one is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse

from ledger.selectors import bundles

if TYPE_CHECKING:
    from collections.abc import Collection

LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class Bundled:
    """When a bundle was finished, where its page is, and what the offline verifier said of it."""

    finished: datetime
    href: str
    outcome: str = "verified"


def newest_bundles(namespaces: Collection[str]) -> dict[tuple[str, str], Bundled]:
    """By (namespace, stream): the newest bundle that has a verdict, whichever. One query.

    Looks at the newest hundred requests; a bundle older than those is told by its health path alone.
    """
    found: dict[tuple[str, str], Bundled] = {}
    for row in bundles.bundles_of(namespaces, None, LOOKED_AT):
        if row.outcome is not None and row.finished is not None:
            made = Bundled(row.finished, reverse("bundle", args=(row.public_id,)), str(row.outcome))
            found.setdefault((row.namespace, row.stream), made)
    return found


def newest_with(stream_id: int, index: int) -> Bundled | None:
    """When the newest verified bundle that holds this leaf was finished, and its page."""
    found = bundles.newest_holding(stream_id, index)
    if found is None or found.finished is None:
        return None
    return Bundled(found.finished, reverse("bundle", args=(found.public_id,)))
