"""The safe order for one change: staged, seen, told, watched, gone on; each step by what is there, none promised.

Rule: reference, section 6 (the order of upstream's operations guide), with the event before the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from console import words
from governance.change.types import change_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from governance.evidenceos.selectors.canaries import CanaryView
    from governance.evidenceos.selectors.events import EventView
    from governance.evidenceos.selectors.files import PlanView, SightingView
    from governance.evidenceos.selectors.targets import TargetView


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its state, its name, what was looked at just now, what to do, and where."""

    state: str
    name: str
    found: str
    next: str = ""
    href: str = ""
    to: str = ""


def order_of(
    one: TargetView,
    plan: PlanView | None,
    events: Sequence[EventView],
    canaries: Sequence[CanaryView] | None,
    sightings: Sequence[SightingView],
) -> list[Step]:
    """The five steps for one change; without one, what each would look at. `canaries` None: no state is there."""
    steps = [_staged(one, plan), _seen(one, plan, events), _taken_up(one, plan), _watched(one, plan, canaries)]
    return [*steps, _go_on(one, steps, sightings)]


def _staged(one: TargetView, plan: PlanView | None) -> Step:
    name = "Stage the change"
    if plan is None:
        return Step("not_evaluated", name, "Nothing was decided for this directory yet.",
                    "Propose a change, and have it signed.", reverse("change-new"), "Propose a change")  # fmt: skip
    files, named = words.counted(len(plan.paths), "file"), f"“{change_type(plan.kind).words}”"
    there = "is" if len(plan.paths) == 1 else "are"
    if plan.state == "written":
        return Step("pass", name, f"{named} was decided, and its {files} {there} durably there.")
    href, to = reverse("evidenceos-files", args=(one.slug,)), "The files"
    if plan.state == "given_up":
        return Step("fail", name, f"{named} was decided and given up unwritten.", plan.problem, href, to)
    why = plan.problem or "The task writes it within a minute."
    return Step(
        "fail" if plan.problem else "stale", name, f"{named} was decided, and is not wholly written.", why, href, to
    )


def _seen(one: TargetView, plan: PlanView | None, events: Sequence[EventView]) -> Step:
    name = "See the event in the log"
    href, to = reverse("evidenceos-events", args=(one.slug,)), "The events"
    if plan is None:
        return Step("not_evaluated", name, "There is no change whose event could be looked for.", "", href, to)
    lines = [row for row in events if row.change == plan.change]
    if lines:
        numbers = words.listed([words.grouped(row.line) for row in lines])
        told = f"Line {numbers} of upstream's log names the change, and leaf {words.grouped(plan.index)} of our record."
        return Step("pass", name, told, "", href, to)
    if plan.state == "written":
        told = f"No line of upstream's log names the change; leaf {words.grouped(plan.index)} of our record does."
        return Step("stale", name, told, "Compare the log with what was written.", href, to)
    return Step("not_evaluated", name, "It is written together with the files.", "", href, to)


def _taken_up(one: TargetView, plan: PlanView | None) -> Step:
    """A reload or a restart that was seen; what we sent proves nothing of what the daemon did."""
    name = "Reload the daemon"
    if plan is None or plan.state != "written":
        return Step("not_evaluated", name, "Nothing is written that the daemon would have to be told.")
    if plan.effective == "immediate":
        return Step("pass", name, "No reload is needed: the daemon reads these files at every execution.")
    if plan.observed_as in {"restart", "head"} or (plan.observed_as == "reload" and plan.effective == "reload"):
        return Step("pass", name, plan.observed_by)
    return _reloading(one, plan, name) if plan.effective == "reload" else _restarting(plan, "Restart the daemon")


def _reloading(one: TargetView, plan: PlanView, name: str) -> Step:
    if plan.problem:
        return Step("fail", name, plan.problem, "The files are there; the daemon goes by what it had.")
    if plan.reload_sent is None:
        return Step("stale", name, "The daemon was not told yet.", "The task tells it within a minute.")
    sent = f"The daemon was told at {words.moment(plan.reload_sent)}; that it reloaded was not seen"
    if not one.log_file:
        return Step("not_evaluated", name, f"{sent}: no log of it is known here, so no reload can be seen.",
                    "Enter its log with evidenceos_target --log-file, or restart it: its lock shows that.")  # fmt: skip
    return Step("not_evaluated", name, f"{sent}: its log has no line about it since.",
                "Look at the daemon's log. One that does not reload on SIGHUP has to be restarted.")  # fmt: skip


def _restarting(plan: PlanView, name: str) -> Step:
    needed = "a restart" if plan.effective == "restart" else "a start after having been stopped"
    also = f" {plan.observed_by}" if plan.observed_as == "reload" else ""
    seen = f"No restart was seen since: kernel.lock is what it was. This change takes {needed}.{also}"
    return Step("not_evaluated", name, seen, "Restart it; this server does not.")


def _watched(one: TargetView, plan: PlanView | None, canaries: Sequence[CanaryView] | None) -> Step:
    name = "Watch the reload and the canary"
    href, to = reverse("evidenceos-canaries", args=(one.slug,)), "The canaries"
    if canaries is None:
        return Step("not_evaluated", name, "There is no state.json, so no canary can be seen.", "", href, to)
    still = [row for row in canaries if row.state != "ok"]
    if still:
        names = words.listed([f"{row.claim_name} on {row.holdout}" for row in still[:3]])
        state = "fail" if any(row.state == "frozen" for row in still) else "stale"
        told = f"Frozen or stale: {names}."
        return Step(state, name, told, "Open an incident before traffic goes on.", href, to)
    below = f"{words.counted(len(canaries), 'canary is', 'canaries are')} below the barrier"
    calm = below if canaries else "no claim has begun a canary"
    if plan is None or plan.state != "written":
        return Step("not_evaluated", name, f"There is no reload to watch; {calm}.", "", href, to)
    if plan.effective != "immediate" and plan.observed is None:
        return Step("not_evaluated", name, f"No line of the daemon's log and no restart was seen since; {calm}.",
                    "Look at the daemon's log; a refused reload keeps what was before.", href, to)  # fmt: skip
    always = "The daemon reads these files at every execution"
    seen = always if plan.observed is None else f"Observed: {plan.observed_by.rstrip('.')}"
    return Step("pass", name, f"{seen}; {calm}.", "", href, to)


def _go_on(one: TargetView, steps: Sequence[Step], sightings: Sequence[SightingView]) -> Step:
    name = "Go on"
    if sightings:
        told = f"{words.counted(len(sightings), 'file')} changed by somebody else."
        href = reverse("evidenceos-files", args=(one.slug,))
        return Step("fail", name, told, "Find out who wrote there first.", href, "The files")
    open_steps = [step.name.lower() for step in steps if step.state != "pass"]
    if open_steps:
        return Step("not_evaluated", name, f"Not yet: {words.listed(open_steps)}.")
    return Step("pass", name, "Every step before was checked just now, and holds. Traffic may go on.")
