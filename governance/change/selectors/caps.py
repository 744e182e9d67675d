"""Cumulative caps: what small steps add up to within a window, so that no split gets around a bound."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from governance.change.core.policy import Cap
from governance.change.core.states import State
from governance.change.errors import CapExceeded
from governance.change.models import Revision
from governance.change.selectors.standing import Standing
from ledger.core.types import JSONObject


@dataclass(frozen=True, slots=True)
class CapUse:
    """How much of a cap is used by what was applied within its window, and what this change would add."""

    cap: Cap
    used: int
    adds: int

    @property
    def is_exceeded(self) -> bool:
        """Whether this change would go over it."""
        return self.used + self.adds > self.cap.amount


def caps_of(stands: Standing) -> tuple[CapUse, ...]:
    """Every cap of the rule, as of now."""
    revision = stands.revision
    return tuple(
        CapUse(cap, _used(stands, cap), _step(revision.base, revision.result, cap.field)) for cap in stands.rule.caps
    )


def check_caps(stands: Standing) -> None:
    """Raise CapExceeded where one would be."""
    for use in caps_of(stands):
        if use.is_exceeded:
            told = (
                f"{use.cap.field}: {use.used:,} used, {use.adds:,} more, {use.cap.amount:,} in {use.cap.window_s:,} s"
            )
            raise CapExceeded("The steps add up to too much", why=told)


def _used(stands: Standing, cap: Cap) -> int:
    since = datetime.fromtimestamp(stands.now - cap.window_s, UTC)
    rows = Revision.objects.filter(
        change__subject=stands.row.subject, change__moved__gt=since,
        change__state__in=[State.APPLIED, State.APPLIED_PROVISIONAL, State.RATIFIED],
    ).select_related("change")  # fmt: skip
    return sum(_step(row.base, row.result, cap.field) for row in rows if row.number == row.change.revision)


def _step(base: JSONObject, result: JSONObject, field: str) -> int:
    before, after = base.get(field), result.get(field)
    return abs(after - before) if isinstance(before, int) and isinstance(after, int) else 0
