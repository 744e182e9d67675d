"""Whether the deployment is founded, asked at most once in a few seconds by each process; actions ask it themselves."""

from __future__ import annotations

from django.core.cache import cache

from governance.identity.selectors.founding import is_founded

KEPT_S = 3
_KEY = "founded"


def founded() -> bool:
    """For what a page says; nothing is decided by it."""
    kept: bool | None = cache.get(_KEY)
    if kept is None:
        kept = is_founded()
        cache.set(_KEY, kept, KEPT_S)
    return kept
