"""Search: one exact hit opens its page; anything else is a page of hits by kind, and what was searched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse, HttpResponseRedirect

from console import words
from console.search.asked import LONGEST, read
from console.search.finding import Finder, Found
from console.views.guard import page

if TYPE_CHECKING:
    from console.views.visit import Visit


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """`q` is what was typed, `in` the namespace/name of the stream it was typed on; `stay` shows the hits anyway."""
    asked = read(visit.request.GET.get("q", ""))
    if not asked.text:
        return visit.page("search/index.html", {"found": None, "answer": "Nothing was asked for."})
    namespace, _, name = visit.request.GET.get("in", "").partition("/")
    found = Finder(asked, visit.principal, (namespace, name) if name else None).found()
    if found.jump and not visit.request.GET.get("stay"):
        response = HttpResponseRedirect(found.jump)
        response["Cache-Control"] = "no-store"
        return response
    return visit.page("search/index.html", {"found": found, "answer": _answer(found, asked.text)})


def _answer(found: Found, text: str) -> str:
    shown = text if len(text) < LONGEST else f"{text} (cut)"
    return f"{words.counted(found.count, 'match', 'matches') if found.count else 'No match'} for “{shown}”."
