"""Health of a stream for the page, checked at most once in a few seconds by each process.

A check verifies 32 signatures and a tree; a page that many people keep open must not repeat it for each.
The page tells when it was checked. An append, a seal, a signature and a stop change the key, so that news is seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.cache import cache

from ledger.selectors.health import PathHealth, health_of

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.selectors.streams import StreamView

KEPT_S = 5
Checked = tuple["datetime", tuple[PathHealth, ...]]


def checked_health(stream: StreamView, now: datetime) -> Checked:
    """When the five paths were checked, and what came of it."""
    place = f"{stream.size}:{stream.window_number}:{stream.signed_size}:{stream.stopped or ''}"
    key = f"health:{stream.public_id}:{place}"
    kept: Checked | None = cache.get(key)
    if kept is None:
        kept = now, health_of(stream, now)
        cache.set(key, kept, KEPT_S)
    return kept
