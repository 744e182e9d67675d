"""What the documents say and what the code has, both as plain sets of names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PRODUCT = ("ledger", "governance", "console")
_ROW = re.compile(r"^\|(.+)\|\s*$")
_CODE = re.compile(r"`([^`]+)`")


def text_of(page: str) -> str:
    """A page below docs/, or README.md."""
    return ((ROOT if page.isupper() or page == "README.md" else DOCS) / page).read_text(encoding="utf-8")


def rows_of(page: str) -> list[list[str]]:
    """The cells of every table row of a page, without heads and rulers."""
    found = [_ROW.match(line) for line in text_of(page).splitlines()]
    cells = [[cell.strip() for cell in row[1].split(" | ")] for row in found if row]
    return [row for row in cells if not set("".join(row)) <= set("-:| ")]


def names_in(cell: str) -> list[str]:
    """Everything between backticks."""
    return _CODE.findall(cell)


def first_column(page: str) -> set[str]:
    """Names between backticks in the first cells of a page's tables."""
    return {name for row in rows_of(page) for name in names_in(row[0])}


def headings(page: str) -> set[str]:
    """Names between backticks in a page's headings."""
    return {name for line in text_of(page).splitlines() if line.startswith("#") for name in names_in(line)}


def product_files() -> Iterator[Path]:
    """Every module of the product."""
    for package in PRODUCT:
        yield from sorted((ROOT / package).rglob("*.py"))
    yield ROOT / "manage.py"


def strings_in_product(pattern: str) -> dict[str, str]:
    """Every string constant that the whole of `pattern` matches, and the first file that has it."""
    wanted, found = re.compile(pattern), dict[str, str]()
    for path in product_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and wanted.fullmatch(text):
                found.setdefault(text, str(path.relative_to(ROOT)))
    return found
