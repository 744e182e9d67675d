"""Which streams have a finished bundle, and where the newest one is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from ledger.selectors import bundles

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

LOOKED_AT = 100
Bundled = tuple["datetime", str]


def newest_bundles(namespaces: Collection[str]) -> dict[tuple[str, str], Bundled]:
    """By (namespace, stream): when the newest verified bundle was finished, and its page. One query.

    Looks at the newest hundred requests; a bundle older than those is told by its health path alone.
    """
    found: dict[tuple[str, str], Bundled] = {}
    for row in bundles.bundles_of(namespaces, None, LOOKED_AT):
        if row.outcome == "verified" and row.finished is not None:
            found.setdefault((row.namespace, row.stream), (row.finished, reverse("bundle", args=(row.public_id,))))
    return found


def newest_with(stream_id: int, index: int) -> Bundled | None:
    """When the newest verified bundle that holds this leaf was finished, and its page."""
    found = bundles.newest_holding(stream_id, index)
    if found is None or found.finished is None:
        return None
    return found.finished, reverse("bundle", args=(found.public_id,))
