"""What this reader can do about a change now. The engine decides again; this only spares useless buttons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from governance.change.core.native import declarations
from governance.change.core.policy import ExecutorRule, Tier
from governance.change.core.policy_text import rule_of
from governance.change.core.quorum import may_approve
from governance.change.core.states import LIVE, State
from governance.change.core.verbs import Verb
from governance.change.selectors.handing_over import handed_over
from governance.change.types.emergency_apply import EMERGENCY
from governance.change.types.freezing import FREEZE
from governance.change.types.genesis import GENESIS
from governance.identity.core.governed import KEY_REVOKE, KEY_ROTATE
from governance.identity.core.roles import Role

if TYPE_CHECKING:
    from collections.abc import Collection

    from governance.change.core.people import PersonKey
    from governance.change.selectors.changes import ChangeView
    from governance.change.selectors.standing import Standing

NO_KEY = "You have no active decision key, so you can read and comment, and sign nothing."
_STOPS = frozenset({Role.APPROVER, Role.EXECUTOR, Role.WITNESS_OPERATOR, Role.PLATFORM_OPERATOR})
_BY_ONE = {FREEZE: (_STOPS | {Role.TENANT_ADMIN}) - {Role.PLATFORM_OPERATOR}, KEY_REVOKE: _STOPS}
_AT_ONCE = {FREEZE: (Verb.FREEZE, "Freeze now"), KEY_REVOKE: (Verb.REVOKE_KEY, "Revoke now")}

_CARRY = frozenset({Verb.EXECUTE, Verb.REVERT, Verb.EMERGENCY, Verb.ACKNOWLEDGE_EMERGENCY})


@dataclass(frozen=True, slots=True)
class Deed:
    """One signed step: its verb, the button's words, whether it is the dangerous one, and whether the word is kept
    until the change is ready.
    """

    verb: str
    words: str
    danger: bool = False
    advance: bool = False


@dataclass(frozen=True, slots=True)
class Deeds:
    """Signed steps with the keys to sign with, unsigned steps by name, and why nothing can be signed where it is so."""

    signed: tuple[Deed, ...]
    keys: tuple[PersonKey, ...]
    plain: frozenset[str]
    why_not: str = ""


def deeds_of(change: ChangeView, actor: str, roles: Collection[Role], now: datetime, *, frozen: bool = False) -> Deeds:
    """Offer what would not be refused at once; `roles` are all that the reader holds, `frozen` is whether a freeze
    stands over the change.
    """
    keys = _keys(change, actor, now)
    signed = tuple(one for one in _signed(change, actor, roles) if not frozen or not _carries_out(one)) if keys else ()
    return Deeds(signed, keys, _plain(change, actor, roles, now), "" if keys or not change.people else NO_KEY)


def _carries_out(deed: Deed) -> bool:
    """Whether it would have its effect at once: a word that is kept waits for the thaw like the change itself."""
    return deed.verb in _CARRY and not deed.advance


def _plain(change: ChangeView, actor: str, roles: Collection[Role], now: datetime) -> frozenset[str]:
    state, mine = change.listed.state, actor == change.listed.author
    found = {"comment"}
    if state is State.DRAFT:
        found |= {"withdraw"} if mine else set()
        found |= set() if _is_signed_as_draft(change) else {"edit"}
        found |= set() if _is_signed_as_draft(change) or _signs(change, Verb.SUBMIT) else {"submit"}
    elif state in LIVE:
        found |= {"edit"} if state is not State.STALE else {"rebase"}
        found |= {"withdraw"} if mine else set()
        found |= {"release"} if state is State.HELD else {"hold"}
    if Role.EXECUTOR in roles and _has_way_back(change, now):
        found.add("revert")
    return frozenset(found)


def _is_signed_as_draft(change: ChangeView) -> bool:
    """Whether it is never submitted: a genesis, and a way back."""
    return change.listed.type == GENESIS or change.reverts is not None


def _signed(change: ChangeView, actor: str, roles: Collection[Role]) -> list[Deed]:
    stands, state = change.standing, change.listed.state
    if state is State.DRAFT:
        return _of_draft(change, actor, roles)
    if stands is None:
        return []
    found: list[Deed] = []
    if state in {State.IN_REVIEW, State.TIMELOCKED, State.APPLIED_PROVISIONAL}:
        found += _of_approver(change, actor)
    if state in {State.IN_REVIEW, State.TIMELOCKED} and _hands_over(stands, actor):
        found.append(Deed(Verb.ROTATE_KEY.value, "Sign with the key that is replaced"))
    if state is State.TIMELOCKED and _may_carry_out(change, actor, roles):
        found = [*_of_executor(ready=stands.is_ready, natively=_signs(change, Verb.EXECUTE)), *found]
    if state in LIVE and _STOPS & set(roles):
        found.append(Deed(Verb.VETO.value, "Veto", danger=True))
    return found


def _of_executor(*, ready: bool, natively: bool) -> list[Deed]:
    """Nobody signs in advance what holds the time of the execution."""
    if not ready and natively:
        return []
    return [Deed(Verb.EXECUTE.value, "Execute" if ready else "Sign the execution in advance", advance=not ready)]


def _signs(change: ChangeView, verb: Verb) -> bool:
    return any(one.is_signed_with(verb) for one in declarations(change.current.body))


def _of_draft(change: ChangeView, actor: str, roles: Collection[Role]) -> list[Deed]:
    kind, said = change.listed.type, _said(change)
    if kind == GENESIS:
        return [] if (actor, Verb.FOUND) in said else [Deed(Verb.FOUND.value, "Sign the founding")]
    if change.reverts is not None:
        return [Deed(Verb.REVERT.value, "Apply the way back", danger=True)] if Role.EXECUTOR in roles else []
    if kind == EMERGENCY:
        return _of_emergency(change, actor, roles)
    if kind in _AT_ONCE and rule_of(change.current.rule).tier is Tier.EMERGENCY and _BY_ONE[kind] & set(roles):
        verb, words = _AT_ONCE[kind]
        return [Deed(verb.value, words, danger=True)]
    if _signs(change, Verb.SUBMIT) and actor == change.current.by:
        return [Deed(Verb.SUBMIT.value, "Sign and submit")]
    return []


def _of_emergency(change: ChangeView, actor: str, roles: Collection[Role]) -> list[Deed]:
    declared = {person for person, verb in _said(change) if verb == Verb.EMERGENCY}
    if not {Role.APPROVER, Role.EXECUTOR} & set(roles):
        return []
    if not declared:
        return [Deed(Verb.EMERGENCY.value, "Declare the emergency", danger=True)]
    wrote = {one.by for one in change.revisions}
    if actor in declared | wrote:
        return []
    return [Deed(Verb.ACKNOWLEDGE_EMERGENCY.value, "Acknowledge, and apply it", danger=True)]


def _said(change: ChangeView) -> set[tuple[str, str]]:
    return {(one.person, one.verb) for one in change.words if one.revision == change.listed.revision}


def _of_approver(change: ChangeView, actor: str) -> list[Deed]:
    stands = change.standing
    approver = stands.people.get(actor) if stands is not None else None
    if stands is None or approver is None:
        return []
    if actor in stands.approvers:
        return [Deed(Verb.REVOKE_APPROVAL.value, "Take my approval back", danger=True)]
    if may_approve(stands.rule, stands.subject, approver, index=stands.index, now=stands.now) is not None:
        return []
    if change.listed.state is State.APPLIED_PROVISIONAL:
        return [Deed(Verb.APPROVE.value, "Ratify")]
    return [Deed(Verb.APPROVE.value, "Approve"), Deed(Verb.REJECT.value, "Reject", danger=True)]


def _hands_over(stands: Standing, actor: str) -> bool:
    """Whether it replaces a key of this reader, which has not said so yet."""
    return stands.row.type == KEY_ROTATE and actor in stands.subject.concerned and not handed_over(stands)


def _may_carry_out(change: ChangeView, actor: str, roles: Collection[Role]) -> bool:
    """Whether role and rule let this person carry it out."""
    stands = change.standing
    if stands is None or actor in stands.subject.concerned:
        return False
    if not {Role.EXECUTOR, *([Role.APPROVER] if stands.rule.tier is Tier.LOW else [])} & set(roles):
        return False
    if stands.rule.executor is not ExecutorRule.ANY and actor in stands.subject.contributors:
        return False
    return not (stands.rule.executor is ExecutorRule.NOT_AUTHOR_NOT_APPROVER and actor in stands.approvers)


def _has_way_back(change: ChangeView, now: datetime) -> bool:
    until = change.observe_until
    open_still = until is not None and until > now.timestamp()
    return open_still and change.current.way_back is not None and change.undone_by is None


def _keys(change: ChangeView, actor: str, now: datetime) -> tuple[PersonKey, ...]:
    approver = change.people.get(actor)
    return approver.counting_keys(change.index, int(now.timestamp()), 0) if approver is not None else ()
