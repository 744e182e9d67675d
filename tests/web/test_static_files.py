"""Vendored files are the ones that were locked; nothing is inline; words keep their tone."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import django_htmx
import pytest

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "static" / "vendor"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
ONE_FILE = ROOT / "templates" / "sign" / "saved.html"
"""Saved and opened with the network off: script and style stand in it, and its own policy pins both by their hashes."""
INLINE = re.compile(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:", re.IGNORECASE)
TONE = re.compile(r"successfully|please|oops|!\s*<", re.IGNORECASE)


def locked() -> dict[str, str]:
    lines = (VENDOR / "vendor.lock").read_text().splitlines()
    rows = [line.split(maxsplit=2) for line in lines if not line.startswith("#")]
    return {name: digest for digest, name, _ in rows}


def test_every_vendored_file_is_the_locked_one() -> None:
    found = {
        file.name: hashlib.sha256(file.read_bytes()).hexdigest()
        for file in VENDOR.iterdir()
        if file.name != "vendor.lock"
    }
    assert found == locked()


def test_htmx_is_the_copy_that_its_package_carries() -> None:
    packaged = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.min.js"
    assert hashlib.sha256(packaged.read_bytes()).hexdigest() == locked()["htmx-2.0.10.min.js"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_nothing_is_inline_and_nothing_shouts(template: Path) -> None:
    text = template.read_text()
    assert template == ONE_FILE or not INLINE.search(text)
    assert not TONE.search(text.replace("<!doctype", "").replace("<!--", ""))
    assert len(text.splitlines()) <= 150


def test_styles_reach_for_nothing_outside() -> None:
    for sheet in (ROOT / "static" / "css").glob("*.css"):
        text = sheet.read_text()
        assert "url(" not in text, sheet
        assert "@import" not in text, sheet
        assert "!important" not in text, sheet
        assert len(text.splitlines()) <= 400, sheet


def _with_parts(page: Path) -> str:
    """A page's text, and that of the parts that it includes itself."""
    text = page.read_text()
    parts = re.findall(r'{% include "([^"]+)"', text)
    return text + "".join(Path("templates", part).read_text() for part in parts)


def test_a_page_whose_parts_are_fetched_loads_what_fetches_them() -> None:
    pages = [path for path in Path("templates").rglob("*.html") if "{% extends" in path.read_text()]
    fetching = [path for path in pages if re.search(r"\bhx-(get|post)=", _with_parts(path))]
    assert len(fetching) >= 2
    shown = Path("templates/components/index.html")  # the parts are only looked at there
    assert [path for path in fetching if "vendor/htmx" not in path.read_text()] == [shown]
