"""Files of a target with their four states: written, reload sent, observed, drifted, each by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.evidenceos.core.directory import FileReading
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.core.preflight import unread
from governance.evidenceos.models import Adoption, Artefact, Effective, Plan, PlanState, Sighting
from governance.evidenceos.selectors.targets import TargetView, snapshot


@dataclass(frozen=True, slots=True)
class StateView:
    """One of the four: `name`, `state` (yes, no, not_evaluated, not_needed), since when, and in words."""

    name: str
    state: str
    at: datetime | None
    words: str


@dataclass(frozen=True, slots=True)
class FileView:
    """One file: what it is, its verdict, and its four states where it is governed (else none)."""

    path: str
    kind: str
    size: int
    digest: str
    verdict: str
    faults: tuple[Fault, ...]
    change: str
    index: int | None
    states: tuple[StateView, ...]


@dataclass(frozen=True, slots=True)
class SightingView:
    """What the watcher found; `ended` None while it lasts."""

    path: str
    code: str
    expected: str
    found: str
    seen: datetime
    ended: datetime | None
    ended_by: str


@dataclass(frozen=True, slots=True)
class PlanView:
    """What a decided change writes; `problem` is why it is not written yet."""

    public_id: str
    change: str
    kind: str
    index: int
    state: str
    effective: str
    created: datetime
    ended: datetime | None
    reload_sent: datetime | None
    observed: datetime | None
    observed_by: str
    observed_as: str
    paths: tuple[str, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class Carried:
    """What a decided change writes into the directory `target` (a slug), in its four states, each by itself."""

    plan: PlanView
    target: str
    states: tuple[StateView, ...]


@dataclass(frozen=True, slots=True)
class AdoptionView:
    """What a directory held when it was taken over."""

    at: datetime
    by: str
    verdict: str
    index: int
    files: list[dict[str, Any]]


def files(one: TargetView, now: datetime) -> list[FileView]:
    """Every file but the heavy ones of the daemon, and those that are gone, by path; raises TargetUnreadable."""
    found = snapshot(one, now).directory
    kept = {row.path: row for row in Artefact.objects.filter(target_id=one.id).select_related("plan")}
    there = {row.path for row in found.files}
    gone = [FileReading(path, "missing", 0, "", ()) for path, row in kept.items() if path not in there and row.sha256]
    return sorted((_view(row, kept.get(row.path)) for row in (*found.files, *gone)), key=lambda row: row.path)


def unread_of(one: TargetView, now: datetime, *places: str) -> list[Fault]:
    """What could not be read of the files whose paths begin so; raises TargetUnreadable."""
    return list(unread(snapshot(one, now).directory, *places))


def sightings(one: TargetView, *, is_open: bool = True, limit: int = 200) -> list[SightingView]:
    """What the watcher found, newest first; only what lasts, unless asked otherwise."""
    rows = Sighting.objects.filter(target_id=one.id)
    rows = rows.filter(ended__isnull=True) if is_open else rows
    return [
        SightingView(row.path, row.code, row.expected, row.found, row.seen, row.ended, row.ended_by)
        for row in rows[:limit]
    ]


def plans(one: TargetView, limit: int = 100) -> list[PlanView]:
    """What was decided for this directory, newest first."""
    return [plan_view(row) for row in Plan.objects.filter(target_id=one.id).order_by("-id")[:limit]]


def plan_of(change: str) -> PlanView | None:
    """What this change writes; None where it writes no files, or was not applied."""
    row = Plan.objects.filter(change=change).first()
    return None if row is None else plan_view(row)


def carried(change: str) -> Carried | None:
    """How far what a change writes has come; None where it writes no files, or was not applied. Two questions."""
    row = Plan.objects.filter(change=change).select_related("target").prefetch_related("artefacts").first()
    if row is None:
        return None
    view, kept = plan_view(row), list(row.artefacts.all())
    states = (_written_of(view), _reload_of(view), _observed(row), _drifted_of(view, kept))
    return Carried(view, row.target.slug, states)


def adoptions(one: TargetView) -> list[AdoptionView]:
    """Each time that the directory was taken over, newest first."""
    rows = Adoption.objects.filter(target_id=one.id).order_by("-id")
    return [AdoptionView(row.at, row.by, row.verdict, row.index, row.files) for row in rows]


def plan_view(row: Plan) -> PlanView:
    """The view of a row."""
    return PlanView(
        str(row.public_id), row.change, row.kind, row.index, row.state, row.effective, row.created, row.ended,
        row.reload_sent, row.observed, row.observed_by, row.observed_as, tuple(str(step["path"]) for step in row.steps),
        f"{row.code}: {row.why}" if row.code else "",
    )  # fmt: skip


def _view(row: FileReading, kept: Artefact | None) -> FileView:
    return FileView(
        row.path, row.kind, row.size, row.digest, row.verdict, row.faults,
        kept.change if kept is not None else "", kept.index if kept is not None else None,
        states_of(kept) if kept is not None else (),
    )  # fmt: skip


def states_of(row: Artefact) -> tuple[StateView, ...]:
    """The four states of a file."""
    how = "by a change" if row.change else "before it was adopted"
    drifted = row.drifted is not None
    return (
        StateView("written", "yes", row.written, f"The bytes were durably there, {how}."),
        _reload(row),
        _observed(row),
        StateView(
            "drifted", "yes" if drifted else "no", row.drifted,
            "The file is something else than what was written." if drifted else "It is what was written.",
        ),
    )  # fmt: skip


def _reload(row: Artefact) -> StateView:
    plan = row.plan
    if plan is None:
        return StateView("reload_sent", "not_needed", None, "Nothing was written here since it was adopted.")
    if plan.effective == "immediate":
        return StateView("reload_sent", "not_needed", None, "The daemon reads this file at every execution.")
    if row.reload_sent is None:
        pending = plan.state == PlanState.PLANNED
        told = "It is not written yet." if pending else "Nobody told the daemon: restart it by hand."
        return StateView("reload_sent", "no", None, told)
    return StateView("reload_sent", "yes", row.reload_sent, "The daemon was told to read its files again.")


def _written_of(plan: PlanView) -> StateView:
    told = {
        PlanState.WRITTEN: "Its bytes are durably there.",
        PlanState.GIVEN_UP: "Somebody at the server gave it up unwritten: the file had moved.",
    }.get(PlanState(plan.state), plan.problem or "It was decided; the task writes it within a minute.")
    is_there = plan.state == PlanState.WRITTEN
    return StateView("written", "yes" if is_there else "no", plan.ended if is_there else None, told)


def _reload_of(plan: PlanView) -> StateView:
    if plan.effective == Effective.IMMEDIATE:
        return StateView("reload_sent", "not_needed", None, "The daemon reads these files at every execution.")
    if plan.reload_sent is not None:
        return StateView("reload_sent", "yes", plan.reload_sent, "The daemon was told to read its files again.")
    told = (
        "Nobody told the daemon: restart it by hand." if plan.state == PlanState.WRITTEN else "It is not written yet."
    )
    return StateView("reload_sent", "no", None, told)


def _drifted_of(plan: PlanView, kept: list[Artefact]) -> StateView:
    """Of the files that no later change has written since."""
    gone = sorted(one.drifted for one in kept if one.drifted is not None)
    if gone:
        return StateView("drifted", "yes", gone[0], "A file is something else than what was written.")
    if not kept:
        later = (
            "Later changes have written these files since." if plan.state == PlanState.WRITTEN else "Nothing is there."
        )
        return StateView("drifted", "not_evaluated", None, later)
    return StateView("drifted", "no", None, "They are what was written.")


def _observed(row: Artefact | Plan) -> StateView:
    if row.observed is not None:
        return StateView("observed", "yes", row.observed, row.observed_by)
    told = "No line of the daemon's log and no restart was seen since."
    return StateView("observed", "not_evaluated", None, told)
