"""On which leaves of a reader's streams reliance is paused, read at most once in a few seconds by each process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.cache import cache

from ledger.selectors.reliance import pauses_in

if TYPE_CHECKING:
    from governance.identity.core.principal import Principal
    from ledger.selectors.reliance import Pause

KEPT_S = 3
_VERSION = "paused-version"


def paused_for(principal: Principal) -> tuple[Pause, ...]:
    """Every pause in the namespaces that exist for `principal`."""
    key = f"paused:{cache.get(_VERSION, 0)}:{principal.actor}"
    kept: tuple[Pause, ...] | None = cache.get(key)
    if kept is None:
        kept = pauses_in(principal.namespaces)
        cache.set(key, kept, KEPT_S)
    return kept


def forget() -> None:
    """Read anew at the next page of this process, after a pause or its end."""
    cache.set(_VERSION, cache.get(_VERSION, 0) + 1, None)
