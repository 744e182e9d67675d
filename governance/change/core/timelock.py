"""The time lock of an execution by times that are not the log's own.

What proves that a lock passed between quorum and execution is an upper bound of the one and a lower bound of the
other. Above: a checkpoint that holds everything recorded until the quorum was complete, cosigned by a quorum of the
reader's witnesses, shows that it was complete by then. Below: a cosigned note inside the execution's own event, since
cosignatures cannot be made before their time; that a witness saw the log *without* the execution would show nothing,
because a log can keep back what it has. What a checkpoint's own text says of time is nothing: it has none. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ledger.core.verify.judging import Seen

PROVED, UNTIMED, VIOLATED = "timelock_proved", "timelock_unproven", "timelock_violated"
TOLERANCE_S: Final = 300
"""How far a witness's clock may be from the log's before the two contradict each other (evidence.md, `recorded`)."""


@dataclass(frozen=True, slots=True)
class Stood:
    """An execution recorded at `index` (second `now`) whose quorum was complete at second `since`; `last` is the last
    index that was recorded by then.
    """

    index: int
    now: int
    last: int
    since: int
    lock_s: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """What witnesses say (POSIX seconds): the quorum was complete by `by`, the execution was not there before `since`;
    None where nobody says it. `contradicted` is when they had seen an execution that its own log dates after its lock.
    """

    by: int | None
    since: int | None
    contradicted: int | None = None

    def proves(self, lock_s: int) -> bool:
        """Whether the lock passed, whatever the log says of time."""
        return self.by is not None and self.since is not None and self.since - self.by >= lock_s


def bounds(stood: Stood, seen: Sequence[Seen], inside: Seen | None) -> Bounds:
    """What `seen`, the cosigned checkpoints of the log, and `inside`, the note in the execution's event, bound."""
    complete = [one.by for one in seen if one.size > stood.last]
    executed = [one.by for one in seen if one.size > stood.index]
    beneath = inside is not None and inside.size <= stood.index
    early = [by for by in executed if by + TOLERANCE_S < stood.since + stood.lock_s]
    return Bounds(
        min(complete, default=None), inside.since if inside is not None and beneath else None, min(early, default=None)
    )


def by_witnesses(stood: Stood, seen: Sequence[Seen], inside: Seen | None) -> tuple[str, str]:
    """`timelock_proved`, `timelock_unproven` or `timelock_violated`, and why, in words."""
    found = bounds(stood, seen, inside)
    if found.contradicted is not None:
        when = told(found.contradicted)
        return VIOLATED, f"Witnesses saw it carried out by {when}, before the lock that its own log tells of"
    words = in_words(found, stood.lock_s)
    if found.proves(stood.lock_s):
        return PROVED, f"The time lock is proved: {words}"
    shown = f"The log's own times show {stood.now - stood.since:,} s of {stood.lock_s:,} s"
    return UNTIMED, f"{shown}; not proved: {words}"


def in_words(found: Bounds, lock_s: int) -> str:
    """What is proved, or what is lacking for a proof."""
    if found.by is None:
        return "no witness of your policy cosigned a checkpoint that holds the approvals"
    saw = f"witnesses saw the approvals by {told(found.by)}"
    if found.since is None:
        return f"{saw}, and the execution holds no cosignature of the log from after them"
    between = max(found.since - found.by, 0)
    return f"{saw}, and the execution holds their cosignatures of {told(found.since)}: {between:,} s of {lock_s:,} s"


def told(second: int) -> str:
    """A time in words, or its number beyond what calendars hold."""
    try:
        return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return f"second {second}"
