"""What must be true of changes, kept apart from the product: a recorder that knows only what was asked and answered.

It never reads a row of `governance.change`. It says in advance whether an approval or an execution must be taken, and
so finds both what is taken wrongly and what is refused wrongly.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

LOCK, LIFE, QUORUM = 3_600, 86_400, 2


@dataclass
class TruthOfPerson:
    """Who somebody is now."""

    approves: bool
    executes: bool
    live: bool = True
    has_key: bool = True

    @property
    def can_sign(self) -> bool:
        """Whether anything they sign may count."""
        return self.live and self.has_key


@dataclass
class TruthOfChange:
    """One change: who wrote, who approved which text and when, what stopped it, and how it ended."""

    author: str
    kind: str
    wanted: str
    base: str
    begun: int
    revision: int = 1
    writers: set[str] = field(default_factory=set)
    approvals: dict[str, int] = field(default_factory=dict)
    stopped: int = 0
    is_held: bool = False
    ended: str = ""

    def edit(self, who: str, wanted: str, base: str, now: int) -> None:
        """A new text voids everything."""
        self.revision += 1
        self.writers.add(who)
        self.wanted, self.base, self.begun = wanted, base, now
        self.approvals.clear()
        self.stopped = now


@dataclass
class Truth:
    """Everything there is to know."""

    people: dict[str, TruthOfPerson]
    state: str = "active"
    frozen_by: str = ""
    changes: list[TruthOfChange] = field(default_factory=list)
    reached: Counter[str] = field(default_factory=Counter)

    def counting(self, change: TruthOfChange) -> dict[str, int]:
        """The approvals that count now, with their times."""
        return {
            who: at for who, at in change.approvals.items()
            if self.people[who].can_sign and self.people[who].approves and who not in change.writers | {change.author}
        }  # fmt: skip

    def complete_since(self, change: TruthOfChange) -> int | None:
        """When the quorum that stands was complete; None where none stands."""
        times = sorted(self.counting(change).values())
        return max(times[QUORUM - 1], change.stopped) if len(times) >= QUORUM else None

    def must_approve(self, change: TruthOfChange, who: str, now: int) -> bool:
        """Whether an approval must be taken."""
        person = self.people[who]
        if change.ended or change.is_held or now > change.begun + LIFE:
            return False
        fresh = who not in change.writers | {change.author} and who not in self.counting(change)
        return person.can_sign and person.approves and fresh

    def may_reject(self, change: TruthOfChange, who: str) -> bool:
        """Whether a rejection would be taken."""
        person = self.people[who]
        return person.can_sign and person.approves and who not in change.writers | {change.author}

    def able(self, now: int) -> list[str]:
        """Who must be let approve a change of ada's that nobody has signed yet."""
        fresh = TruthOfChange("ada", "emergency.apply", "disabled", self.state, now)
        return [one for one in ("ben", "cyd", "dov") if self.must_approve(fresh, one, now)]

    def must_execute(self, change: TruthOfChange, who: str, now: int) -> bool:
        """Whether an execution must be taken."""
        since, person = self.complete_since(change), self.people[who]
        if change.ended or change.is_held or since is None or self.frozen_by:
            return False
        in_time = since + LOCK <= now <= change.begun + LIFE
        apart = who != change.author and who not in self.counting(change)
        return person.can_sign and person.executes and apart and in_time and self.state == change.base

    def end(self, change: TruthOfChange, how: str) -> None:
        """It is over, for good."""
        change.ended = how
        self.reached[how] += 1
        self.reached[f"{change.kind} {how}"] += 1


def truth_of(role: str, groups: tuple[str, ...]) -> TruthOfPerson:
    """Somebody as they were cast."""
    return TruthOfPerson(approves="ops" in groups, executes=role == "executor")
