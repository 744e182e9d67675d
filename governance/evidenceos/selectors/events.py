"""Upstream's governance events of a target line by line, beside the decisions that led to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from governance.evidenceos.core.codes import code_of
from governance.evidenceos.core.directory import EVENT_LOG
from governance.evidenceos.core.events import GovernanceEvent
from governance.evidenceos.core.faults import Fault
from governance.evidenceos.errors_of_targets import TargetUnknown
from governance.evidenceos.models import Plan, PlanState
from governance.evidenceos.selectors.targets import TargetView, snapshot
from ledger.core.codes_row import Effect


@dataclass(frozen=True, slots=True)
class EventView:
    """One line; `event` None where it cannot be read. `change` and `index` name our decision, where one led to it.

    A line that names a decision that this record does not have has `claims` set, and no `change`.
    """

    line: int
    event: GovernanceEvent | None
    faults: tuple[Fault, ...]
    change: str
    index: int | None
    claims: str = ""


@dataclass(frozen=True, slots=True)
class LogView:
    """The log of events as a whole; `gone` are our decisions whose line was written and is not there any more."""

    verdict: str
    events: list[EventView]
    gone: list[str]


def events(one: TargetView, now: datetime) -> list[EventView]:
    """Every line of the log, oldest first, and below line 0 what is wrong with the log; raises TargetUnreadable."""
    found = snapshot(one, now).directory
    faults = next((row.faults for row in found.files if row.path == EVENT_LOG), ())
    decided = dict(Plan.objects.filter(target_id=one.id).values_list("change", "index"))
    lines = sorted({*found.events, *(number for fault in faults if (number := _line(fault)))})
    rows = [_view(number, found.events.get(number), faults, decided) for number in lines]
    whole = tuple(fault for fault in faults if not _line(fault))
    return [*([EventView(0, None, whole, "", None)] if whole else []), *rows]


def event(one: TargetView, line: int, now: datetime) -> EventView:
    """One line; raises TargetUnknown, TargetUnreadable."""
    found = next((row for row in events(one, now) if row.line == line), None)
    if found is None:
        raise TargetUnknown("There is no such line in the log of events", why=str(line))
    return found


def verified(one: TargetView, now: datetime) -> LogView:
    """The log of events beside our record; raises TargetUnreadable."""
    rows = events(one, now)
    there = {row.change for row in rows if row.change}
    plans = Plan.objects.filter(target_id=one.id, state=PlanState.WRITTEN).order_by("id")
    gone = [plan.change for plan in plans if plan.change not in there and _adds_a_line(plan)]
    effects = {code_of(fault.code).effect for row in rows for fault in row.faults}
    is_wrong = Effect.REJECTED in effects or bool(gone) or any(row.claims for row in rows)
    verdict = "rejected" if is_wrong else "incomplete" if Effect.INCOMPLETE in effects else "verified"
    return LogView(verdict, rows, gone)


def of_id(one: TargetView, event_id: str, now: datetime) -> list[EventView]:
    """Every line of this id, oldest first: upstream shows the first alone, and gives one id to several.

    Raises TargetUnknown, TargetUnreadable.
    """
    rows = [row for row in events(one, now) if row.event is not None and row.event.event_id == event_id]
    if not rows:
        raise TargetUnknown("There is no such line in the log of events", why=event_id[:80])
    return rows


def _adds_a_line(plan: Plan) -> bool:
    return any(step["path"] == EVENT_LOG for step in plan.steps)


def _view(
    number: int, found: GovernanceEvent | None, faults: tuple[Fault, ...], decided: dict[str, int]
) -> EventView:  # fmt: skip
    told = found.extra.get("countersign") if found is not None else None
    claims = str(told.get("change", "")) if isinstance(told, dict) else ""
    ours = claims if claims in decided else ""
    return EventView(
        number, found, tuple(one for one in faults if _line(one) == number), ours,
        decided.get(ours), "" if ours else claims,
    )  # fmt: skip


def _line(fault: Fault) -> int:
    """The line that a fault is about; 0 for the log as a whole."""
    words = fault.path.split(" ")
    return int(words[1]) if len(words) > 1 and words[0] == "line" and words[1].isdigit() else 0
