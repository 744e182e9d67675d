"""Filters of the list of changes, kept in the address: state, kind, author, and one document (its history)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from governance.change.core.states import LIVE, TERMINAL, State
from governance.change.types import TYPES

if TYPE_CHECKING:
    from django.http import QueryDict

_LONGEST = 512
KINDS = {one.name: one.words for one in TYPES}
STATES = {one.value: one.value.replace("_", " ") for one in State}


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


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What was asked for; empty where nothing was. A state counts before the view, which is `all` with it."""

    view: View
    state: str
    kind: str
    author: str
    subject: str

    @property
    def states(self) -> frozenset[State]:
        """The states that the list shows (none: all)."""
        return frozenset({State(self.state)}) if self.state else self.view.states

    @property
    def filters(self) -> dict[str, str]:
        """By the names that the address has."""
        return {"state": self.state, "kind": self.kind, "author": self.author, "subject": self.subject}

    @property
    def asked(self) -> dict[str, Any]:
        """For `changes_in`."""
        return {"states": self.states, "kind": self.kind, "author": self.author, "subject": self.subject}

    @property
    def any(self) -> bool:
        """Whether something beside the view narrows it."""
        return any(self.filters.values())


def narrowed(query: QueryDict, actor: str) -> Narrowed:
    """Read the address; what is unknown is as if it were not there. `mine` is the reader's own id as the author."""
    state, kind = query.get("state", ""), query.get("kind", "")
    author = actor if query.get("mine") else query.get("author", "")
    told = {"state": state if state in STATES else "", "kind": kind if kind in KINDS else ""}
    subject = query.get("subject", "")[:_LONGEST]
    usual = "all" if told["state"] or subject else "open"
    wanted = "all" if told["state"] else query.get("view", usual)
    view = next((one for one in VIEWS if one.name == wanted), VIEWS[0])
    return Narrowed(view=view, author=author[:64].replace("\x00", ""), subject=subject.replace("\x00", ""), **told)
