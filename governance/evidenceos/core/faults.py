"""One thing that is wrong with what was read: its code, its place and what was compared.

Guarantees that a check says everything it finds, in the order in which the daemon would stumble over it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ledger.errors import LedgerError


@dataclass(frozen=True, slots=True)
class Fault:
    """`code` stands in the table of `codes.py`; `path` is a JSON path, or one behind a file's name."""

    code: str
    path: str
    message: str

    def inside(self, place: str) -> Fault:
        """The same, told from outside: `place` in front of its path."""
        return replace(self, path=f"{place} {self.path}".strip())


def fault_of(error: LedgerError, place: str = "") -> Fault:
    """A refusal of a reader as a fault."""
    reason = f": {error.why}" if error.why else ""
    return Fault(error.code, f"{place} {error.path}".strip(), f"{error.what}{reason}")
