"""What a caller was let in by, when that was read before: asked again in the transaction of its events.

Guarantees that an append which relies on something remembered (a key in force, a stream's settings) is refused in the
transaction that would have kept its events, where what is asked then is answered otherwise: whatever was committed
before the group's lock was granted counts, as if nothing had been remembered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ledger.services.raw import RawCursor


class GroundsChanged(Exception):
    """Nothing was kept: what the caller was let in by is not what it was."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """A statement and its values, and the row that it gave when the caller was let in."""

    question: str
    values: tuple[Any, ...]
    answer: tuple[Any, ...]

    def ask(self, cursor: RawCursor) -> None:
        """Send for the row."""
        cursor.execute(self.question, self.values)

    def hold(self, cursor: RawCursor) -> bool:
        """Whether the row that was sent for is the same."""
        return cursor.fetchone() == self.answer
