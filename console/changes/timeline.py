"""What happened to a change, the newest first; each entry that stands in `_governance/changes` names its leaf."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.urls import reverse

if TYPE_CHECKING:
    from governance.change.selectors.changes import ChangeView, WordView

_SAID = {
    "approve": ("pass", "{} approved revision {}."),
    "reject": ("fail", "{} rejected revision {}."),
    "revoke-approval": ("stale", "{} took their approval of revision {} back."),
    "veto": ("fail", "{} vetoed revision {}."),
    "execute": ("pass", "{} signed the execution of revision {}."),
    "revert": ("stale", "{} signed the way back of revision {}."),
    "found": ("pass", "{} signed the founding."),
    "rotate-key": ("pass", "{} signed with the key that is replaced."),
    "freeze": ("fail", "{} froze execution."),
    "revoke-key": ("fail", "{} took the key's power away."),
    "emergency": ("stale", "{} declared an emergency over revision {}."),
    "ack-emergency": ("pass", "{} acknowledged the emergency over revision {}."),
}
_OTHER = ("not_evaluated", "{} signed over revision {}.")


def timeline(change: ChangeView, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Revisions, words, comments and holds in one order."""
    found = [*_revisions(change, names), *_words(change, names), *_talk(change, names)]
    return sorted(found, key=_place, reverse=True)


def _place(entry: dict[str, Any]) -> tuple[int, int]:
    """Words are kept to the second: within one, those of the record come after what they speak of."""
    return int(entry["when"].timestamp()), int(entry.get("index", -1))


def _revisions(change: ChangeView, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for one in change.revisions:
        who = names.get(one.by, one.by)
        what = (
            f"{who} drafted it."
            if one.number == 1
            else f"{who} wrote revision {one.number}; every signature before fell."
        )
        yield {"state": "not_evaluated", "what": what, "who": one.reason, "when": one.made}


def _words(change: ChangeView, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for one in change.words:
        state, sentence = _SAID.get(one.verb, _OTHER)
        what = sentence.format(names.get(one.person, one.person), one.revision)
        yield {"state": state, "what": what, "who": f"short code {one.code}", "when": one.at, **_leaf(one)}


def _leaf(word: WordView) -> dict[str, Any]:
    return {"index": word.index, "href": reverse("event", args=("_governance", "changes", word.index))}


def _talk(change: ChangeView, names: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for one in change.comments:
        who = names.get(one.by, one.by)
        yield {
            "state": "not_evaluated",
            "what": f"{who}: {one.text}",
            "who": f"over revision {one.revision}",
            "when": one.at,
        }
    for held in change.holds:
        who = names.get(held.by, held.by)
        yield {"state": "stale", "what": f"{who} held it: {held.reason}", "who": "", "when": held.at}
        if held.released is not None:
            released_by = names.get(held.released_by or "", held.released_by or "")
            yield {"state": "not_evaluated", "what": f"{released_by} released it.", "who": "", "when": held.released}
