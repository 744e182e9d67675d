"""How many notices a reader has not marked as read, counted at most once in a few seconds by each process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.cache import cache

from governance.watching.selectors.notices import unread_of

if TYPE_CHECKING:
    from governance.identity.models import Person

KEPT_S = 3


def unread_for(person: Person) -> int:
    """The number beside Notifications in the top bar."""
    kept: int | None = cache.get(_key(person))
    if kept is None:
        kept = unread_of(person)
        cache.set(_key(person), kept, KEPT_S)
    return kept


def forget(person: Person) -> None:
    """Count anew at the next page of this process, after something was marked."""
    cache.delete(_key(person))


def _key(person: Person) -> str:
    return f"unread:{person.actor}"
