"""Power that was used without waiting: freezes that stand, and incidents with their timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from console import words
from console.changes.subjects import names_in, subject_names, subject_words
from console.views.change_access import readable
from console.views.guard import page
from governance.change.core.states import State
from governance.change.selectors.changes import rows_by_id
from governance.change.selectors.last_moment import freezes, incidents

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpResponse

    from console.views.visit import Visit
    from governance.change.selectors.changes import ChangeListed, Scope
    from governance.change.selectors.last_moment import FreezeView, IncidentView

MOST = 50


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """What is frozen, then incidents, the open ones first."""
    scope = readable(visit)
    frozen = [one for one in freezes(visit.now) if _concerns(one, scope)]
    found = incidents(limit=MOST)
    rows = rows_by_id(scope, [one.change for one in found] + [one.decision for one in frozen])
    shown = sorted((one for one in found if one.change in rows), key=lambda one: one.closed is not None)
    names = names_in([*(one.by for one in frozen), *(who for one in shown for who in _people(one))])
    about = subject_names(rows.values())
    context = {
        "frozen": [(one, _scope(one, about), names.get(one.by, one.by), rows.get(one.decision)) for one in frozen],
        "incidents": [_told(one, rows[one.change], names, about) for one in shown],
        "answer": _answer(len(frozen), shown),
    }
    return visit.page("changes/incidents.html", context)


def _concerns(one: FreezeView, scope: Scope) -> bool:
    return scope.everything or one.scope.removeprefix("tenant:") in {"platform", *scope.tenants}


def _scope(one: FreezeView, names: Mapping[str, str]) -> str:
    return "Everything" if one.scope == "platform" else names.get(one.scope, one.scope)


def _people(one: IncidentView) -> list[str]:
    return [one.by, *(who for _, who, _ in one.entries)]


def _told(
    one: IncidentView, row: ChangeListed, names: Mapping[str, str], about: Mapping[str, str]
) -> dict[str, Any]:  # fmt: skip
    return {
        "incident": one, "change": row, "about": subject_words(row.subject, about), "by": names.get(one.by, one.by),
        "provisional": row.state is State.APPLIED_PROVISIONAL,
        "timeline": [
            {"state": "not_evaluated", "what": text, "who": names.get(who, who), "when": at}
            for at, who, text in reversed(one.entries)
        ],
    }  # fmt: skip


def _answer(frozen: int, shown: Sequence[IncidentView]) -> str:
    still = sum(one.closed is None for one in shown)
    stands = "is" if frozen == 1 else "are"
    first = f"{words.counted(frozen, 'freeze')} {stands} in force." if frozen else "Nothing is frozen."
    verb = "is" if still == 1 else "are"
    return f"{first} {words.counted(still, 'incident')} {verb} open." if still else f"{first} No incident is open."
