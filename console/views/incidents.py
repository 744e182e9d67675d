"""Power that was used without waiting, and what is looked into: freezes that stand, incidents with their timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse

from console import contained_memo, words
from console.api_calls import api_call
from console.changes.subjects import names_in, subject_names, subject_words, tenant_names
from console.forms.incidents import IncidentForm
from console.views.change_access import asks, moment_of, readable, refused
from console.views.guard import page
from console.views.step_up import step_up_required
from console.views.visit import Forbidden, Hidden
from governance.change.actions.own_incident import open_incident, tend_incident
from governance.change.core.states import State
from governance.change.errors import IncidentUnknown
from governance.change.selectors.changes import rows_by_id
from governance.change.selectors.incidents import incident_in, incidents_in, places_for
from governance.change.selectors.last_moment import freezes
from governance.identity.factors import STEP_UP_AGE
from ledger.errors import RequestError

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping, Sequence

    from django.http import HttpResponse

    from console.views.visit import Visit
    from governance.change.selectors.changes import ChangeListed, Scope
    from governance.change.selectors.last_moment import FreezeView, IncidentView


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """What is frozen, then incidents, the open ones first; `?kind=&reason=` fill the form in."""
    scope, places = readable(visit), places_for(visit.memberships)
    asked = {name: visit.request.GET.get(name, "") for name in ("kind", "reason")}
    return _shown(visit, scope, IncidentForm(places, asked=asked) if places else None)


@page("POST")
@step_up_required(STEP_UP_AGE, back="incidents")
def new(visit: Visit) -> HttpResponse:
    """Open one."""
    scope, places = readable(visit), places_for(visit.memberships)
    if not places:
        raise Forbidden(
            "Your roles do not let you open an incident.",
            "This takes a role that decides, witnesses or runs the platform.",
            "Tell somebody who has one what you saw.",
        )
    form = IncidentForm(places, visit.request.POST)
    if not form.is_valid():
        return _shown(visit, scope, form, 422)
    held = form.cleaned_data
    try:
        row = open_incident(
            held["kind"], held["reason"], tenant=held["tenant"] or None, by=visit.principal, at=moment_of(visit)
        )  # fmt: skip
    except RequestError as error:
        raise refused(error) from error
    told = f"The incident is open; leaf {words.grouped(row.index or 0)} of the record says so."
    return _back(visit, told, str(row.public_id))


@page("POST")
@step_up_required(STEP_UP_AGE, back="incidents")
def entry(visit: Visit, public_id: uuid.UUID) -> HttpResponse:
    """Add to the timeline, or close it with the last words."""
    try:
        incident_in(readable(visit), public_id)
    except IncidentUnknown as unknown:
        raise Hidden(visit.principal.actor) from unknown
    text, closes = asks(visit)("text"), bool(asks(visit)("closes"))
    try:
        tend_incident(str(public_id), text, closes=closes, by=visit.principal, at=moment_of(visit))
    except RequestError as error:
        raise refused(error) from error
    told = "The incident is closed." if closes else "The entry stands in the incident's timeline."
    return _back(visit, told, str(public_id))


def _back(visit: Visit, told: str, public_id: str) -> HttpResponse:
    contained_memo.forget()
    messages.add_message(visit.request, messages.INFO, told, extra_tags="pass")
    return HttpResponseRedirect(f"{reverse('incidents')}#incident-{public_id}")


def _shown(visit: Visit, scope: Scope, form: IncidentForm | None, status: int = 200) -> HttpResponse:
    frozen = [one for one in freezes(visit.now) if _concerns(one, scope)]
    shown = incidents_in(scope)
    rows = rows_by_id(scope, [*(one.change for one in shown if one.change), *(one.decision for one in frozen)])
    names = names_in([*(one.by for one in frozen), *(who for one in shown for who in _people(one))])
    about = subject_names(rows.values())
    context = {
        "frozen": [(one, _scope(one, about), names.get(one.by, one.by), rows.get(one.decision)) for one in frozen],
        "incidents": [_told(one, rows.get(one.change), names, about) for one in shown],
        "answer": _answer(len(frozen), shown), "form": form, "api": api_call("incidents"),
    }  # fmt: skip
    return visit.page("changes/incidents.html", context, status)


def _concerns(one: FreezeView, scope: Scope) -> bool:
    return scope.everything or one.scope.removeprefix("tenant:") in {"platform", *scope.tenants}


def _scope(one: FreezeView, names: Mapping[str, str]) -> str:
    return "Everything" if one.scope == "platform" else names.get(one.scope, one.scope)


def _people(one: IncidentView) -> list[str]:
    return [one.by, *(who for _, who, _, _ in one.entries)]


def _told(
    one: IncidentView, row: ChangeListed | None, names: Mapping[str, str], about: Mapping[str, str]
) -> dict[str, Any]:  # fmt: skip
    return {
        "incident": one, "change": row, "about": _about(one, row, about), "by": names.get(one.by, one.by),
        "provisional": row is not None and row.state is State.APPLIED_PROVISIONAL, "leaf": _leaf(one.index),
        "timeline": [
            {"state": "not_evaluated", "what": text, "who": names.get(who, who), "when": at, "index": index,
             "href": _leaf(index)}
            for at, who, text, index in reversed(one.entries)
        ],
    }  # fmt: skip


def _about(one: IncidentView, row: ChangeListed | None, about: Mapping[str, str]) -> str:
    if row is not None:
        return subject_words(row.subject, about)
    return tenant_names().get(f"tenant:{one.tenant}", one.tenant) if one.tenant else "the platform"


def _leaf(index: int | None) -> str:
    return "" if index is None else reverse("event", args=("_governance", "changes", index))


def _answer(frozen: int, shown: Sequence[IncidentView]) -> str:
    still = sum(one.closed is None for one in shown)
    stands = "is" if frozen == 1 else "are"
    first = f"{words.counted(frozen, 'freeze')} {stands} in force." if frozen else "Nothing is frozen."
    verb = "is" if still == 1 else "are"
    return f"{first} {words.counted(still, 'incident')} {verb} open." if still else f"{first} No incident is open."
