"""Commits become events with pseudonyms; a folder without history is told so."""

from __future__ import annotations

import subprocess
from pathlib import Path

from console.demo.sources.git_history import find_commits, pseudonym
from ledger.core.strict_json import parse

KEY = bytes(32)
PERSON = ("-c", "user.name=Ada", "-c", "user.email=Ada@example.org", "-c", "commit.gpgsign=false")


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _repository(folder: Path) -> list[str]:
    _git(folder, "init", "-q")
    for subject in ("first: begin", "second: über \x1f odd"):
        _git(folder, *PERSON, "commit", "-q", "--allow-empty", "-m", subject)
    return _git(folder, "log", "--reverse", "--format=%H").splitlines()


def test_each_commit_is_one_event_oldest_first_under_its_own_hash(tmp_path: Path) -> None:
    hashes = _repository(tmp_path)
    found = find_commits(tmp_path, KEY)
    assert [event.id for event in found.events] == hashes
    said = parse(found.events[1].payload)
    assert isinstance(said, dict)
    assert said["parents"] == [hashes[0]]
    assert said["subject"] == "second: über \x1f odd"
    assert found.sentence == "2 commits of this checkout"


def test_authors_appear_under_a_pseudonym_that_needs_the_key(tmp_path: Path) -> None:
    _repository(tmp_path)
    payloads = b"".join(event.payload for event in find_commits(tmp_path, KEY).events)
    assert b"example.org" not in payloads
    assert b"Ada" not in payloads
    assert pseudonym("Ada@example.org", KEY).encode() in payloads
    assert pseudonym("ada@example.org", KEY) != pseudonym("ada@example.org", b"\1" * 32)


def test_a_folder_without_git_says_so_and_gives_nothing(tmp_path: Path) -> None:
    found = find_commits(tmp_path, KEY)
    assert found.events == ()
    assert found.sentence == "no history: this folder is not a git checkout"


def test_a_repository_without_commits_says_what_git_said(tmp_path: Path) -> None:
    _git(tmp_path, "init", "-q")
    found = find_commits(tmp_path, KEY)
    assert found.events == ()
    assert found.sentence.startswith("no history: git said")
