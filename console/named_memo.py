"""Whether a draft of the founding names somebody without a role, asked once in a few seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.cache import cache

from governance.change.selectors.changes import READERS, scope_of

if TYPE_CHECKING:
    from datetime import datetime

    from governance.identity.core.principal import Principal
    from governance.identity.models import Person

KEPT_S = 5


def reads_changes(principal: Principal, person: Person, now: datetime) -> bool:
    """Whether the area of changes exists for this reader: by a role, or because a genesis names them."""
    if principal.roles & READERS:
        return True
    key = f"named:{person.actor}"
    kept: bool | None = cache.get(key)
    if kept is None:
        kept = bool(scope_of(person.public_id, now).genesis)
        cache.set(key, kept, KEPT_S)
    return kept
