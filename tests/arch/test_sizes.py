"""Small files, small functions, small templates; and no silenced check without its code and its reason."""

from __future__ import annotations

import ast
import re
import tokenize
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE, LONGEST_FUNCTION, LONGEST_TEMPLATE = 400, 40, 150
PLACES = ("ledger", "governance", "console", "tests", "bench")
SILENCED = re.compile(r"#\s*(noqa|type:\s*ignore|nosec)\b")
CODE = r"(?:noqa: [A-Z]+\d+(?:, ?[A-Z]+\d+)*|type: ignore\[[a-z-]+(?:, ?[a-z-]+)*\]|nosec B\d+)"
REASONED = re.compile(rf"#\s*{CODE}\s+\S.*\w")


def sources() -> Iterator[Path]:
    files = chain.from_iterable((ROOT / place).rglob("*.py") for place in PLACES)
    return (path for path in chain([ROOT / "manage.py"], files) if "__pycache__" not in path.parts)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def silenced_without_reason(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            careless = SILENCED.search(token.string) and not REASONED.search(token.string)
            if token.type == tokenize.COMMENT and careless:
                yield f"{name(path)}:{token.start[0]} {token.string}"


def test_no_file_is_longer_than_400_lines() -> None:
    long = [name(path) for path in sources() if len(path.read_text().splitlines()) > LONGEST_FILE]
    assert long == []


def test_no_function_is_longer_than_40_lines() -> None:
    long = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path in sources()
        for node in functions(ast.parse(path.read_text()))
        if (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_template_is_longer_than_150_lines() -> None:
    templates = [path for path in (ROOT / "templates").rglob("*") if path.is_file()]
    assert [name(path) for path in templates if len(path.read_text().splitlines()) > LONGEST_TEMPLATE] == []


def test_no_check_is_silenced_without_its_code_and_a_reason() -> None:
    assert list(chain.from_iterable(map(silenced_without_reason, sources()))) == []


@pytest.mark.parametrize("package", ["ledger", "governance"])
def test_every_module_says_what_it_guarantees(package: str) -> None:
    mute = [
        name(path)
        for path in (ROOT / package).rglob("*.py")
        if "migrations" not in path.parts
        and path.read_text().strip()
        and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert mute == []
