"""Members of lists in governed documents, in words: a role held somewhere, a key, a range of leaves, a rule.

Guarantees that two different members never read alike where the difference is one that is signed: what has no words of
its own is told field by field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from console import words
from console.changes.rule_words import rule_sentences
from governance.change.core.policy_text import rule_of
from governance.identity.core.roles import Role
from ledger.core.canonical import canonical

if TYPE_CHECKING:
    from ledger.core.types import JSON, JSONObject

_SPAN = 2


def member_words(value: JSON, names: Mapping[str, str], field: Callable[[str, JSON], str]) -> str:
    """One member of a list; `field` tells a name and a value where nothing better is known."""
    if isinstance(value, list) and len(value) == _SPAN and all(isinstance(one, int) for one in value):
        first, last = (words.grouped(int(str(one))) for one in value)
        return f"leaf {first}" if first == last else f"leaves {first} to {last}"
    if not isinstance(value, dict):
        return field("", value)
    told = _KNOWN.get(frozenset(value))
    if told is not None:
        return told(value, names)
    return "; ".join(field(name, one) for name, one in value.items())


def twin_words(value: JSONObject, twin: JSONObject, field: Callable[[str, JSON], str]) -> str:
    """What one of two members of the same name says otherwise than the other."""
    differing = [field(name, one) for name, one in value.items() if one != twin.get(name)]
    return f"{value['name']}: {'; '.join(differing)}"


def apart(old: list[JSON], new: list[JSON]) -> tuple[list[JSON], list[JSON], int]:
    """Members that only one side has, and how many both have; everything where only the order differs."""
    before, after = ([canonical(one) for one in side] for side in (old, new))
    gone = [one for one, text in zip(old, before, strict=True) if text not in after]
    come = [one for one, text in zip(new, after, strict=True) if text not in before]
    if not gone and not come:
        return old, new, 0
    return gone, come, len(old) - len(gone)


def _role(value: JSONObject, names: Mapping[str, str]) -> str:
    place = "the platform" if value["tenant"] is None else names.get(f"tenant:{value['tenant']}", str(value["tenant"]))
    until = f", until {value['expires']}" if value["expires"] is not None else ""
    return f"{Role(str(value['role'])).words} in {place}{until}"


def _key(value: JSONObject, names: Mapping[str, str]) -> str:  # noqa: ARG001  (as the others)
    return f"{value['use']} key {value['kid']}, {value['custody']} (declared), public half {value['public']}"


def _rule(value: JSONObject, names: Mapping[str, str]) -> str:  # noqa: ARG001  (as the others)
    rule = rule_of(value)
    ways = ", ".join(one.value for one in sorted(rule.directions))
    sentences = " ".join(rule_sentences(rule))
    return f"{rule.name} ({rule.change}, where it {ways}; tier {rule.tier.name.lower()}): {sentences}"


def _need(value: JSONObject, names: Mapping[str, str]) -> str:  # noqa: ARG001  (as the others)
    return f"{words.counted(int(str(value['count'])), 'person', 'people')} of {value['group']}"


_NEED = frozenset({"count", "group"})
_ROLE = frozenset({"role", "tenant", "expires"})
_KEY = frozenset({"custody", "kid", "public", "use"})
_RULE = frozenset({
    "caps", "change", "cool_down_s", "directions", "executor", "life_s", "lock_s", "name", "needs", "observation_s",
    "offline_key", "tier",
})  # fmt: skip
_KNOWN = cast(
    "Mapping[frozenset[str], Callable[[JSONObject, Mapping[str, str]], str]]",
    {_ROLE: _role, _KEY: _key, _RULE: _rule, _NEED: _need},
)
