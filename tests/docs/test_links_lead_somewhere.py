"""Links between the documents lead to files and headings that exist; the words are those of the glossary."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.documents import DOCS, ROOT, text_of

PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")])
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_PICTURE = re.compile(r'(?:src|srcset)="([^"]+)"')
_GLOSSARY = (
    "stopped", "paused", "frozen", "suspended", "signed", "cosigned k/n", "quorate", "anchored", "witness",
    "window", "checkpoint", "receipt", "leaf", "origin", "stream", "namespace", "tenant", "bundle", "erasure",
    "commitment",
)  # fmt: skip
_NOT_OUR_WORDS = re.compile(r"\b(successfully|please|simply|oops)\b", re.IGNORECASE)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_relative_link_exists(page: Path) -> None:
    broken = [target for target in _relative(page) if not _exists(page, target)]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_page_uses_our_words(page: Path) -> None:
    assert _NOT_OUR_WORDS.findall(page.read_text()) == []


def test_every_page_is_reachable_from_the_index() -> None:
    linked = {target.partition("#")[0] for target in _relative(DOCS / "index.md")}
    assert {path.name for path in DOCS.glob("*.md")} - linked == {"index.md"}


def test_the_glossary_has_the_words_of_the_design() -> None:
    missing = [word for word in _GLOSSARY if f"**{word}**" not in text_of("README.md")]
    assert missing == []


def _relative(page: Path) -> list[str]:
    text = page.read_text()
    return [target for target in (*_LINK.findall(text), *_PICTURE.findall(text)) if "://" not in target]


def _exists(page: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    path = page.parent / name if name else page
    return path.exists() and (not anchor or anchor in _anchors(path))


def _anchors(path: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
