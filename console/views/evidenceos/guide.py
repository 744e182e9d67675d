"""The safe order of upstream's operations guide, step by step, each checked against what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.evidenceos.safe_order import order_of
from console.views.evidenceos.target_access import of_target, shown
from governance.evidenceos.selectors.canaries import canaries, has_state
from governance.evidenceos.selectors.events import events
from governance.evidenceos.selectors.files import plans, sightings

if TYPE_CHECKING:
    from django.http import HttpResponse

    from console.views.visit import Visit
    from governance.evidenceos.selectors.targets import TargetView


@of_target
def index(visit: Visit, one: TargetView) -> HttpResponse:
    """Where one change stands: the one that is asked for, or the newest."""
    found = plans(one)
    asked = visit.request.GET.get("change", "")
    plan = next((row for row in found if asked in ("", row.change)), None)
    seen = canaries(one, visit.now) if has_state(one, visit.now) else None
    order = order_of(one, plan, events(one, visit.now), seen, sightings(one))
    done = sum(step.state == "pass" for step in order)
    return shown(visit, one, "guide", {"plan": plan, "plans": found[:12], "order": order, "done": done})
