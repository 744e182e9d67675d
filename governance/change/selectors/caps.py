"""Cumulative caps: what small steps add up to within a window, so that no split gets around a bound.

Guarantees that a value without a number (null: no bound at all, or anything else) is never a small step: from it or to
it no sum can be made, and the change is refused. There and back counts twice; a revert counts as any other step, only
the step that it takes back is not held against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from governance.change.core.limits import step_of
from governance.change.core.policy import Cap
from governance.change.core.states import State
from governance.change.errors import CapExceeded
from governance.change.models import Change, Revision
from governance.change.selectors.standing import Standing


@dataclass(frozen=True, slots=True)
class CapUse:
    """How much of a cap is used by what was applied within its window, and what this change would add; None where that
    has no number.
    """

    cap: Cap
    used: int | None
    adds: int | None

    @property
    def is_exceeded(self) -> bool:
        """Whether this change would go over it; what leaves the field as it is goes over none."""
        if self.adds == 0:
            return False
        return self.used is None or self.adds is None or self.used + self.adds > self.cap.amount


def caps_of(stands: Standing, *, takes_back: Change | None = None) -> tuple[CapUse, ...]:
    """Every cap of the rule, as of now; the step of `takes_back` is left out of what is used."""
    revision = stands.revision
    return tuple(
        CapUse(cap, _used(stands, cap, takes_back), step_of(revision.base, revision.result, cap.field))
        for cap in stands.rule.caps
    )


def check_caps(stands: Standing, *, takes_back: Change | None = None) -> None:
    """Raise CapExceeded where one would be."""
    for use in caps_of(stands, takes_back=takes_back):
        if use.is_exceeded:
            cap, used, adds = use.cap, _told(use.used), _told(use.adds)
            told = f"{cap.field}: {used} used, {adds} more, {cap.amount:,} in {cap.window_s:,} s"
            raise CapExceeded("The steps add up to too much", why=told)


def _told(amount: int | None) -> str:
    return "no number" if amount is None else f"{amount:,}"


def _used(stands: Standing, cap: Cap, takes_back: Change | None) -> int | None:
    since = datetime.fromtimestamp(stands.now - cap.window_s, UTC)
    rows = Revision.objects.filter(
        change__subject=stands.row.subject, change__moved__gt=since,
        change__state__in=[State.APPLIED, State.APPLIED_PROVISIONAL, State.RATIFIED],
    ).select_related("change")  # fmt: skip
    counted = [row for row in rows if row.number == row.change.revision and row.change != takes_back]
    steps = [step_of(row.base, row.result, cap.field) for row in counted]
    return None if None in steps else sum(step for step in steps if step is not None)
