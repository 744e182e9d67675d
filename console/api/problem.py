"""A row of the table of problems (RFC 9457)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One row of the table. `next` and `path` are what a caller reads when nothing more precise is known."""

    code: str
    status: int
    title: str
    next: str
    path: str = "$"
