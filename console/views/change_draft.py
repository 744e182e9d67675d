"""Proposing: choose a kind, fill its form in while the effect is computed, save a draft; and edit one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from console.changes.effect_card import effect_card, findings_rows
from console.changes.rule_words import rule_sentences
from console.changes.subjects import tenant_names
from console.forms.changes import FORMS, form_of
from console.forms.changes.base import Reader, ReasonForm
from console.views.change_access import moment_of, readable, written
from console.views.guard import page
from governance.change.actions.draft import draft_change
from governance.change.actions.edit import edit_change
from governance.change.selectors.previews import previewed
from governance.change.types import change_type
from ledger.errors import RequestError

if TYPE_CHECKING:
    import uuid

    from console.forms.changes.base import ChangeForm
    from console.views.visit import Visit
    from governance.change.selectors.changes import Written

BEFORE = "Fill the fields in, and the effect is computed here before anybody signs."


@dataclass(frozen=True, slots=True)
class Filled:
    """The form of a kind and the reason beside it."""

    kind: str
    form: ChangeForm
    reason: ReasonForm

    @property
    def is_valid(self) -> bool:
        """Both, so that all errors are told at once."""
        return all([self.form.is_valid(), self.reason.is_valid()])


@page("GET")
def choose(visit: Visit) -> HttpResponse:
    """The kinds there are, under headings."""
    readable(visit)
    offered = [
        {"kind": one.kind, "words": change_type(one.kind).words, "hint": one.hint, "group": one.group} for one in FORMS
    ]
    groups = [(name, list(rows)) for name, rows in groupby(offered, key=lambda row: row["group"])]
    return visit.page("changes/choose.html", {"groups": groups})


@page("GET", "POST")
def new(visit: Visit, kind: str) -> HttpResponse:
    """A draft of one kind."""
    filled = _filled(visit, kind, {})
    if visit.request.method != "POST" or not filled.is_valid:
        return _form(visit, filled, None, 422 if visit.request.method == "POST" else 200)
    try:
        row = draft_change(
            kind, filled.form.body, filled.reason.cleaned_data["reason"],
            by=visit.principal, at=moment_of(visit),
        )  # fmt: skip
    except RequestError as error:
        return _told(visit, filled, None, error)
    return HttpResponseRedirect(reverse("change", args=(row.public_id,)))


@page("GET", "POST")
def edit(visit: Visit, change_id: uuid.UUID) -> HttpResponse:
    """The next revision; every signature falls."""
    change = written(visit, change_id)
    form = form_of(change.listed.type)
    if form is None:
        raise Http404
    initial = {**form.initial_of(change.current.body), "reason": change.current.reason}
    filled = _filled(visit, change.listed.type, initial)
    if visit.request.method != "POST" or not filled.is_valid:
        return _form(visit, filled, change, 422 if visit.request.method == "POST" else 200)
    try:
        edit_change(
            str(change_id), filled.form.body, filled.reason.cleaned_data["reason"],
            revision=change.listed.revision, by=visit.principal, at=moment_of(visit),
        )  # fmt: skip
    except RequestError as error:
        return _told(visit, filled, change, error)
    return HttpResponseRedirect(reverse("change", args=(change_id,)))


@page("POST")
def preview(visit: Visit, kind: str) -> HttpResponse:
    """The effect of what is filled in so far, its checks, and who would have to sign."""
    filled = _filled(visit, kind, {})
    return visit.partial("changes/_preview.html", preview_of(visit, filled))


def preview_of(visit: Visit, filled: Filled) -> dict[str, Any]:
    """Effect, findings and rule; or what is still missing; or the refusal in words."""
    if not filled.form.is_valid():
        return {"missing": BEFORE}
    kind = change_type(filled.kind)
    try:
        effect, findings = previewed(kind, filled.form.body, visit.principal, visit.now)
    except RequestError as error:
        return {"refused": error}
    card = effect_card(kind.words, effect, tenant_names())
    return {"effect": card, "findings": findings_rows(findings), "rules": rule_sentences(effect.rule)}


def _filled(visit: Visit, kind: str, initial: dict[str, object]) -> Filled:
    form = form_of(kind)
    if form is None:
        raise Http404
    data = visit.request.POST or None
    reader = Reader(readable(visit), visit.principal.namespaces, visit.now, visit.principal.actor)
    return Filled(kind, form(data, initial=initial, reader=reader), ReasonForm(data, initial=initial))


def _form(visit: Visit, filled: Filled, change: Written | None, status: int = 200) -> HttpResponse:
    shown = (
        preview_of(visit, filled)
        if filled.form.is_bound
        else {"missing": "The effect is computed here as you fill in."}
    )
    context = {
        "filled": filled,
        "form": filled.form,
        "change": change,
        "words": change_type(filled.kind).words,
        "hint": filled.form.hint,
        **shown,
    }
    return visit.page("changes/form.html", context, status)


def _told(visit: Visit, filled: Filled, change: Written | None, error: RequestError) -> HttpResponse:
    filled.form.add_error(None, f"{error.what.rstrip('.')}. {error.next_step} Code: {error.code}.")
    return _form(visit, filled, change, 422)
