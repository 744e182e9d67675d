"""What a rebuild found to differ."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_TOLD = 50


@dataclass(slots=True)
class Differences:
    """How much differed of each kind, and the first fifty differences one by one."""

    counts: dict[str, int] = field(default_factory=dict)
    told: list[dict[str, str]] = field(default_factory=list)

    def differs(self, what: str, place: str, now: str) -> None:
        """`what` at `place` was not `now`."""
        self.counts[what] = self.counts.get(what, 0) + 1
        if len(self.told) < MAX_TOLD:
            self.told.append({"what": what, "place": place, "now": now})
