"""Draft, review, time lock, ready, applied: where a change stands on its way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from console import words
from console.changes.rule_words import executor_words
from governance.change.core.policy_text import rule_of
from governance.change.core.states import TERMINAL, State
from governance.change.types.genesis import GENESIS

if TYPE_CHECKING:
    from collections.abc import Collection

    from governance.change.core.policy import Rule
    from governance.change.selectors.changes import ChangeView

_SKIPPED = (1, 2, 3)
"""Steps that an emergency does not take before its effect: what is not approved is not drawn as done."""
_APPLIED = {State.APPLIED, State.APPLIED_PROVISIONAL, State.RATIFIED}
_ENDS = {
    State.FAILED: "Failed",
    State.REJECTED: "Rejected",
    State.WITHDRAWN: "Withdrawn",
    State.VETOED: "Vetoed",
    State.EXPIRED: "Expired",
    State.LAPSED: "Lapsed",
}


def steps(change: ChangeView, now: datetime) -> list[dict[str, str]]:
    """The five steps, or how far it came before it ended; two where a draft is signed as it is."""
    rule = rule_of(change.current.rule)
    if change.listed.type == GENESIS or change.reverts is not None:
        return _two(change)
    names = ["Draft", "Review", "Time lock", "Ready", _ENDS.get(change.listed.state, "Applied")]
    told = [_draft(change), _review(change, rule), _lock(change, rule, now), executor_words(rule), _end(change, rule)]
    at = _place(change)
    skipped = _SKIPPED if change.listed.state is State.APPLIED_PROVISIONAL else ()
    reached, last = _came_to(change, rule) if change.listed.state in _ENDS else at, _last(change)
    return [
        {"name": name, "word": word, "state": _drawn(number, reached, last if number == at else "next", skipped)}
        for number, (name, word) in enumerate(zip(names, told, strict=True))
    ]


def _two(change: ChangeView) -> list[dict[str, str]]:
    """A genesis and a way back are never reviewed: their signatures stand over the draft."""
    ended = change.listed.state is not State.DRAFT
    end = {
        "name": _ENDS.get(change.listed.state, "Applied"),
        "word": words.moment(change.listed.moved) if ended else "",
    }
    end["word"] = end["word"] or "with the last signature that it asks for"
    draft = {"name": "Draft", "word": _draft(change), "state": "done" if ended else "now"}
    return [draft, {**end, "state": _last(change) if ended else "next"}]


def _drawn(number: int, reached: int, otherwise: str, skipped: Collection[int]) -> str:
    return "next" if number in skipped else "done" if number < reached else otherwise


def _last(change: ChangeView) -> str:
    """How the step is drawn at which it stands: ended where it had no effect, done where the effect stands."""
    state = change.listed.state
    return "ended" if state in _ENDS else "done" if state in {State.APPLIED, State.RATIFIED} else "now"


def _came_to(change: ChangeView, rule: Rule) -> int:
    """Steps that were behind it when it ended without an effect."""
    if change.listed.ready_at is None and _approved(change) < rule.people:
        return 1
    return 3 if change.listed.state is State.FAILED else 2


def _approved(change: ChangeView) -> int:
    said = {one.person: one.verb for one in change.words if one.revision == change.listed.revision}
    return sum(verb == "approve" for verb in said.values())


def _place(change: ChangeView) -> int:
    state = change.listed.state
    if state in TERMINAL or state in _APPLIED:
        return 4
    if state is State.DRAFT:
        return 0
    if state is not State.TIMELOCKED:
        return 1
    return 3 if change.standing is not None and change.standing.is_ready else 2


def _draft(change: ChangeView) -> str:
    return f"revision {change.listed.revision}"


def _review(change: ChangeView, rule: Rule) -> str:
    if change.listed.state is State.HELD:
        return "held"
    if change.listed.state is State.STALE:
        return "stale"
    if change.listed.state in _ENDS:
        return f"{_approved(change)} of {rule.people} approvals"
    slots = change.standing.quorum.slots if change.standing is not None else ()
    filled = sum(slot.person is not None for slot in slots)
    return f"{filled} of {rule.people} approvals" if slots else words.counted(rule.people, "approval")


def _lock(change: ChangeView, rule: Rule, now: datetime) -> str:
    ready = change.standing.ready_at if change.standing is not None else None
    if ready is not None and ready > now.timestamp():
        return f"over {words.ago(datetime.fromtimestamp(ready, UTC), now)}"
    return f"{words.duration(timedelta(seconds=rule.lock_s))} after the last approval" if rule.lock_s else "none"


def _end(change: ChangeView, rule: Rule) -> str:
    if change.listed.state in TERMINAL or change.listed.state in _APPLIED:
        return words.moment(change.listed.moved)
    seconds = rule.observation_s
    return f"observed for {words.duration(timedelta(seconds=seconds))}" if seconds else "not observed"
