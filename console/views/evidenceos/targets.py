"""One target: what is in force there, what waits, and what lies ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console import words
from console.evidenceos import registry
from console.views.evidenceos.target_access import of_target, shown
from governance.change.selectors.lapsing import expiring
from governance.evidenceos.selectors.canaries import canaries, is_locked
from governance.evidenceos.selectors.files import adoptions, plans, sightings
from governance.evidenceos.selectors.nullspecs import active_map, nullspecs
from governance.evidenceos.selectors.settings_of import epoch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from console.evidenceos.registry import InForce, Waits
    from console.views.visit import Visit
    from governance.evidenceos.selectors.targets import TargetView


@of_target
def detail(visit: Visit, one: TargetView) -> HttpResponse:
    """What is in force, and what somebody should look at."""
    rows = registry.in_force(active_map(one, visit.now), nullspecs(one, visit.now))
    waits = registry.waiting(one, rows, sightings(one), plans(one), canaries(one, visit.now))
    adopted = adoptions(one)[:1]
    context = {
        "rows": rows, "waits": waits, "answer": _answer(rows, waits), "epoch": epoch(one, visit.now),
        "locked": is_locked(one, visit.now), "adoption": adopted[0] if adopted else None,
    }  # fmt: skip
    return shown(visit, one, "detail", context)


@of_target
def ahead(visit: Visit, one: TargetView) -> HttpResponse:
    """What lapses, in the order of time, with the last safe moment to submit its renewal."""
    rows = [(row, *registry.urgency(row, visit.now), registry.renewal(one, row)) for row in expiring(one, visit.now)]
    late = sum(state == "fail" for _, state, _, _ in rows)
    return shown(visit, one, "ahead", {"lapses": rows, "late": late, "epoch": epoch(one, visit.now)})


def _answer(rows: Sequence[InForce], waits: Sequence[Waits]) -> str:
    sound = sum(row.state == "pass" for row in rows)
    first = f"{sound} of {words.counted(len(rows), 'active contract')} {'holds' if sound == 1 else 'hold'} now."
    waiting = words.counted(len(waits), "thing")
    rest = f"{waiting} {'waits' if len(waits) == 1 else 'wait'} for somebody." if waits else "Nothing waits."
    return f"{first} {rest}" if rows else f"No contract is active. {rest}"
