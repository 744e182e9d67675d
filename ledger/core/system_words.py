"""What a system event is searched by: who, code, request, its words, and one line that tells it. Never evidence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ledger.core.types import JSON, JSONObject

LONGEST_WORD = 128
MOST_WORDS = 200
LONGEST_SUMMARY = 512
_PART = re.compile(r"[^0-9a-z]+")
_TOLD_ELSEWHERE = frozenset({"actor", "code", "request_id"})


@dataclass(frozen=True, slots=True)
class SystemWords:
    """The columns of one event; texts that its payload does not have are empty."""

    actor: str
    code: str
    request: str
    summary: str
    words: tuple[str, ...]


def system_words(kind: str, payload: JSONObject) -> SystemWords:
    """Read them from the type and the payload of an event; an erased or altered payload is `{}`."""
    found = dict.fromkeys(word for text in (kind, *_texts(payload)) for word in words_of(text))
    return SystemWords(
        actor=_short(payload, "actor", 128),
        code=_short(payload, "code", 64),
        request=_short(payload, "request_id", 64),
        summary=_summary(payload),
        words=tuple(found)[:MOST_WORDS],
    )


def words_of(text: str) -> list[str]:
    """A text as a whole, and its parts between whatever is no letter and no digit; in lower case."""
    whole = text.strip().lower()[:LONGEST_WORD]
    parts = [part for part in _PART.split(whole) if part]
    return [word for word in dict.fromkeys([whole, *parts]) if word]


def _texts(value: JSON) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif value is not None:
        yield str(value).lower() if isinstance(value, bool) else str(value)


def _short(payload: JSONObject, name: str, most: int) -> str:
    value = payload.get(name)
    return value[:most] if isinstance(value, str) else ""


def _summary(payload: JSONObject) -> str:
    told = [f"{name} {_told(value)}" for name, value in payload.items() if name not in _TOLD_ELSEWHERE]
    return "; ".join(told)[:LONGEST_SUMMARY]


def _told(value: JSON) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_told(inner)}" for name, inner in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(_told(inner) for inner in value) or "none"
    return "none" if value is None else str(value)
