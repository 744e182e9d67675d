"""How many changes wait for a reader's signature, counted at most once in a few seconds by each process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.cache import cache

from governance.change.selectors.waiting import waiting_for

if TYPE_CHECKING:
    from datetime import datetime

    from governance.identity.models import Person

KEPT_S = 5


def waiting_on(person: Person, now: datetime) -> int:
    """The number in the top bar; at most 50."""
    kept: int | None = cache.get(_key(person))
    if kept is None:
        kept = len(waiting_for(None, person.actor, now))
        cache.set(_key(person), kept, KEPT_S)
    return kept


def forget(person: Person) -> None:
    """Count anew at the next page of this process, after they signed something."""
    cache.delete(_key(person))


def _key(person: Person) -> str:
    return f"waiting:{person.actor}"
