"""Which streams of a reader are stopped, read at most once in a few seconds by each process.

The banner stands on every page; a stop is told at the latest that much later, and on the page of the stream
itself at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.cache import cache

from ledger.selectors import streams

if TYPE_CHECKING:
    from governance.identity.core.principal import Principal
    from ledger.selectors.streams import StreamView

KEPT_S = 3


def stopped_for(principal: Principal, shown: StreamView | None = None) -> list[StreamView]:
    """Stopped streams that exist for `principal`, and the one that the page shows, as it is now."""
    key = f"stopped:{principal.actor}"
    kept: list[StreamView] | None = cache.get(key)
    if kept is None:
        kept = streams.stopped_in(principal.namespaces)
        cache.set(key, kept, KEPT_S)
    others = [one for one in kept if shown is None or one.id != shown.id]
    return [shown, *others] if shown is not None and shown.stopped else others
