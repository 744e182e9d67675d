"""What this reader can do about a change now. The engine decides again; this only spares useless buttons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from governance.change.core.policy import ExecutorRule
from governance.change.core.quorum import may_approve
from governance.change.core.states import LIVE, State
from governance.change.core.verbs import Verb

if TYPE_CHECKING:
    from governance.change.core.people import PersonKey
    from governance.change.selectors.changes import ChangeView

NO_KEY = "You have no active decision key, so you can read and comment, and sign nothing."


@dataclass(frozen=True, slots=True)
class Deed:
    """One signed step: its verb, the button's words, and whether it is the dangerous one."""

    verb: str
    words: str
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Deeds:
    """Signed steps with the keys to sign with, unsigned steps by name, and why nothing can be signed where it is so."""

    signed: tuple[Deed, ...]
    keys: tuple[PersonKey, ...]
    plain: frozenset[str]
    why_not: str = ""


def deeds_of(change: ChangeView, actor: str, now: datetime) -> Deeds:
    """Offer what would not be refused at once."""
    mine = actor == change.listed.author
    keys = _keys(change, actor, now)
    signed = _signed(change, actor, now) if keys else ()
    return Deeds(signed, keys, _plain(change, mine=mine), "" if keys else NO_KEY)


def _plain(change: ChangeView, *, mine: bool) -> frozenset[str]:
    state = change.listed.state
    found = {"comment"}
    if state is State.DRAFT:
        found |= {"edit", "submit", "withdraw"} if mine else {"edit", "submit"}
    elif state in LIVE:
        found |= {"edit"} if state is not State.STALE else {"rebase"}
        found |= {"withdraw"} if mine else set()
        found |= {"release"} if state is State.HELD else {"hold"}
    return frozenset(found)


def _signed(change: ChangeView, actor: str, now: datetime) -> tuple[Deed, ...]:
    stands, state = change.standing, change.listed.state
    found: list[Deed] = []
    if stands is not None and state in {State.IN_REVIEW, State.TIMELOCKED}:
        found += _of_approver(change, actor)
        if state is State.TIMELOCKED and not _excluded(change, actor):
            found.append(Deed(Verb.EXECUTE.value, "Execute" if stands.is_ready else "Sign the execution in advance"))
    if stands is not None and state in LIVE and actor != change.listed.author:
        found.append(Deed(Verb.VETO.value, "Veto", danger=True))
    if _can_revert(change, now):
        found.append(Deed(Verb.REVERT.value, "Revert", danger=True))
    if state is State.APPLIED_PROVISIONAL:
        found.append(Deed(Verb.ACKNOWLEDGE_EMERGENCY.value, "Acknowledge"))
    return tuple(found)


def _of_approver(change: ChangeView, actor: str) -> list[Deed]:
    stands = change.standing
    approver = stands.people.get(actor) if stands is not None else None
    if stands is None or approver is None:
        return []
    if actor in stands.approvers:
        return [Deed(Verb.REVOKE_APPROVAL.value, "Take my approval back", danger=True)]
    if may_approve(stands.rule, stands.subject, approver, index=stands.index, now=stands.now) is not None:
        return []
    return [Deed(Verb.APPROVE.value, "Approve"), Deed(Verb.REJECT.value, "Reject", danger=True)]


def _excluded(change: ChangeView, actor: str) -> bool:
    """Whether the rule keeps this person from carrying it out."""
    stands = change.standing
    if stands is None or stands.rule.executor is ExecutorRule.ANY:
        return False
    is_author = actor in stands.subject.contributors
    approved = stands.rule.executor is ExecutorRule.NOT_AUTHOR_NOT_APPROVER and actor in stands.approvers
    return is_author or approved


def _can_revert(change: ChangeView, now: datetime) -> bool:
    until = change.observe_until
    open_still = until is not None and until > now.timestamp()
    return open_still and change.listed.state is State.APPLIED and change.current.way_back is not None


def _keys(change: ChangeView, actor: str, now: datetime) -> tuple[PersonKey, ...]:
    approver = change.people.get(actor)
    return approver.counting_keys(change.index, int(now.timestamp()), 0) if approver is not None else ()
