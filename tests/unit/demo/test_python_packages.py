"""The inventory says what RECORD says, for every file, and nothing more."""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import Distribution, PathDistribution, distribution
from pathlib import Path

import pytest

from console.demo.sources.python_packages import find_files
from ledger.core.strict_json import parse

RECORD = """thing/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0
thing/__pycache__/__init__.cpython-311.pyc,,
"thing/a, b.txt",sha256=ypeBEsobvcr6wjGzmiPcTaeG7_gUfE5yuYB3ha_uSLs,1
thing/odd.bin,sha512=AAAA,4
thing-1.0.dist-info/RECORD,,
"""


@pytest.fixture
def installed(tmp_path: Path) -> Distribution:
    """A package whose RECORD we wrote ourselves."""
    info = tmp_path / "thing-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Thing\nVersion: 1.0\n")
    (info / "RECORD").write_text(RECORD)
    (tmp_path / "thing").mkdir()
    for name in ("__init__.py", "a, b.txt", "odd.bin"):
        (tmp_path / "thing" / name).write_text("")
    return PathDistribution(info)


def test_each_line_of_record_is_one_event_with_digest_and_size(installed: Distribution) -> None:
    told = _by_path(installed)
    assert told["thing/__init__.py"]["sha256"] == sha256(b"").hexdigest()
    assert told["thing/a, b.txt"]["sha256"] == sha256(b"a").hexdigest()
    assert told["thing/a, b.txt"]["size"] == 1
    assert {said["package"] for said in told.values()} == {"Thing"}


def test_a_file_without_a_sha256_in_record_says_null_and_is_kept(installed: Distribution) -> None:
    told = _by_path(installed)
    assert told["thing/odd.bin"]["sha256"] is None
    assert told["thing-1.0.dist-info/RECORD"]["sha256"] is None


def test_reading_twice_gives_the_same_ids_and_a_second_copy_counts_once(installed: Distribution) -> None:
    once, twice = find_files([installed]), find_files([installed, installed])
    assert once.events == twice.events
    assert len({event.id for event in once.events}) == len(once.events)


def test_subjects_are_package_urls_with_the_file_as_subpath(installed: Distribution) -> None:
    subjects = [event.subject for event in find_files([installed]).events]
    assert "pkg:pypi/thing@1.0#thing/a%2C%20b.txt" in subjects


def test_the_packages_of_this_interpreter_give_thousands_of_events() -> None:
    django = distribution("django")
    found = find_files([django])
    assert len(found.events) == len(django.files or [])
    assert len(found.events) > 1_000
    assert found.sentence.endswith("files of 1 installed Python packages")


def _by_path(installed: Distribution) -> dict[str, dict[str, object]]:
    every = [_facts(event.payload) for event in find_files([installed]).events]
    return {str(said["path"]): said for said in every}


def _facts(payload: bytes) -> dict[str, object]:
    value = parse(payload)
    assert isinstance(value, dict)
    return dict(value)
