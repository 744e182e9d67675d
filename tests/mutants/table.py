"""The shape of a row and the tables that hold them.

A mutant is one textual change to one file that breaks one rule; the tests named in its row must notice. Put
rows for other modules into a file `rows_<part>.py` of its own beside this one: plain tuples
`(file, old, new, test)` in a sequence called `ROWS`, where `test` is one path or a tuple of them.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Mutant:
    """`old` occurs exactly once in `file`; with `new` in its place at least one of `tests` fails."""

    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    @property
    def name(self) -> str:
        """What pytest shows: the file and the change."""
        return f"{self.file}: {self.old.strip()[:50]} -> {self.new.strip()[:50]}"


def all_rows() -> list[Mutant]:
    """Every row of every `rows_*.py` beside this file."""
    names = sorted(path.stem for path in HERE.glob("rows_*.py"))
    rows = [row for name in names for row in importlib.import_module(f"tests.mutants.{name}").ROWS]
    return [_mutant(*row) for row in rows]


def _mutant(file: str, old: str, new: str, tests: str | tuple[str, ...]) -> Mutant:
    return Mutant(file, old, new, (tests,) if isinstance(tests, str) else tuple(tests))
