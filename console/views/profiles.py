"""Event profiles: the list, and a page for each on which an event can be tried without leaving anything behind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.http import Http404

from console.forms.profile import TrialForm
from console.profile_samples import sample
from console.profile_trial import fields_of, title_of, tried
from console.views.guard import page
from ledger.services.profiles import PROFILES, profile_schema

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.views.visit import Visit


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """The profiles that are shipped."""
    return visit.page("profiles/index.html", {"rows": [(name, *title_of(name)) for name in PROFILES]})


@page("GET", "POST")
def detail(visit: Visit, name: str) -> HttpResponse:
    """One profile, with a form to try an event."""
    if name not in PROFILES:
        raise Http404
    form = TrialForm(visit.request.POST or None, initial={"event": sample(name)})
    trial = tried(name, form.cleaned_data["event"]) if form.is_valid() else None
    title, description = title_of(name)
    context = {
        "name": name,
        "heading": title,
        "description": description,
        "fields": fields_of(name),
        "schema": json.dumps(profile_schema(name), indent=2),
        "form": form,
        "trial": trial,
    }
    return visit.page("profiles/detail.html", context, 422 if form.is_bound and trial is None else 200)
