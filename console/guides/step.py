"""What a guide consists of: steps that say whether they are done, as far as this server can see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from console.views.visit import Visit
    from governance.identity.selectors.tenants import SystemKeyView
    from ledger.selectors.streams import StreamView

DONE, OPEN, UNSEEN, WRONG = "done", "open", "not seen from here", "stop here"
_STATES = {DONE: "pass", OPEN: "not_evaluated", UNSEEN: "not_evaluated", WRONG: "fail"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what to do, what is known of it, and the thing itself. `word` is one of the four above."""

    title: str
    told: str
    word: str
    href: str = ""
    action: str = ""

    @property
    def state(self) -> str:
        """The mark that stands before it; what cannot be seen is not evaluated, never done."""
        return _STATES[self.word]


@dataclass(frozen=True, slots=True)
class Asked:
    """On what a guide is opened: a stream or a key, where one was chosen."""

    visit: Visit
    stream: StreamView | None = None
    key: SystemKeyView | None = None


@dataclass(frozen=True, slots=True)
class Guide:
    """A runbook as a page: when it is for, what must not be done meanwhile, and its steps for what was chosen."""

    slug: str
    title: str
    when: str
    must_not: tuple[str, ...]
    on: str
    steps: Callable[[Asked], list[Step]]


def done_if(done: object) -> str:
    """`done` or `open`."""
    return DONE if done else OPEN
