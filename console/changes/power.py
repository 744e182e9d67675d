"""What somebody can do in changes now, and what keeps them from it, in sentences."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from console import words
from governance.change.selectors.people import approver_of
from governance.identity.core.person_keys import KeyState, KeyUse
from governance.identity.core.roles import Role

if TYPE_CHECKING:
    from datetime import datetime

    from governance.change.selectors.liveness import Quiet
    from governance.identity.selectors.directory import PersonRow
    from governance.identity.selectors.people import PersonView

UNSEEN = timedelta(days=30)
SOON = timedelta(days=14)
_SIGN = (Role.APPROVER, Role.EXECUTOR, Role.WITNESS_OPERATOR)


def power_words(view: PersonView, now: datetime) -> tuple[str, ...]:
    """The sentences, what they can do before what they lack; one that says so where there is nothing."""
    if not view.live:
        return ("None: they have left.",)
    if not any(view.holds(role) for role in _SIGN):
        return ("Signs no changes.",)
    has_key = any(key.use is KeyUse.DECISION and key.state is KeyState.ACTIVE for key in view.keys)
    if not has_key:
        return ("Nothing yet: no active decision key.",)
    if view.barred_until is not None and view.barred_until > now:
        return (f"Nothing until {words.moment(view.barred_until)}: a cool-down after lost factors.",)
    return tuple(_able(view))


def quiet_words(found: Quiet | None) -> tuple[str, ...]:
    """What speaks against being there when they are needed, in sentences; none where nothing does."""
    if found is None:
        return ()
    told = [f"Said nothing of the last {words.grouped(found.silent)} changes that asked for them."] * bool(found.silent)
    return (*told, *(f"Decision key {kid[:8]} unused for 90 days." for kid in found.unused))


def account_words(row: PersonRow, now: datetime) -> tuple[str, ...]:
    """What keeps somebody from acting, or soon will, by their account, in sentences; none where nothing does."""
    if not (row.live and row.begun):
        return ()
    told = [] if row.has_factor else ["No second factor: cannot sign in."]
    since = row.seen or row.entered
    if now - since > UNSEEN:
        told.append(f"Not seen for {words.counted((now - since).days, 'day')}.")
    ends = [(one.role.words.capitalize(), one.expires) for one in row.ends if one.expires is not None]
    return (*told, *(f"{role} ends on {words.moment(end)}." for role, end in ends if end - now <= SOON))


def _able(view: PersonView) -> list[str]:
    found = []
    if view.holds(Role.APPROVER):
        groups = sorted(approver_of(view).groups)
        found.append(f"Approves for {words.listed(groups)}." if groups else "Approves nothing: no place in a group.")
    if view.holds(Role.EXECUTOR):
        found.append("Carries out.")
    return [*found, "Holds, vetoes and freezes."]
