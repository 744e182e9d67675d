"""The documents of the checkout as pages: CommonMark with tables, and never any HTML of their own.

Guarantees that nothing of a document becomes markup but what CommonMark makes of it: HTML is shown as text, links lead
to other documents here or to https, pictures come from docs/images alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from markdown_it.token import Token

GLOSSARY = "glossary"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,60}")
_IMAGE = re.compile(r"images/([a-z0-9-]+\.(?:png|svg))")
_ANCHOR = re.compile(r"[^\w\- ]")
_CODE = re.compile(r"[A-Za-z_][A-Za-z0-9_.:]{1,60}")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the second level, for the list at the top of a page."""

    anchor: str
    title: str


@dataclass(frozen=True, slots=True)
class HelpPage:
    """One document: its title, its sections and its HTML."""

    name: str
    title: str
    sections: tuple[Section, ...]
    html: SafeString


def names() -> list[str]:
    """Every document that there is a page for."""
    return sorted([GLOSSARY, *(path.stem for path in _docs().glob("*.md"))])


@cache
def help_page(name: str) -> HelpPage:
    """The page of a document; raises KeyError. Rendered once in each process."""
    if not _NAME.fullmatch(name) or name not in names():
        raise KeyError(name)
    reader = _reader()
    tokens = _without_empty_heads(reader.parse(_text(name)))
    for token in tokens:
        _place(token)
    sections = tuple(_headings(tokens))
    _anchor_rows(tokens)
    html = SafeString(reader.renderer.render(tokens, reader.options, {}))  # nosec B703  HTML of documents is escaped
    title = next((_text_of(tokens[at + 1]) for at, one in enumerate(tokens) if one.tag == "h1"), name)
    return HelpPage(name, title, sections, html)


def image_path(name: str) -> Path:
    """The file of a picture; raises KeyError."""
    if not _IMAGE.fullmatch(f"images/{name}") or not (path := _docs() / "images" / name).is_file():
        raise KeyError(name)
    return path


def _docs() -> Path:
    found: Path = settings.BASE_DIR / "docs"
    return found


def _text(name: str) -> str:
    if name != GLOSSARY:
        return (_docs() / f"{name}.md").read_text(encoding="utf-8")
    readme: str = (settings.BASE_DIR / "README.md").read_text(encoding="utf-8")
    return "# Glossary\n" + readme.partition("\n## Glossary\n")[2].partition("\n## ")[0]


def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _without_empty_heads(tokens: list[Token]) -> list[Token]:
    """A table needs a head in CommonMark; one without a word would be read out as nothing, so it goes."""
    kept: list[Token] = []
    head: list[Token] = []
    for token in tokens:
        if head or token.type == "thead_open":
            head.append(token)
            if token.type == "thead_close":
                kept += head if any(one.content.strip() for one in head) else []
                head = []
        else:
            kept.append(token)
    return kept


def _place(token: Token) -> None:
    """Point links and pictures where they lead from here; frame tables and code as everywhere else."""
    if token.type == "table_open":
        token.attrSet("class", "table")
    for child in token.children or ():
        if child.type == "link_open":
            child.attrSet("href", _link(str(child.attrGet("href") or "")))
        if child.type == "image":
            _picture(child)


def _link(target: str) -> str:
    """Another document's page, or the address as it is where it leads outside."""
    name, _, anchor = target.partition("#")
    part = f"#{anchor}" if anchor else ""
    if not name:
        return part
    if name.startswith("https://"):
        return target
    if name in {"../README.md", "README.md"}:
        return f"{reverse('help-page', args=(GLOSSARY,))}{'' if anchor == GLOSSARY else part}"
    known = name.removesuffix(".md")
    return f"{reverse('help-page', args=(known,))}{part}" if known in names() else reverse("help")


def _picture(child: Token) -> None:
    found = _IMAGE.fullmatch(str(child.attrGet("src") or ""))
    child.attrSet("src", reverse("help-image", args=(found[1],)) if found else "")
    child.attrSet("class", "help-picture")
    child.attrSet("loading", "lazy")


def _headings(tokens: Sequence[Token]) -> Iterator[Section]:
    for at, token in enumerate(tokens):
        if token.type == "heading_open":
            title = _text_of(tokens[at + 1])
            anchor = quote(_ANCHOR.sub("", title.lower()).replace(" ", "-"))
            token.attrSet("id", anchor)
            if token.tag == "h2":
                yield Section(anchor, title)


def _anchor_rows(tokens: Sequence[Token]) -> None:
    """Rows that begin with a name in code get it as their id, so that a page can link to one problem code."""
    seen: set[str] = set()
    for at, token in enumerate(tokens):
        if token.type != "tr_open" or at + 2 >= len(tokens):
            continue
        code = next((one.content for one in tokens[at + 2].children or () if one.type == "code_inline"), "")
        if _CODE.fullmatch(code) and code not in seen:
            token.attrSet("id", code)
            seen.add(code)


def _text_of(token: Token) -> str:
    """The words of an inline token, without marks."""
    return "".join(one.content for one in token.children or () if one.type in {"text", "code_inline"})
