"""The first line of a change's page: where it stands and whom it waits for, in one sentence or two."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from console import words
from console.changes.places import places
from console.changes.rule_words import executor_words
from governance.change.core.policy_text import rule_of
from governance.change.core.states import State
from governance.change.types.genesis import GENESIS

if TYPE_CHECKING:
    from governance.change.selectors.changes import ChangeView
    from governance.change.selectors.last_moment import FreezeView

_STALE = "Stale: what it starts from is no longer what is there. Rebase it, and it is reviewed again with a new effect."
_ENDING = {State.VETOED: ("veto",), State.REJECTED: ("reject",)}
_UNLOCKED = "It was approved, but the quorum stands no more: it goes back into review with the next step."


def answer(change: ChangeView, names: Mapping[str, str], now: datetime, frozen: FreezeView | None = None) -> str:
    """What one wants to know first; `frozen` is the freeze over it."""
    return _Answer(change, names, now, frozen).told


@dataclass(frozen=True, slots=True)
class _Answer:
    change: ChangeView
    names: Mapping[str, str]
    now: datetime
    frozen: FreezeView | None

    @property
    def told(self) -> str:
        return self.BY_STATE.get(self.change.listed.state, _Answer._ended)(self)

    def _draft(self) -> str:
        if self.change.listed.type == GENESIS:
            return self._founding()
        if self.change.reverts is not None:
            told = "A way back that was signed with the change."
            if self.frozen is not None:
                return f"{told} Execution is frozen: nobody can apply it until a change thaws it."
            return f"{told} One executor applies it by signing; no lock waits."
        return f"A draft by {self._name(self.change.listed.author)}. Nobody is asked to sign it before it is submitted."

    def _founding(self) -> str:
        words = self.change.words
        given = {one.person for one in words if one.verb == "found" and one.revision == self.change.listed.revision}
        asked = rule_of(self.change.current.rule).people
        return (
            f"The founding: {len(given)} of {asked} signatures are given. Whoever it names can sign. "
            "Read the fingerprints of the keys aloud and compare them first."
        )

    def _review(self) -> str:
        stands = self.change.standing
        slots = stands.quorum.slots if stands is not None else ()
        filled = sum(slot.person is not None for slot in slots)
        told = f"In review: {filled} of {len(slots)} approvals are given."
        if stands is not None and stands.quorum.lacks_offline:
            return f"{told} One signature must come from a key that no browser page holds."
        open_places = [place for place in places(self.change, self.names) if place["person"] is None]
        able = sorted({place["could"] for place in open_places if place["could"]})
        return f"{told} Can sign now: {'; '.join(able)}." if able else f"{told} Nobody can fill the empty places now."

    def _locked(self) -> str:
        stands = self.change.standing
        if stands is None or stands.ready_at is None:
            return _UNLOCKED
        if stands.is_expired:
            return "It was approved, and its life is over: nobody can carry it out any more."
        if stands.is_ready and self.frozen is not None:
            why = self.frozen.reason.rstrip(".")
            return f"Ready, and frozen: {why}. Nobody can carry it out until a change thaws it."
        if stands.is_ready:
            return (
                f"Ready: {executor_words(stands.rule)} can carry it out until {_second(self.change.listed.not_after)}."
            )
        ready = datetime.fromtimestamp(stands.ready_at, UTC)
        return f"Approved. Its time lock is over {words.ago(ready, self.now)}, at {words.moment(ready)}."

    def _held(self) -> str:
        held = next((one for one in reversed(self.change.holds) if one.released is None), None)
        who = f"by {self._name(held.by)}: {held.reason.rstrip('.')}" if held is not None else "by a freeze"
        return f"Held {who}. Nothing happens to it until it is released; its lock then begins anew."

    def _is_stale(self) -> str:
        return _STALE

    def _applied(self) -> str:
        told = f"Applied {self._ago} by {self._name(self.change.executor or 'its executor')}."
        until = self.change.observe_until
        if self.change.undone_by is not None:
            return f"{told} It was taken back afterwards."
        if until is not None and until > self.now.timestamp() and self.change.current.way_back is not None:
            return f"{told} Until {_second(until)} one executor can revert it without a lock."
        return told

    def _provisional(self) -> str:
        until = _second(self.change.listed.not_after)
        return f"Applied in an emergency {self._ago}. Without the quorum's approvals by {until} it is taken back."

    def _ended(self) -> str:
        word = self.change.listed.state.value.replace("_", " ")
        why = f": {self.change.outcome.rstrip('.')}" if self.change.outcome else ""
        ended = [one.person for one in self.change.words if one.verb in _ENDING.get(self.change.listed.state, ())]
        by = f" by {self._name(ended[-1])}" if ended else ""
        return f"{word[:1].upper()}{word[1:]} {self._ago}{by}{why}. It had no effect."

    def _lapsed(self) -> str:
        return f"Lapsed {self._ago}: it was not ratified in time, and its effect was taken back."

    def _name(self, actor: str) -> str:
        return self.names.get(actor, actor)

    @property
    def _ago(self) -> str:
        return words.ago(self.change.listed.moved, self.now)

    BY_STATE: ClassVar[dict[State, Callable[[_Answer], str]]] = {
        State.DRAFT: _draft,
        State.IN_REVIEW: _review,
        State.TIMELOCKED: _locked,
        State.HELD: _held,
        State.STALE: _is_stale,
        State.APPLIED: _applied,
        State.APPLIED_PROVISIONAL: _provisional,
        State.RATIFIED: _applied,
        State.LAPSED: _lapsed,
    }


def _second(value: int | None) -> str:
    return words.moment(datetime.fromtimestamp(value or 0, UTC))
