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
from governance.evidenceos.selectors.targets import remembered
from ledger.errors import RequestError

if TYPE_CHECKING:
    import uuid

    from console.forms.changes.base import ChangeForm
    from console.views.visit import Visit
    from governance.change.selectors.changes import Written

BEGINNING = "The effect is computed here as you fill in."
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
    """A draft of one kind; what the address names is filled in."""
    if _reads_anew(visit):
        return _read_anew(visit, kind, None)
    asked = _asked(visit, kind)
    filled = _filled(visit, kind, {**asked})
    if visit.request.method != "POST" or not filled.is_valid:
        return _form(visit, filled, None, 422 if visit.request.method == "POST" else 200, begun=bool(asked))
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
    if _reads_anew(visit):
        return _read_anew(visit, change.listed.type, change)
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
        with remembered(filled.form.read):
            effect, findings = previewed(
                kind, filled.form.body, visit.principal, visit.now, scope=readable(visit)
            )  # fmt: skip
    except RequestError as error:
        return {"refused": error}
    card = effect_card(kind.words, effect, tenant_names())
    return {
        "effect": card,
        "findings": findings_rows(findings),
        "rules": rule_sentences(effect.rule, is_final=effect.way_back is None),
    }


def _reads_anew(visit: Visit) -> bool:
    """Whether what is chosen from is asked for: nothing is drafted, and nothing that is missing is told yet."""
    return visit.request.method == "POST" and visit.request.POST.get("step") == "read"


def _read_anew(visit: Visit, kind: str, change: Written | None) -> HttpResponse:
    given = visit.request.POST.dict()
    initial = {**_class(kind).anew(given), "reason": given.get("reason", "")}
    return _form(visit, _filled(visit, kind, initial, is_bound=False), change, begun=True)


def _asked(visit: Visit, kind: str) -> dict[str, object]:
    """What the address names to begin with."""
    given = visit.request.GET.dict()
    reason = {"reason": given["reason"]} if "reason" in given else {}
    return {**_class(kind).asked(given), **reason}


def _class(kind: str) -> type[ChangeForm]:
    form = form_of(kind)
    if form is None:
        raise Http404
    return form


def _filled(visit: Visit, kind: str, initial: dict[str, object], *, is_bound: bool = True) -> Filled:
    data = (visit.request.POST or None) if is_bound else None
    reader = Reader(readable(visit), visit.principal.namespaces, visit.now, visit.principal.actor)
    return Filled(kind, _class(kind)(data, initial=initial, reader=reader), ReasonForm(data, initial=initial))


def _as_if_typed(filled: Filled) -> Filled:
    """The form as somebody would send it who leaves it as it begins."""
    begun = {one.name: one.value() for one in filled.form}
    data = {name: value for name, value in begun.items() if value is not None}
    return Filled(filled.kind, type(filled.form)(data, reader=filled.form.reader), filled.reason)


def _shown(visit: Visit, filled: Filled, *, begun: bool) -> dict[str, Any]:
    if filled.form.is_bound:
        return preview_of(visit, filled)
    return preview_of(visit, _as_if_typed(filled)) if begun else {"missing": BEGINNING}


def _form(
    visit: Visit, filled: Filled, change: Written | None, status: int = 200, *,
    begun: bool = False, refusal: RequestError | None = None,
) -> HttpResponse:  # fmt: skip
    """The page; where it is `begun`, with the effect of what it begins with; after a refusal with its words."""
    context = {
        "filled": filled,
        "form": filled.form,
        "change": change,
        "words": change_type(filled.kind).words,
        "hint": filled.form.hint,
        **({"refused": refusal} if refusal is not None else _shown(visit, filled, begun=begun)),
    }
    if visit.request.headers.get("HX-Request"):
        return visit.partial("changes/_form.html", context)
    return visit.page("changes/form.html", context, status)


def _told(visit: Visit, filled: Filled, change: Written | None, error: RequestError) -> HttpResponse:
    why = f" {error.why.rstrip('.')}." if error.why else ""
    place = filled.form.place(error.path)
    filled.form.add_error(place, f"{error.what.rstrip('.')}.{why} {error.next_step} Code: {error.code}.")
    return _form(visit, filled, change, 422, refusal=error)
