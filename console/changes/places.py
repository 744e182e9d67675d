"""The places that a rule asks to be filled: who signed, and who could sign now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from console import words
from console.changes.rule_words import need_words
from governance.change.core.states import State

if TYPE_CHECKING:
    from governance.change.core.quorum import Slot
    from governance.change.selectors.changes import ChangeView, WordView
    from governance.change.selectors.standing import Standing

_MOST_NAMED = 5
_LATER = {
    State.STALE: "Can sign once it is rebased",
    State.HELD: "Can sign once it is released",
}
_DECLARED = {
    "offline": "offline file (declared)",
    "passkey": "passkey (declared)",
    "passphrase": "passphrase (declared)",
    "demo": "demo key, known to everybody",
}


def places(change: ChangeView, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """One entry for each place, the filled ones with their signature."""
    stands = change.standing
    if stands is None:
        return [_filled_card(word, change, names, "") for word in approvals(change)]
    said = {word.person: word for word in approvals(change)}
    told = [_place(slot, stands, said, change, names) for slot in stands.quorum.slots]
    return _with_asks(told, change, names) if change.listed.state is State.IN_REVIEW else told


def _with_asks(told: list[dict[str, Any]], change: ChangeView, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Whom one may ask, each person at the first place that they could fill; and whoever was asked before."""
    asked = {one.person: one for one in change.asks if one.revision == change.listed.revision}
    named = set[str]()
    for place in told:
        able = [one for one in place.get("able", ()) if one not in named]
        named |= set(able)
        place["askable"] = [(one, names.get(one, one)) for one in able if one not in asked][:_MOST_NAMED]
        place["asked"] = [(names.get(one, one), asked[one]) for one in able if one in asked]
    return told


def approvals(change: ChangeView) -> list[WordView]:
    """The approvals of the revision that counts, the last of each person."""
    last = {one.person: one for one in change.words if one.verb == "approve"}
    return [one for one in last.values() if one.revision == change.listed.revision]


def _place(
    slot: Slot, stands: Standing, said: Mapping[str, WordView], change: ChangeView, names: Mapping[str, str]
) -> dict[str, Any]:
    if slot.person is not None and slot.person in said:
        return _filled_card(said[slot.person], change, names, slot.group)
    able = [names.get(one, one) for one in slot.could]
    named = words.listed(able[:_MOST_NAMED])
    rest = (
        f" and {words.counted(len(able) - _MOST_NAMED, 'more person', 'more people')}"
        if len(able) > _MOST_NAMED
        else ""
    )
    rule = next(
        (f"The rule asks for {need_words(need)}." for need in stands.rule.needs if need.group == slot.group), ""
    )
    why = "everybody in this group wrote it, is concerned, cools down or has no active key"
    return {
        "group": slot.group, "person": None, "able": slot.could, "could": named + rest, "why": why, "rule": rule,
        "can": _LATER.get(change.listed.state, "Can sign now"),
    }  # fmt: skip


def _filled_card(word: WordView, change: ChangeView, names: Mapping[str, str], group: str) -> dict[str, Any]:
    return {
        "group": group or "this change",
        "person": names.get(word.person, word.person),
        "key": f"decision key {word.kid[:8]}",
        "custody": _custody(word, change),
        "revision": word.revision,
        "when": word.at,
        "code": word.code,
        "index": word.index,
    }


def _custody(word: WordView, change: ChangeView) -> str:
    approver = (change.standing.people if change.standing is not None else change.people).get(word.person)
    key = approver.key(word.kid) if approver is not None else None
    return _DECLARED[key.custody.value] if key is not None else ""
