"""The shape of one row of the table of problem codes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """What a code does to the outcome of a verification."""

    REJECTED = "rejected"
    INCOMPLETE = "incomplete"
    NOTE = "note"
    INPUT = "input"


@dataclass(frozen=True, slots=True)
class Code:
    """A problem code: what it means, which two things were compared, and what to do next."""

    name: str
    effect: Effect
    meaning: str
    compared: str
    next: str


def rows(effect: Effect, *table: tuple[str, str, str, str]) -> tuple[Code, ...]:
    """The rows (name, meaning, compared, next) of one effect."""
    return tuple(Code(name, effect, meaning, compared, after) for name, meaning, compared, after in table)
