"""EvidenceOS in the console: the directories that are governed from here, and what can be done without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console import words
from console.views.evidenceos.target_access import need_reader
from console.views.guard import page
from governance.evidenceos.selectors.targets import targets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from console.views.visit import Visit
    from governance.evidenceos.selectors.targets import TargetView


@page("GET")
def index(visit: Visit) -> HttpResponse:
    """Targets, and the ways in."""
    need_reader(visit)
    found = targets(visit.principal, visit.now)
    return visit.page("evidenceos/index.html", {"targets": found, "answer": _answer(found)})


def _answer(found: Sequence[TargetView]) -> str:
    if not found:
        return (
            "No data directory is governed from here that you may see. Contracts can be authored, and claims verified."
        )
    drifted, unwritten = sum(one.drifted for one in found), sum(one.unwritten for one in found)
    told = [f"{words.counted(len(found), 'data directory', 'data directories')} governed from here."]
    told += [
        f"{words.counted(drifted, 'file')} there {'was' if drifted == 1 else 'were'} changed by somebody else."
    ] * bool(drifted)
    told += [f"{words.counted(unwritten, 'decision')} not written yet."] * bool(unwritten)
    return " ".join(told if drifted or unwritten else [*told, "Every file is as it was written or adopted."])
