"""var/demo.json is whole or absent, and only its owner reads it."""

from __future__ import annotations

import stat
from pathlib import Path

from console.demo.facts import DemoFacts, read_facts, write_facts

FACTS: DemoFacts = {
    "demo": True,
    "url": "http://localhost:8000",
    "host": "demo-1.localhost",
    "users": [],
    "keys": [],
    "streams": [],
    "policies": {},
    "bundles": {"stream": "", "good": "", "tampered": "", "policy": "", "trust": "", "verifier": ""},
}


def test_what_was_written_is_read_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    write_facts(path, FACTS)
    write_facts(path, {**FACTS, "url": "http://localhost:8001"})
    assert read_facts(path) == {**FACTS, "url": "http://localhost:8001"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_an_absent_or_half_written_file_is_none(tmp_path: Path) -> None:
    assert read_facts(tmp_path / "demo.json") is None
    (tmp_path / "demo.json").write_text('{"url": "http')
    assert read_facts(tmp_path / "demo.json") is None
