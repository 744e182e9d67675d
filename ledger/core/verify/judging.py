"""What judges decisions: the form of the question and of the answer, and nothing of governance itself.

The judge is handed in by the door (ledger.verify), which finds it by name, because the ledger stands below governance
and knows nothing of it. Without one, decisions are `not_evaluated`, and the report says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
class Seen:
    """What the witnesses that the reader trusts say of a checkpoint of `size` leaves (POSIX seconds): a quorum of them
    had cosigned it by `by`, and none of a quorum of these cosignatures was made before `since`.
    """

    size: int
    by: int
    since: int


@dataclass(frozen=True, slots=True)
class Named:
    """A leaf of another log, `origin`, that names the change it follows; `log` is the log of decisions it names."""

    index: int
    kind: str
    origin: str
    log: str
    change: str
    fields: JSONObject


def _unread(_: str) -> Seen | None:
    return None


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around the log of decisions: its checkpoints as witnesses saw them; `read`, which says that of a
    note (None where no quorum of the reader's cosigned it); whether leaves of others are commitments here (`partial`);
    and the leaves of another log whose decisions are asked for.
    """

    seen: tuple[Seen, ...] = ()
    read: Callable[[str], Seen | None] = _unread
    partial: bool = False
    named: tuple[Named, ...] = ()


NOTHING_AROUND = Around()


@dataclass(frozen=True, slots=True)
class Objection:
    """A code, the leaf it is about, and what was compared."""

    code: str
    index: int
    words: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many decisions were judged, what was found against them, and what the reader should read in the report.

    `notes` change no outcome; `of_named` are objections about leaves of the other log.
    """

    judged: int
    objections: tuple[Objection, ...] = ()
    subject: JSONObject = field(default_factory=dict)
    notes: tuple[Objection, ...] = ()
    of_named: tuple[Objection, ...] = ()


class Judge(Protocol):
    """Judges every decision of a governance log from its first leaf on; pure, and never raises for what it reads."""

    def __call__(self, origin: str, events: Sequence[Said], around: Around = NOTHING_AROUND) -> Verdict:
        """The verdict on the log `origin`, whose events are given in their order."""
