"""People: who there is, inviting somebody, and the link with which they begin. Roles come by changes."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from console import denials, words
from console.changes.power import account_words, power_words, quiet_words
from console.forms.inviting import InviteForm
from console.founded_memo import founded
from console.views.factors import moment
from console.views.guard import page
from console.views.step_up import step_up_required
from console.views.visit import Forbidden, Hidden, Refused
from governance.change.core.possession import words_of
from governance.change.errors import NotFounded, RuleMissing
from governance.change.selectors.last_moment import last_safe_moment
from governance.change.selectors.liveness import quiet
from governance.change.selectors.satisfied import unmet_without
from governance.identity.actions.deactivate_person import deactivate_person
from governance.identity.actions.invite_person import invite_person
from governance.identity.actions.tickets import INVITERS, IssuedTicket, create_ticket, withdraw_ticket
from governance.identity.core.roles import Role
from governance.identity.core.tickets import Purpose
from governance.identity.errors import IdentityRefused, PolicyUnsatisfiable
from governance.identity.factors import STEP_UP_AGE
from governance.identity.selectors.directory import Seen, details_of, people_seen, person_seen, ticket_row
from governance.identity.selectors.people import people

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from console.views.visit import Visit
    from governance.change.selectors.liveness import Quiet
    from governance.identity.models import Person
    from governance.identity.selectors.directory import PersonRow
    from governance.identity.selectors.tenants import MembershipView

READERS = INVITERS | {Role.INTERNAL_AUDITOR}


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """Whom I may see, and what they are here."""
    rows = people_seen(_seen(visit), visit.now)
    waiting = [row for row in rows if not row.begun]
    views = people(visit.now)
    power = {one.public_id: power_words(one, visit.now) for one in views}
    answer = f"{words.counted(len(rows), 'person', 'people')}."
    if waiting:
        verb = "has" if len(waiting) == 1 else "have"
        answer += f" {words.counted(len(waiting), 'of them', 'of them')} {verb} not begun yet."
    silent = quiet(visit.now, views)
    shown = [(row, power.get(row.public_id, ()), _flags(row, silent, visit.now)) for row in rows]
    answer += _flagged(sum(bool(flags) for _, _, flags in shown))
    return visit.page("identity/people.html", {"rows": shown, "answer": answer, "may_invite": _may_invite(visit)})


@page("GET")
def detail(visit: Visit, public_id: UUID) -> HttpResponse:
    """One person: roles, places, keys, open links."""
    person = _person(visit, public_id)
    roles, groups, keys, tickets = details_of(person, visit.now)
    is_founded = founded()
    renewals = _renewals(roles) if is_founded else {}
    runs, begun = Role.PLATFORM_OPERATOR in visit.principal.roles, person.has_usable_password()
    context = {
        "person": person, "roles": roles, "groups": sorted(groups), "tickets": tickets, "founded": is_founded,
        "keys": [(key, words_of(key.public)) for key in keys], "may_invite": _may_invite(visit) and not begun,
        "power": [one for view in people(visit.now, only=[str(public_id)]) for one in power_words(view, visit.now)],
        "role_rows": [(row, renewals.get(row.public_id)) for row in roles],
        "may_reset": runs and begun, "may_end": runs and person.is_active and person != visit.person,
    }  # fmt: skip
    return visit.page("identity/person.html", context)


def _flags(row: PersonRow, silent: Mapping[str, Quiet], now: datetime) -> tuple[str, ...]:
    return (*account_words(row, now), *quiet_words(silent.get(f"person:{row.public_id}")))


def _flagged(count: int) -> str:
    return f" {words.counted(count, 'of them', 'of them')} may not be there when needed." if count else ""


def _renewals(roles: Sequence[MembershipView]) -> dict[UUID, datetime]:
    """By role that ends: the last safe moment to submit its renewal; none where no policy is in force."""
    ending = {row.public_id: row.expires for row in roles if row.expires is not None}
    try:
        return {key: last_safe_moment(ends, "role.grant") for key, ends in ending.items()}
    except (NotFounded, RuleMissing):
        return {}


@page("GET", "POST")
@step_up_required(STEP_UP_AGE, back="people-invite")
def invite(visit: Visit) -> HttpResponse:
    """Enter somebody and get the link for them, once."""
    _need_inviter(visit)
    form = InviteForm(visit.request.POST or None)
    if form.is_valid():
        try:
            told = form.cleaned_data
            person, issued = invite_person(
                told["email"], told["display_name"], unit=told["unit"], by=visit.principal, at=moment(visit)
            )
        except IdentityRefused as refused:
            form.add_error("email", f"{refused.what}. {refused.next_step}")
        else:
            return _revealed(visit, person, issued)
    return visit.page("identity/invite.html", {"form": form}, 422 if form.is_bound else 200)


@page("POST")
@step_up_required(STEP_UP_AGE, back="people")
def ticket(visit: Visit, public_id: UUID) -> HttpResponse:
    """A new link: an invitation for who has not begun, else leave to enrol a factor in place of lost ones."""
    person = _person(visit, public_id)
    _need_inviter(visit)
    purpose = Purpose.FACTOR if person.has_usable_password() else Purpose.INVITATION
    try:
        issued = create_ticket(person, purpose, by=visit.principal, at=moment(visit))
    except IdentityRefused as refused:
        raise _forbidden(refused) from refused
    return _revealed(visit, person, issued)


@page("POST")
@step_up_required(STEP_UP_AGE, back="people")
def withdraw(visit: Visit, public_id: UUID, ticket_id: UUID) -> HttpResponse:
    """End a link before it is used."""
    person = _person(visit, public_id)
    _need_inviter(visit)
    row = ticket_row(person, ticket_id)
    if row is None:
        raise Hidden(visit.principal.actor)
    try:
        withdraw_ticket(row, by=visit.principal, at=moment(visit))
    except IdentityRefused as refused:
        raise Refused(f"{refused.what}.", refused.why or "It ended by itself.", refused.next_step) from refused
    messages.add_message(visit.request, messages.INFO, "The link opens nothing any more.", extra_tags="pass")
    return HttpResponseRedirect(reverse("person", args=(public_id,)))


@page("GET", "POST")
@step_up_required(STEP_UP_AGE, back="people")
def leave(visit: Visit, public_id: UUID) -> HttpResponse:
    """A person leaves: refused (409) while a policy in force could not be satisfied without them."""
    person = _person(visit, public_id)
    if Role.PLATFORM_OPERATOR not in visit.principal.roles:
        raise Forbidden(
            "Your roles do not let you end somebody's access.",
            "It takes the role platform operator.",
            "Ask who runs the platform.",
        )
    if visit.request.method != "POST":
        return visit.page("identity/person_leave.html", {"person": person})
    try:
        deactivate_person(
            person, by=visit.principal, at=moment(visit), unmet=lambda one: unmet_without(one, visit.now)
        )  # fmt: skip
    except PolicyUnsatisfiable as refused:
        denials.record(visit.request, refused.code, visit.principal.actor)
        return visit.page("identity/person_leave.html", {"person": person, "refused": refused}, 409)
    messages.add_message(visit.request, messages.INFO, "Their access is ended, everywhere.", extra_tags="pass")
    return HttpResponseRedirect(reverse("person", args=(public_id,)))


def _revealed(visit: Visit, person: Person, issued: IssuedTicket) -> HttpResponse:
    link = visit.request.build_absolute_uri(reverse("invitation-open", args=(issued.token,)))
    again = issued.row.purpose == Purpose.FACTOR.value
    context = {"person": person, "link": link, "expires": issued.row.expires, "again": again}
    return visit.page("identity/ticket.html", context)


def _seen(visit: Visit) -> Seen:
    roles = visit.principal.roles
    if not roles & READERS:
        raise Forbidden(
            "Your roles do not let you see people.",
            f"It takes one of these: {words.listed(sorted(role.words for role in READERS))}.",
            "A tenant admin can propose a role.",
        )
    tenants = {row.tenant for row in visit.memberships if row.role in READERS and row.tenant}
    return Seen(Role.PLATFORM_OPERATOR in roles, frozenset(tenants), visit.principal.actor)


def _person(visit: Visit, public_id: UUID) -> Person:
    found = person_seen(_seen(visit), public_id, visit.now)
    if found is None:
        raise Hidden(visit.principal.actor)
    return found


def _may_invite(visit: Visit) -> bool:
    return bool(visit.principal.roles & INVITERS)


def _need_inviter(visit: Visit) -> None:
    if not _may_invite(visit):
        raise Forbidden(
            "Your roles do not let you invite people.",
            f"It takes one of these: {words.listed(sorted(role.words for role in INVITERS))}.",
            "A tenant admin can propose a role.",
        )


def _forbidden(refused: IdentityRefused) -> Forbidden:
    return Forbidden(f"{refused.what}.", refused.why or "It is not yours to do.", refused.next_step, code=refused.code)
