"""What is frozen, in an emergency or in recovery, read at most once in a few seconds by each process for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.core.cache import cache

from governance.change.selectors.contained import contained
from governance.watching.selectors.notices import recovering

if TYPE_CHECKING:
    from datetime import datetime

    from governance.change.selectors.contained import Contained

KEPT_S = 3
_KEY = "contained"


@dataclass(frozen=True, slots=True)
class Restricted:
    """Freezes and incidents, and why the deployment is in recovery ('' where it is not)."""

    found: Contained
    recovery: str


def contained_now(now: datetime) -> Restricted:
    """The same for every reader; what of it one is told is decided by their roles."""
    kept: Restricted | None = cache.get(_KEY)
    if kept is None:
        kept = Restricted(contained(now), recovering())
        cache.set(_KEY, kept, KEPT_S)
    return kept


def forget() -> None:
    """Read anew at the next page of this process, after something was signed."""
    cache.delete(_KEY)
