"""The question to the system ledger: qualifiers and free text in one line. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ledger.core.system_words import words_of
from ledger.selectors.system_facts import FactQuery

LONGEST = 512
QUALIFIERS = ("actor", "type", "code", "request", "after", "before")
_TOKEN = re.compile(r'(?:(\w+):)?"([^"]*)"|(\S+)')
_AGO = re.compile(r"(\d{1,5})(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what of it could not be understood, in words."""

    query: FactQuery
    problems: tuple[str, ...] = ()


def read(text: str, now: datetime) -> Question:
    """Read a line such as `actor:person:01a1 code:role_missing after:24h "some words"`; raises nothing."""
    told: dict[str, Any] = {}
    words, problems = list[str](), list[str]()
    for name, quoted, bare in _TOKEN.findall(text.replace("\0", "")[:LONGEST]):
        qualifier, value = (name, quoted) if quoted or name else _split(bare)
        if qualifier in {"after", "before"}:
            moment = _moment(value, now)
            problems += (
                [] if moment else [f"{qualifier}:{value} is no time. Write 2026-11-21, 2026-11-21T09:16 or 24h."]
            )
            told |= {qualifier: moment} if moment else {}
        elif qualifier in QUALIFIERS:
            told[qualifier] = value
        else:
            words += _words(f"{qualifier}:{value}" if qualifier else value)
    return Question(FactQuery(**told, words=tuple(dict.fromkeys(words))), tuple(problems))


def _split(bare: str) -> tuple[str, str]:
    name, colon, value = bare.partition(":")
    return (name.lower(), value) if colon and name.lower() in QUALIFIERS and value else ("", bare)


def _words(text: str) -> list[str]:
    """A single word as it is; several by each of them, since a phrase is not kept as one."""
    return (
        [text.strip().lower()] if len(text.split()) <= 1 else [word for part in text.split() for word in words_of(part)]
    )


def _moment(text: str, now: datetime) -> datetime | None:
    if ago := _AGO.fullmatch(text):
        return now - timedelta(**{_UNITS[ago.group(2)]: int(ago.group(1))})
    try:
        moment = datetime.fromisoformat(text.upper().replace(" UTC", "Z"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
