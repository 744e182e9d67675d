"""Guided pages for what a tenant does safely: each step links to the thing and says whether it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import Http404

from console import words
from console.guides import GUIDES
from console.guides.step import DONE, WRONG, Asked
from console.views.guard import page
from console.views.visit import Hidden
from governance.identity.core.names import is_platform_name
from governance.identity.core.roles import Capability
from governance.identity.selectors.system_keys import key_row, view_of
from governance.identity.selectors.tenants import system_keys_in
from ledger.errors import RequestError
from ledger.selectors import streams

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.guides.step import Guide, Step
    from console.views.visit import Visit
    from governance.identity.selectors.tenants import SystemKeyView
    from ledger.selectors.streams import StreamView

CHOICES = 200


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """What there is a guide for."""
    return visit.page("guides/index.html", {"guides": GUIDES.values()})


@page("GET")
def detail(visit: Visit, slug: str) -> HttpResponse:
    """One guide; `?stream=` or `?key=` says on what."""
    if slug not in GUIDES:
        raise Http404
    guide = GUIDES[slug]
    asked = _asked(visit, guide)
    steps = guide.steps(asked)
    context = {
        "guide": guide,
        "steps": steps,
        "answer": answer(steps),
        "choices": _choices(visit, guide),
        "chosen": _name(asked),
        "stream": asked.stream,
    }
    return visit.page("guides/detail.html", context)


def answer(steps: list[Step]) -> str:
    """How far it is, in one line."""
    wrong = [one.title for one in steps if one.word == WRONG]
    if wrong:
        return f"Stop at this step first: {wrong[0]}."
    done = sum(one.word == DONE for one in steps)
    following = next((one.title for one in steps if one.word != DONE), "")
    told = f"{done} of {words.counted(len(steps), 'step is', 'steps are')} done."
    return f"{told} Next: {following}." if following else told


def _asked(visit: Visit, guide: Guide) -> Asked:
    text = visit.request.GET.get(guide.on, "")
    if not text:
        return Asked(visit)
    return Asked(visit, key=_key(visit, text)) if guide.on == "key" else Asked(visit, stream=_stream(visit, text))


def _stream(visit: Visit, text: str) -> StreamView:
    namespace, _, name = text.partition("/")
    return visit.stream(namespace, name)


def _key(visit: Visit, text: str) -> SystemKeyView:
    """The key, where its namespace exists for this reader and may be read; else the 404 of every unknown address."""
    try:
        row = key_row(UUID(text))
    except (ValueError, RequestError) as unknown:
        raise Hidden(visit.principal.actor) from unknown
    visit.need_known(row.namespace.name)
    visit.need(Capability.READ, row.namespace.name)
    return view_of(row)


def _choices(visit: Visit, guide: Guide) -> list[tuple[str, str]]:
    """Value and words of everything that the guide can be opened on."""
    if guide.on == "stream":
        names = [f"{one.namespace}/{one.name}" for one in streams.streams_in(visit.principal.namespaces, limit=CHOICES)]
        return [(name, name) for name in names]
    readable = {name for name in visit.principal.holding(Capability.READ) if not is_platform_name(name)}
    active = [one for one in system_keys_in(readable) if one.state == "active"][:CHOICES]
    return [(str(one.public_id), f"{one.name} of {one.namespace}") for one in active]


def _name(asked: Asked) -> str:
    if asked.key:
        return str(asked.key.public_id)
    return f"{asked.stream.namespace}/{asked.stream.name}" if asked.stream else ""
