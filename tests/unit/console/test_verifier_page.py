"""The verifier for browsers: one document with the same bytes each time, reaching nothing, and in Python's words."""

from __future__ import annotations

import hashlib
import json
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from console import verifier_page
from console.verifier_page import NotEmbeddable, build
from tests.support import verifier_tables

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = sorted((ROOT / "static/js/verify").glob("*.js"))
REACHES = re.compile(
    r"\bfetch\(|XMLHttpRequest|sendBeacon|WebSocket|EventSource|importScripts|\beval\(|innerHTML|https?://(?!www\.w3\.org/2000/svg)"
)


def test_the_same_sources_give_the_same_bytes() -> None:
    assert build() == build()


def test_the_document_allows_its_one_script_by_hash_and_no_connection() -> None:
    text = build().decode()
    assert text.count("<script>") == 1
    assert "connect-src 'none'" in text
    pinned = re.search(r"script-src 'sha256-([^']+)' blob:;", text)
    script = text.partition("<script>")[2].partition("</script>")[0]
    assert pinned
    assert pinned[1] == verifier_page._pin(script).removeprefix("sha256-")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_of_it_can_reach_anything(script: Path) -> None:
    assert REACHES.findall(script.read_text()) == []
    assert len(script.read_text().splitlines()) <= 400


def test_every_script_is_in_the_document() -> None:
    text = build().decode()
    assert [script.name for script in SCRIPTS if f'sources["{script.name}"]' not in text] == []


def test_an_import_that_cannot_be_embedded_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifier_page, "_file", lambda _path: 'import x from "elsewhere";\n')
    with pytest.raises(NotEmbeddable):
        build()


def test_codes_and_steps_are_those_of_the_python_verifier() -> None:
    assert verifier_tables.TABLES.read_text(encoding="utf-8") == verifier_tables.text()


def test_the_command_writes_it_and_tells_its_digest(tmp_path: Path) -> None:
    told = StringIO()
    call_command("verifier_page_build", "--out", str(tmp_path / "page.html"), "--json", stdout=told)
    data = (tmp_path / "page.html").read_bytes()
    assert json.loads(told.getvalue())["sha256"] == hashlib.sha256(data).hexdigest()
    assert data == build()
