"""Who hears of what in the life of a change, in which words, and what is also mailed. Pure.

A mail says what happened and where to look. No link of it approves anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from governance.change.core.occasions import Occasion
from governance.change.core.states import LIVE, State


class Party(StrEnum):
    """In which way somebody is concerned; the first that fits is the reason they are told."""

    ASKED = "You were asked to sign it."
    CONCERNED = "It is about your own roles or keys."
    AUTHOR = "You wrote it."
    ABLE = "You can fill an open place now."
    EXECUTORS = "You can carry it out."
    SIGNERS = "You signed it."
    ADMINS = "You administer the tenant it concerns."
    MEMBERS = "You hold a role in the tenant it concerns."
    NAMED = "The founding names you."
    DECIDERS = "You decide on changes here."


@dataclass(frozen=True, slots=True)
class Hearing:
    """`what` is the sentence, `{kind}` the words of the kind of change, `{by}` and `{person}` names; `next_step` says
    what can be done about it; `open_end` that something is still to be done or watched.
    """

    parties: tuple[Party, ...]
    what: str
    next_step: str
    mailed: bool = False
    open_end: bool = True
    actor_too: bool = False


_P = Party
_ALL_OF_IT: Final = (_P.CONCERNED, _P.AUTHOR, _P.SIGNERS, _P.ADMINS)
_EFFECT: Final = (*_ALL_OF_IT, _P.MEMBERS)
_EVERYBODY: Final = (_P.CONCERNED, _P.AUTHOR, _P.DECIDERS, _P.ADMINS)
_LOOK = "Its page says why and by whom."
_THAW = "It ends by a thaw alone, never by itself. You hear of it every day until then."
HEARINGS: Final[dict[Occasion, Hearing]] = {
    Occasion.SUBMITTED: Hearing(
        (_P.CONCERNED, _P.ABLE, _P.ADMINS), "{kind}: {by} asks for signatures",
        "Read the effect, then sign or reject it.",
    ),
    Occasion.EDITED: Hearing(
        (_P.CONCERNED, _P.ABLE, _P.AUTHOR, _P.ADMINS), "{kind}: {by} edited it; every signature before fell",
        "Read revision {revision} anew.",
    ),
    Occasion.ASKED: Hearing(
        (_P.ASKED,), "{kind}: {by} asks you to sign", "Read it, and sign or reject it on its page.", mailed=True
    ),
    Occasion.UNANSWERED: Hearing(
        (_P.AUTHOR, _P.ASKED, _P.ABLE), "{kind}: {person} was asked to sign and has not answered",
        "Somebody else who can fill the place may sign.", mailed=True, actor_too=True,
    ),
    Occasion.COMMENTED: Hearing((_P.AUTHOR, _P.SIGNERS), "{kind}: {by} commented", _LOOK),
    Occasion.APPROVED: Hearing((_P.AUTHOR,), "{kind}: {by} approved", "Its page says which places are open."),
    Occasion.QUORUM: Hearing(
        (_P.CONCERNED, _P.AUTHOR, _P.SIGNERS, _P.EXECUTORS, _P.ADMINS), "{kind}: all approvals are given",
        "Its lock runs. Until it is over it can be held or vetoed.", mailed=True,
    ),
    Occasion.QUORUM_LOST: Hearing(
        (*_ALL_OF_IT, _P.ABLE), "{kind}: its approvals stand no more", "It is in review again; its lock begins anew.",
        mailed=True,
    ),
    Occasion.READY: Hearing(
        (_P.AUTHOR, _P.EXECUTORS), "{kind}: its time lock is over", "It can be carried out now.", mailed=True
    ),
    Occasion.REJECTED: Hearing(_ALL_OF_IT, "{kind}: {by} rejected it", _LOOK, mailed=True, open_end=False),
    Occasion.VETOED: Hearing(_ALL_OF_IT, "{kind}: {by} vetoed it", _LOOK, mailed=True, open_end=False),
    Occasion.HELD: Hearing(
        (*_ALL_OF_IT, _P.EXECUTORS), "{kind}: {by} holds it", "Nothing happens to it until it is released.", mailed=True
    ),
    Occasion.RELEASED: Hearing(
        (*_ALL_OF_IT, _P.ABLE), "{kind}: {by} released it", "It is in review; its lock begins anew."
    ),
    Occasion.STALE: Hearing(
        (_P.AUTHOR, _P.SIGNERS, _P.CONCERNED), "{kind}: what it starts from has moved",
        "Rebase it, and it is reviewed again with a new effect.", mailed=True,
    ),
    Occasion.EXPIRED: Hearing(_ALL_OF_IT, "{kind}: it has expired", "Propose it again.", mailed=True, open_end=False),
    Occasion.WITHDRAWN: Hearing(
        (_P.CONCERNED, _P.SIGNERS, _P.ADMINS), "{kind}: {by} withdrew it", "There is nothing to do.", open_end=False
    ),
    Occasion.EXECUTED: Hearing(
        _EFFECT, "{kind}: it is in force", "Its page says how long it can be reverted.", mailed=True, open_end=False
    ),
    Occasion.FAILED: Hearing(
        (*_ALL_OF_IT, _P.EXECUTORS), "{kind}: it could not be carried out", "It had no effect. Its page says why.",
        mailed=True, actor_too=True,
    ),
    Occasion.REVERTED: Hearing(_EFFECT, "{kind}: {by} applied the way back", _LOOK, mailed=True, open_end=False),
    Occasion.CONTAINED: Hearing(
        (_P.CONCERNED, _P.DECIDERS, _P.ADMINS, _P.MEMBERS), "{kind}: {by} stopped it at once, without a quorum",
        "It lasts until a change lifts it.", mailed=True,
    ),
    Occasion.FOUNDING_SIGNED: Hearing(
        (_P.NAMED,), "{kind}: {by} signed the genesis", "Compare its fingerprint aloud, then sign it.", mailed=True
    ),
    Occasion.FOUNDED: Hearing(
        (_P.NAMED,), "{kind}: this deployment is founded", "From now on it takes signed changes.", mailed=True,
        open_end=False,
    ),
    Occasion.EMERGENCY_DECLARED: Hearing(
        _EVERYBODY, "{kind}: {by} declares an emergency", "It is applied when a second person acknowledges it.",
        mailed=True,
    ),
    Occasion.EMERGENCY_APPLIED: Hearing(
        (*_EVERYBODY, _P.MEMBERS), "{kind}: an emergency was applied without waiting",
        "Ratify it within 72 hours, or it is undone.", mailed=True,
    ),
    Occasion.RATIFIED: Hearing(_EVERYBODY, "{kind}: the emergency is ratified", _LOOK, mailed=True, open_end=False),
    Occasion.LAPSED: Hearing(
        _EVERYBODY, "{kind}: the emergency lapsed without being ratified",
        "Its page says whether its effect was undone. Its incident stays open until somebody closes it.", mailed=True,
    ),
    Occasion.ENDS_SOON: Hearing(
        (_P.AUTHOR, _P.EXECUTORS), "{kind}: its life ends soon", "After that nobody can carry it out.", mailed=True
    ),
    Occasion.RATIFY_SOON: Hearing(
        _EVERYBODY, "{kind}: it is undone soon unless it is ratified", "Approve it to ratify it.", mailed=True
    ),
    Occasion.FREEZE_LASTS: Hearing(
        (_P.ADMINS, _P.MEMBERS), "{kind}: it has lasted for more than 72 hours", _THAW, mailed=True
    ),
    Occasion.FREEZE_STILL: Hearing(
        (_P.DECIDERS, _P.ADMINS, _P.MEMBERS), "{kind}: it still stands, another day on", _THAW, mailed=True
    ),
}  # fmt: skip
"""Every occasion has a row."""

_OPEN: Final = frozenset({State.IN_REVIEW})
STILL: Final[dict[Occasion, frozenset[State]]] = {
    Occasion.SUBMITTED: LIVE,
    Occasion.EDITED: LIVE,
    Occasion.ASKED: _OPEN,
    Occasion.UNANSWERED: _OPEN,
    Occasion.READY: frozenset({State.TIMELOCKED}),
    Occasion.ENDS_SOON: LIVE,
    Occasion.RATIFY_SOON: frozenset({State.APPLIED_PROVISIONAL}),
    Occasion.FOUNDING_SIGNED: frozenset({State.DRAFT}),
}
"""What asks for something is told only while the change is in one of these states: else it was overtaken."""
