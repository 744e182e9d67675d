"""Platform operators, witness operators and EvidenceOS' operators are three things: the word never stands alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from governance.change.types import TYPES
from ledger.errors import LedgerError

ROOT = Path(__file__).resolve().parents[3]
CODE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|<[^>]*>", re.DOTALL)
ALONE = re.compile(
    r"(?<!platform )(?<!platform's )(?<!witness )(?<!EvidenceOS )\boperators?\b(?! record)", re.IGNORECASE
)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_in_no_template(path: Path) -> None:
    assert ALONE.findall(CODE.sub(" ", path.read_text())) == []


def test_in_the_words_of_no_kind() -> None:
    assert [one.words for one in TYPES if ALONE.search(one.words)] == []


def refusals(base: type[LedgerError] = LedgerError) -> Iterator[type[LedgerError]]:
    for one in base.__subclasses__():
        yield one
        yield from refusals(one)


def test_in_no_next_step() -> None:
    assert [one.default_next for one in refusals() if ALONE.search(one.default_next)] == []
