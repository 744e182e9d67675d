"""Reliance on a stream: which leaves are paused now, what was said of them, and the form that says more."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse

from console import denials, paused_memo, words
from console.api_calls import api_call
from console.forms.reliance import RelianceForm
from console.views.guard import page
from console.views.step_up import step_up_required
from console.views.visit import Forbidden
from governance.identity.core.names import is_platform_name
from governance.identity.core.roles import Capability, Role
from governance.identity.factors import STEP_UP_AGE
from governance.identity.moment import Moment
from governance.operations.actions.set_reliance import set_reliance
from ledger.errors import DecisionNeeded, LedgerError
from ledger.selectors.reliance import pauses_of, reliance_leaves

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.views.visit import Visit
    from ledger.selectors.reliance import Pause
    from ledger.selectors.streams import StreamView


@page("GET")
def index(visit: Visit, namespace: str, name: str) -> HttpResponse:
    """What holds now, in one line, and every reliance leaf, the newest first."""
    stream = visit.stream(namespace, name)
    paused = pauses_of(stream)
    context = {
        "stream": stream,
        "title": f"Reliance on {namespace}/{name}",
        "answer": answer(stream, paused),
        "paused": paused,
        "said": reliance_leaves(stream),
        "may_manage": _may_manage(visit, namespace),
        "api": api_call("reliance", namespace, name),
    }
    return visit.page("reliance/index.html", context)


@page("GET", "POST")
@step_up_required(STEP_UP_AGE, back="streams")
def change(visit: Visit, namespace: str, name: str) -> HttpResponse:
    """Pause or resume; `?first=&last=&state=` fill the form in."""
    stream = visit.stream(namespace, name)
    if not _may_manage(visit, namespace):
        _refuse(visit, namespace)
    form = RelianceForm(visit.request.POST or None, initial=visit.request.GET.dict())
    if form.is_valid() and _changed(visit, stream, form):
        return HttpResponseRedirect(reverse("reliance", args=(namespace, name)))
    context = {"stream": stream, "title": f"Change reliance on {namespace}/{name}", "form": form}
    return visit.page("reliance/change.html", context, 422 if form.is_bound else 200)


def answer(stream: StreamView, paused: tuple[Pause, ...]) -> str:
    """The first line: on how many leaves, and which."""
    if not paused:
        return f"Reliance is paused on no leaf of {stream.namespace}/{stream.name}."
    count = sum(one.last - one.first + 1 for one in paused)
    parts = words.listed([span(one) for one in paused])
    return f"Reliance is paused on {words.counted(count, 'leaf', 'leaves')}: {parts}."


def span(one: Pause) -> str:
    """`leaf 4`, `leaves 4 to 9`."""
    if one.first == one.last:
        return f"leaf {words.grouped(one.first)}"
    return f"leaves {words.grouped(one.first)} to {words.grouped(one.last)}"


def _changed(visit: Visit, stream: StreamView, form: RelianceForm) -> bool:
    try:
        leaf = set_reliance(stream, **form.chosen, by=visit.principal, at=Moment(visit.now, secrets.token_bytes))
    except LedgerError as refused:
        if isinstance(refused, DecisionNeeded):
            denials.record(visit.request, refused.code, visit.principal.actor)
        form.add_error(None, f"{refused}. {refused.next_step}")
        return False
    paused_memo.forget()
    state = "paused" if form.chosen["paused"] else "resumed"
    told = f"Reliance is {state}, by leaf {words.grouped(leaf.index)}. The next checkpoint signs it."
    messages.add_message(visit.request, messages.INFO, told, extra_tags="pass")
    return True


def _may_manage(visit: Visit, namespace: str) -> bool:
    if is_platform_name(namespace):
        return Role.PLATFORM_OPERATOR in visit.principal.roles
    return visit.principal.may(Capability.MANAGE, namespace)


def _refuse(visit: Visit, namespace: str) -> None:
    visit.need(Capability.MANAGE, namespace)
    raise Forbidden(  # a platform operator's own streams are theirs alone
        "Your roles do not let you pause reliance here.",
        f"In {namespace} this takes the role platform operator.",
        "The platform's operators know who holds it.",
    )
