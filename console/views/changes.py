"""Governed changes: the list with what waits for the reader, and the page of one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from console import signing_page, words
from console.changes.answer import answer
from console.changes.deeds import deeds_of
from console.changes.effect_card import effect_card
from console.changes.founders import founders, named_in
from console.changes.places import places
from console.changes.rule_words import rule_sentences
from console.changes.stepper import steps
from console.changes.subjects import subject_names, subject_words
from console.changes.timeline import timeline
from console.tables import PAGE_SIZE, page_of
from console.views.change_access import readable, seen
from console.views.guard import page
from governance.change.core.policy_text import rule_of
from governance.change.core.states import LIVE, TERMINAL, State
from governance.change.selectors.changes import changes_in, counts_by_state, waiting_for
from governance.identity.selectors.people import names_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.http import HttpResponse

    from console.views.visit import Visit
    from governance.change.selectors.changes import ChangeListed, ChangeView


@dataclass(frozen=True, slots=True)
class View:
    """A way to narrow the list."""

    name: str
    label: str
    states: frozenset[State]


VIEWS = (
    View("open", "Open", LIVE | {State.APPLIED_PROVISIONAL}),
    View("drafts", "Drafts", frozenset({State.DRAFT})),
    View("ended", "Ended", TERMINAL),
    View("all", "All", frozenset()),
)
TONES = {
    State.DRAFT: "not_evaluated", State.IN_REVIEW: "not_evaluated", State.TIMELOCKED: "not_evaluated",
    State.HELD: "stale", State.STALE: "stale", State.APPLIED_PROVISIONAL: "stale", State.APPLIED: "pass",
    State.RATIFIED: "pass", State.WITHDRAWN: "not_evaluated", State.EXPIRED: "not_evaluated",
}  # fmt: skip


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """What waits for me, then the changes, the newest first."""
    scope, view = readable(visit), _view(visit)
    after = visit.request.GET.get("after", "")
    found = changes_in(
        scope, states=view.states, after=int(after) if after.isdecimal() else None, limit=PAGE_SIZE + 1
    )  # fmt: skip
    listed = page_of(found, visit.request.GET, lambda row: str(row.number))
    waiting = waiting_for(scope, visit.principal.actor, visit.now)
    counts = counts_by_state(scope)
    named = subject_names((*listed.rows, *waiting))
    context = {
        "rows": _rows(listed.rows, {**named, **names_of(one.author for one in listed.rows)}, visit.now),
        "listed": listed,
        "waiting": [(one, subject_words(one.subject, named)) for one in waiting],
        "views": [(one, _count(counts, one.states)) for one in VIEWS],
        "view": view,
        "answer": told(len(waiting), counts),
    }
    return visit.page("changes/index.html", context)


@page("GET")
def detail(visit: Visit, change_id: uuid.UUID) -> HttpResponse:
    """One change: where it stands, its effect, who signed, and what this reader can do about it."""
    change = seen(visit, change_id)
    return visit.page("changes/detail.html", context_of(visit, change))


def context_of(visit: Visit, change: ChangeView) -> dict[str, Any]:
    """Everything the page shows of a change."""
    names = names_of(_people(change))
    return {
        "change": change,
        "listed": change.listed,
        "revision": change.current,
        "answer": answer(change, names, visit.now),
        "tone": TONES.get(change.listed.state, "fail"),
        "word": state_word(change.listed.state),
        "author": names.get(change.listed.author, change.listed.author),
        "about": subject_words(change.listed.subject, subject_names([change.listed])),
        "effect": effect_card(change.listed.words, change.current, names),
        "places": places(change, names),
        "founders": founders(change, names),
        "rules": rule_sentences(rule_of(change.current.rule)),
        "steps": steps(change, visit.now),
        "timeline": timeline(change, names),
        "deeds": deeds_of(change, visit.principal.actor, visit.principal.roles, visit.now),
        "signer": signing_page.address(),
    }


def told(waiting: int, counts: dict[State, int]) -> str:
    """How much waits for the reader, and how much is open at all."""
    mine = f"{words.counted(waiting, 'change')} {'waits' if waiting == 1 else 'wait'} for your signature."
    still = sum(count for state, count in counts.items() if state in LIVE)
    rest = f"{words.counted(still, 'change')} {'is' if still == 1 else 'are'} open." if still else "No change is open."
    return f"{mine if waiting else 'Nothing waits for your signature.'} {rest}"


def state_word(state: State) -> str:
    """The state as the interface writes it."""
    return {State.TIMELOCKED: "time lock"}.get(state, state.value.replace("_", " "))


def _view(visit: Visit) -> View:
    wanted = visit.request.GET.get("view", "")
    return next((one for one in VIEWS if one.name == wanted), VIEWS[0])


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
