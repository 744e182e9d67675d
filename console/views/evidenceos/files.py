"""Files of a target with their four states, what the watcher found, and upstream's events beside our decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from console import words
from console.changes.carried import tone_of, word_of
from console.evidenceos import registry
from console.evidenceos.authoring import told_of
from console.evidenceos.happenings import event_rows
from console.views.evidenceos.target_access import of_target, shown
from governance.evidenceos.selectors.events import events as events_of
from governance.evidenceos.selectors.files import files as files_of
from governance.evidenceos.selectors.files import plans, sightings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from console.views.visit import Visit
    from governance.evidenceos.selectors.files import FileView, StateView
    from governance.evidenceos.selectors.targets import TargetView

MOST_EVENTS: Final = 200


@of_target
def index(visit: Visit, one: TargetView) -> HttpResponse:
    """Every governed file, then those that are not."""
    found = files_of(one, visit.now)
    rows = [(row, registry.VERDICTS.get(row.verdict, "not_evaluated"), states_of(row), [told_of(f) for f in row.faults])
            for row in found]  # fmt: skip
    context = {
        "rows": rows, "answer": _answer(found), "sightings": sightings(one), "plans": plans(one)[:20],
    }  # fmt: skip
    return shown(visit, one, "files", context)


@of_target
def events(visit: Visit, one: TargetView) -> HttpResponse:
    """Upstream's lines, the newest first."""
    found = events_of(one, visit.now)
    rows = event_rows([row for row in found if row.line])
    context = {
        "rows": rows[:MOST_EVENTS], "more": max(len(rows) - MOST_EVENTS, 0),
        "whole": [told_of(fault) for row in found if not row.line for fault in row.faults],
        "ours": sum(bool(row.change) for row in found), "count": len(rows),
    }  # fmt: skip
    return shown(visit, one, "events", context)


def states_of(row: FileView) -> list[tuple[str, str, StateView]]:
    """State, word and the rest of each of the four."""
    return [(tone_of(one), word_of(one), one) for one in row.states]


def _answer(found: Sequence[FileView]) -> str:
    governed = [row for row in found if row.states]
    drifted = sum(one.name == "drifted" and one.state == "yes" for row in governed for one in row.states)
    rejected = sum(row.verdict == "rejected" for row in found)
    first = f"{words.counted(len(governed), 'governed file')}: {drifted} drifted, {rejected} that do not verify."
    return first if governed else "Nobody has adopted this directory yet: its files are read, and none is governed."
