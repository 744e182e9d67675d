"""What comes of a change beside its effect: how it would be undone, what its bounds allow, when it must be signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from console import words
from console.changes.effect_card import effect_lines
from governance.change.core.policy_text import rule_of
from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.selectors.caps import caps_of
from governance.change.types import change_type
from ledger.errors import RequestError

if TYPE_CHECKING:
    from governance.change.selectors.changes import ChangeView, RevisionView
    from ledger.core.types import JSONObject


def revised(change: ChangeView, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each revision beside the one before, the newest first: what of the text changed, and what of its effect."""
    pairs = zip(change.revisions, change.revisions[1:], strict=False)
    return [_revised(old, new, names) for old, new in reversed(list(pairs))]


def _revised(old: RevisionView, new: RevisionView, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "old": old.number, "new": new.number, "by": names.get(new.by, new.by), "made": new.made,
        "text": effect_lines(old.body, new.body, names), "effect": effect_lines(old.result, new.result, names),
        "reason": new.reason if new.reason != old.reason else "",
        "rule": old.rule != new.rule, "base": old.base != new.base,
    }  # fmt: skip


def way_back(change: ChangeView, names: Mapping[str, str]) -> dict[str, Any] | None:
    """What the declared revert would do, field by field, and for how long it needs no quorum; None where none is."""
    told, revision = change.current.way_back, change.current
    if told is None:
        return None
    kind, body = change_type(str(told["type"])), cast("JSONObject", told["body"])
    try:
        lines = effect_lines(revision.result, kind.result(revision.result, body), names)
    except RequestError:
        lines = []
    span = timedelta(seconds=rule_of(revision.rule).observation_s)
    return {"words": kind.words, "lines": lines, "span": words.duration(span) if span else ""}


def caps(change: ChangeView) -> list[str]:
    """How much of each bound is used, and what this change adds."""
    if change.standing is None:
        return []
    return [
        f"{use.cap.field}: {_amount(use.used)} of {words.grouped(use.cap.amount)} used within "
        f"{words.duration(timedelta(seconds=use.cap.window_s))}; this adds {_amount(use.adds)}"
        f"{', which is too much: it would be refused' if use.is_exceeded else ''}."
        for use in caps_of(change.standing)
    ]


def _amount(value: int | None) -> str:
    return "what has no number" if value is None else words.grouped(value)


def sign_by(change: ChangeView) -> datetime | None:
    """The last moment at which the last approval still leaves time for the lock."""
    ends = change.listed.not_after
    if change.listed.state is not State.IN_REVIEW or ends is None:
        return None
    return datetime.fromtimestamp(ends - rule_of(change.current.rule).lock_s, UTC)


def in_advance(change: ChangeView, names: Mapping[str, str]) -> list[str]:
    """Names of those whose word to carry it out is kept until it is ready."""
    if change.listed.state is not State.TIMELOCKED:
        return []
    found = {
        one.person: names.get(one.person, one.person) for one in change.words
        if one.verb == Verb.EXECUTE and one.revision == change.listed.revision
    }  # fmt: skip
    return sorted(found.values())
