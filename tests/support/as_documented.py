"""Commands of an operator as docs/durability.md has them: what a walk runs is what a person reads."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "durability.md"
WAY_OUT, WORDS = "## The way out: a successor log", "## Words for the day"
_COMMAND = re.compile(r"`\./manage\.py ([^`]+)`")


def commands(section: str) -> list[str]:
    """Every command between backticks below that heading of the page, in order, without `./manage.py`."""
    _, found, rest = PAGE.read_text(encoding="utf-8").partition(f"{section}\n")
    assert found, f"there is no section {section}"
    return _COMMAND.findall(rest.partition("\n## ")[0])


def words_of(section: str, command: str, **given: str) -> list[str]:
    """The words of a command that stands in the section exactly so, with each of its capitals (`WHY`) as given."""
    assert command in commands(section), f"{command} is not documented in {section}"
    parts = shlex.split(command)
    assert {part for part in parts if part.isupper()} == {*given}, "every capital stands for something"
    return [given.get(part, part) for part in parts]
