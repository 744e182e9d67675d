"""What judges decisions: the form of the question and of the answer, and nothing of governance itself.

The judge is handed in by the door (ledger.verify), which finds it by name, because the ledger stands below governance
and knows nothing of it. Without one, decisions are `not_evaluated`, and the report says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ledger.core.types import JSONObject


@dataclass(frozen=True, slots=True)
class Said:
    """One event of the governance log: its leaf's index, its recorded time (POSIX seconds), type, and the payload
    whose commitment was opened (None: not in the bundle, or erased); `subject` is that of its attributes, '' likewise.
    """

    index: int
    at: int
    type: str
    payload: bytes | None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Objection:
    """A problem code, the leaf it is about, and what was compared."""

    code: str
    index: int
    words: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many decisions were judged, what was found against them, and what the reader should read in the report."""

    judged: int
    objections: tuple[Objection, ...] = ()
    subject: JSONObject = field(default_factory=dict)


class Judge(Protocol):
    """Judges every decision of a governance log from its first leaf on; pure, and never raises for what it reads."""

    def __call__(self, origin: str, events: Sequence[Said]) -> Verdict:
        """The verdict on the log `origin`, whose events are given in their order."""
