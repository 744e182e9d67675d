"""Files of a target with their four states, what the watcher found, and upstream's events beside our decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import HttpResponseRedirect
from django.urls import reverse

from console import words
from console.changes.carried import tone_of, word_of
from console.evidenceos import registry
from console.evidenceos.authoring import told_of
from console.evidenceos.happenings import event_rows
from console.views.change_access import asks, moment_of, refused
from console.views.evidenceos.target_access import of_target, seen, shown
from console.views.guard import page
from console.views.step_up import step_up_required
from governance.change.actions.draft import draft_change
from governance.change.types.drift_accept import DriftAccept
from governance.evidenceos.selectors.drift import drift, waiting
from governance.evidenceos.selectors.events import verified
from governance.evidenceos.selectors.files import files as files_of
from governance.evidenceos.selectors.files import plans, sightings
from governance.identity.factors import STEP_UP_AGE
from ledger.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from console.views.visit import Visit
    from governance.evidenceos.selectors.files import FileView, StateView
    from governance.evidenceos.selectors.targets import TargetView
    from ledger.core.types import JSON, JSONObject

MOST_EVENTS: Final = 200
ACCEPT: Final = DriftAccept.name


@of_target
def index(visit: Visit, one: TargetView) -> HttpResponse:
    """Every governed file, then those that are not."""
    found = files_of(one, visit.now)
    rows = [(row, registry.VERDICTS.get(row.verdict, "not_evaluated"), states_of(row), [told_of(f) for f in row.faults])
            for row in found]  # fmt: skip
    context = {
        "rows": rows, "answer": _answer(found), "sightings": sightings(one), "plans": plans(one)[:20],
        "waits": waiting(one.id),
    }  # fmt: skip
    return shown(visit, one, "files", context)


@page("POST")
@step_up_required(STEP_UP_AGE, back="evidenceos")
def accept(visit: Visit, target: str) -> HttpResponse:
    """Draft the acceptance of what differs now, by its bytes, and of giving up what waits because of it."""
    one = seen(visit, target)
    try:
        found = drift(one, visit.now)
        files: list[JSON] = [{"path": path, "sha256": digest} for path, digest in found.items()]
        body: JSONObject = {"target": one.slug, "files": files, "gives_up": waiting(one.id)}
        row = draft_change(ACCEPT, body, asks(visit)("reason"), by=visit.principal, at=moment_of(visit))
    except RequestError as error:
        raise refused(error) from error
    return HttpResponseRedirect(reverse("change", args=(row.public_id,)))


@of_target
def events(visit: Visit, one: TargetView) -> HttpResponse:
    """Upstream's lines, the newest first."""
    log = verified(one, visit.now)
    found = log.events
    rows = event_rows([row for row in found if row.line])
    context = {
        "rows": rows[:MOST_EVENTS], "more": max(len(rows) - MOST_EVENTS, 0),
        "whole": [told_of(fault) for row in found if not row.line for fault in row.faults],
        "ours": sum(bool(row.change) for row in found), "count": len(rows), "gone": log.gone,
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
