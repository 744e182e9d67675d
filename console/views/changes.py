"""Governed changes: the list with what waits for the reader, and the page of one."""

from __future__ import annotations

import uuid
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from console import signing_page, words
from console.api_calls import api_call
from console.changes.answer import answer
from console.changes.carried import in_directory
from console.changes.deeds import deeds_of
from console.changes.effect_card import effect_card
from console.changes.founders import founders, named_in
from console.changes.narrowed import KINDS, STATES, VIEWS, narrowed
from console.changes.outlook import caps, in_advance, revised, sign_by, way_back
from console.changes.places import places
from console.changes.proving import proofs
from console.changes.rule_words import rule_sentences
from console.changes.stepper import steps
from console.changes.stopped import freeze_over
from console.changes.subjects import subject_names, subject_words, tenant_names
from console.changes.timeline import timeline
from console.listing.files import Listed, wanted
from console.listing.files import answer as file_of
from console.tables import PAGE_SIZE, page_of, with_query
from console.views.change_access import readable, seen
from console.views.guard import page
from governance.change.core.policy_text import rule_of
from governance.change.core.states import TERMINAL, State
from governance.change.selectors.changes import changes_in, counts_by_state
from governance.change.selectors.editing import edit_warning
from governance.change.selectors.waiting import waiting_for
from governance.identity.selectors.people import names_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from console.changes.narrowed import Narrowed, View
    from console.views.visit import Visit
    from governance.change.selectors.changes import ChangeListed, ChangeView


TONES = {
    State.DRAFT: "not_evaluated", State.IN_REVIEW: "not_evaluated", State.TIMELOCKED: "not_evaluated",
    State.HELD: "stale", State.STALE: "stale", State.APPLIED_PROVISIONAL: "stale", State.APPLIED: "pass",
    State.RATIFIED: "pass", State.WITHDRAWN: "not_evaluated", State.EXPIRED: "not_evaluated",
}  # fmt: skip


@page("GET")
def index(visit: Visit) -> HttpResponseBase:
    """What waits for me, then the changes, the newest first."""
    scope, asked = readable(visit), narrowed(visit.request.GET, visit.principal.actor)

    def read(after: int | None, limit: int) -> tuple[ChangeListed, ...]:
        return changes_in(scope, after=after, limit=limit, **asked.asked)

    if file := wanted(visit):
        chunks = lambda last, limit: read(last.number if last else None, limit)  # noqa: E731  (read with a row)
        filters = {**asked.filters, "view": asked.view.name}
        return file_of(visit, Listed("changes", "", _COLUMNS, chunks, filters), file)
    after = visit.request.GET.get("after", "")
    place = int(after) if after.isascii() and after.isdecimal() and len(after) <= _LONGEST else None
    listed = page_of(read(place, PAGE_SIZE + 1), visit.request.GET, lambda row: str(row.number))
    waiting = waiting_for(scope, visit.principal.actor, visit.now)
    counts = counts_by_state(scope)
    named = _named(listed.rows, waiting)
    context = {
        "rows": _rows(listed.rows, named, visit.now),
        "listed": listed,
        "waiting": [(one, subject_words(one.subject, named)) for one in waiting],
        "views": _views(visit, counts),
        "asked": asked,
        "kinds": KINDS,
        "states": STATES,
        "about": subject_words(asked.subject, named) if asked.subject and listed.rows else asked.subject,
        "answer": told(len(waiting), counts),
        "api": api_call("changes", filters=_api_filters(asked)),
        "api_note": "" if asked.state or asked.view.name == "all" else "all states, unless one is named",
    }
    return visit.page("changes/index.html", context)


_LONGEST = 18
_COLUMNS = {
    **{name: attrgetter(name) for name in ("id", "type", "subject", "tenant", "state", "revision", "author")},
    **{name: attrgetter(name) for name in ("created", "moved", "ready_at", "not_after")},
}


def _named(listed: Collection[ChangeListed], waiting: Collection[ChangeListed]) -> dict[str, str]:
    """Names of authors, and of the people and tenants that the changes are about: two queries."""
    both = (*listed, *waiting)
    return subject_names(both, also={one.author for one in both})


def _views(visit: Visit, counts: dict[State, int]) -> list[tuple[View, int, str]]:
    """The tabs, with how many there are and where they lead; other filters stay."""
    return [
        (one, _count(counts, one.states), with_query(visit.request.GET, view=one.name, state="", after=""))
        for one in VIEWS
    ]


def _api_filters(asked: Narrowed) -> dict[str, str]:
    return {"state": asked.state, "type": asked.kind, "author": asked.author, "subject": asked.subject}


@page("GET")
def detail(visit: Visit, change_id: uuid.UUID) -> HttpResponse:
    """One change: where it stands, its effect, who signed, and what this reader can do about it."""
    change = seen(visit, change_id)
    return visit.page("changes/detail.html", context_of(visit, change))


def context_of(visit: Visit, change: ChangeView) -> dict[str, Any]:
    """Everything the page shows of a change."""
    names = {**change.names, **names_of(_people(change) - change.names.keys()), **tenant_names()}
    frozen = freeze_over(change, visit.now)
    return {
        "change": change,
        "listed": change.listed,
        "revision": change.current,
        "answer": answer(change, names, visit.now, frozen),
        "tone": TONES.get(change.listed.state, "fail"),
        "word": state_word(change.listed.state),
        "author": names.get(change.listed.author, change.listed.author),
        "about": subject_words(change.listed.subject, subject_names([change.listed], names)),
        "effect": effect_card(change.listed.words, change.current, names),
        "places": places(change, names),
        "founders": founders(change, names),
        "rules": rule_sentences(rule_of(change.current.rule), is_final=change.current.way_back is None),
        "steps": steps(change, visit.now),
        "timeline": timeline(change, names),
        "deeds": deeds_of(change, visit.principal.actor, visit.principal.roles, visit.now, frozen=frozen is not None),
        "edit_warning": edit_warning(change, visit.principal.actor),
        "signer": signing_page.address(),
        "ended_early": _ended_early(change),
        "revised": revised(change, names),
        "way_back": None if _ended_early(change) or change.reverts is not None else way_back(change, names),
        "caps": caps(change),
        "sign_by": sign_by(change),
        "in_advance": in_advance(change, names),
        "proofs": proofs(change),
        "in_directory": in_directory(change.listed),
        "api": api_call("change", change.listed.id),
    }


def _ended_early(change: ChangeView) -> bool:
    """Whether it ended without an effect that stands."""
    return change.listed.state in TERMINAL - {State.APPLIED, State.RATIFIED}


def told(waiting: int, counts: dict[State, int]) -> str:
    """How much waits for the reader, and how much is open at all."""
    mine = f"{words.counted(waiting, 'change')} {'waits' if waiting == 1 else 'wait'} for your signature."
    still = _count(counts, VIEWS[0].states)
    rest = f"{words.counted(still, 'change')} {'is' if still == 1 else 'are'} open." if still else "No change is open."
    return f"{mine if waiting else 'Nothing waits for your signature.'} {rest}"


def state_word(state: State) -> str:
    """The state as the interface writes it."""
    return {State.TIMELOCKED: "time lock"}.get(state, state.value.replace("_", " "))


def _count(counts: dict[State, int], states: Collection[State]) -> int:
    return sum(count for state, count in counts.items() if not states or state in states)


def _rows(listed: Collection[ChangeListed], names: dict[str, str], now: datetime) -> list[dict[str, Any]]:
    return [
        {
            "change": one,
            "about": subject_words(one.subject, names),
            "author": names.get(one.author, one.author),
            "tone": TONES.get(one.state, "fail"),
            "word": "lock is over" if _lock_is_over(one, now) else state_word(one.state),
        }
        for one in listed
    ]


def _lock_is_over(one: ChangeListed, now: datetime) -> bool:
    return one.state is State.TIMELOCKED and one.ready_at is not None and one.ready_at <= now.timestamp()


def _people(change: ChangeView) -> set[str]:
    """Everybody the page names."""
    found = {*named_in(change), change.listed.author, change.executor or "", *(one.by for one in change.revisions)}
    found |= {one.person for one in change.words} | {one.by for one in change.comments}
    found |= {who for one in change.holds for who in (one.by, one.released_by or "")}
    if change.standing is not None:
        found |= {who for slot in change.standing.quorum.slots for who in (*slot.could, slot.person or "")}
    return found - {""}
