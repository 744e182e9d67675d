"""What every page of governed change asks first: which changes exist for this reader, and what may be refused."""

from __future__ import annotations

import secrets
import uuid
from typing import TYPE_CHECKING

from console.views.visit import Forbidden, Hidden, Refused
from governance.change.errors import ChangeUnknown
from governance.change.selectors.changes import READERS, Scope, change_in, scope_of, written_in
from governance.identity.moment import Moment

if TYPE_CHECKING:
    from collections.abc import Callable

    from console.views.visit import Visit
    from governance.change.selectors.changes import ChangeView, Written
    from ledger.errors import RequestError

_SCOPE = "scope_of_changes"


def readable(visit: Visit) -> Scope:
    """The changes that exist for this reader, asked once for a request; 403 where their roles read none."""
    kept: Scope | None = getattr(visit.request, _SCOPE, None)
    if kept is None:
        kept = _readable(visit)
        setattr(visit.request, _SCOPE, kept)
    return kept


def _readable(visit: Visit) -> Scope:
    on_platform = any(one.role in READERS and one.tenant is None for one in visit.memberships)
    scope = Scope(everything=True) if on_platform else scope_of(visit.person.public_id, visit.now)
    if scope.empty:
        roles = ", ".join(sorted(role.words for role in READERS))
        raise Forbidden(
            "Your roles do not let you read changes.",
            f"This takes one of these roles: {roles}.",
            "A role is given by a change: an author proposes it, and approvers sign it.",
        )
    return scope


def seen(visit: Visit, change_id: uuid.UUID) -> ChangeView:
    """One change, or the 404 that every unknown address gets."""
    try:
        return change_in(readable(visit), str(change_id), visit.now)
    except ChangeUnknown as unknown:
        raise Hidden(visit.principal.actor) from unknown


def written(visit: Visit, change_id: uuid.UUID) -> Written:
    """The text that counts of one change, or the same 404."""
    try:
        return written_in(readable(visit), str(change_id))
    except ChangeUnknown as unknown:
        raise Hidden(visit.principal.actor) from unknown


def moment_of(visit: Visit) -> Moment:
    """Time and randomness for an action."""
    return Moment(visit.now, secrets.token_bytes)


def refused(error: RequestError) -> Refused:
    """A refusal as a page: what, why with its code, and the next step."""
    why = f"{error.why.rstrip('.')}. " if error.why else ""
    return Refused(f"{error.what.rstrip('.')}.", f"{why}Code: {error.code}.", error.next_step)


def asks(visit: Visit) -> Callable[[str], str]:
    """Fields of a posted form, without the spaces around them."""
    return lambda name: str(visit.request.POST.get(name, "")).strip()
