"""What only people do over the API: whose call it is, and whether its second factor is fresh."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from console.api.call import Call
from console.api.problems import ProblemError
from governance.identity.core.principal import PrincipalKind
from governance.identity.factors import STEP_UP_AGE, verified_within
from governance.identity.moment import Moment
from governance.identity.selectors.people import person_row

if TYPE_CHECKING:
    from governance.identity.models import Person

PERSONS = ("role_missing", "token_cannot_write", "csrf_failed")
"""What a write of a person's own may be refused with beside what every call may."""


def person_of(call: Call) -> Person:
    """The person behind a session or a personal token; raises role_missing for a system key."""
    if call.who.kind is not PrincipalKind.PERSON:
        raise ProblemError("role_missing", "This belongs to people; a system key has none of it.")
    return person_row(call.who.actor.removeprefix("person:"))


def present(call: Call) -> Person:
    """The same, in a session: a token of theirs changes nothing. Raises token_cannot_write."""
    found = person_of(call)
    if not call.who.in_session:
        raise ProblemError("token_cannot_write", "A personal token reads and drafts; it never writes.")
    return found


def stepped_up(call: Call) -> Person:
    """The same, with a second factor that was given within five minutes, as the page asks for. Raises step_up."""
    found = present(call)
    if not verified_within(call.request, STEP_UP_AGE, call.now):
        raise ProblemError("step_up", "This takes a second factor that was given within five minutes.")
    return found


def fresh_in_session(call: Call) -> None:
    """Raise step_up for a session whose second factor is older than that; a token is judged by the action itself."""
    if call.who.in_session and not verified_within(call.request, STEP_UP_AGE, call.now):
        raise ProblemError("step_up", "This takes a second factor that was given within five minutes.")


def moment(call: Call) -> Moment:
    """Now, for an action."""
    return Moment(call.now, secrets.token_bytes)
