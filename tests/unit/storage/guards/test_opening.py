"""A guard is opened by its URL; every code of the recovery table has its error."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.core import recovery
from ledger.errors import FatalError, RequestError
from ledger.storage.guards import FileGuard, MemoryGuard, open_guard
from ledger.storage.guards.errors import BY_CODE, HeadGuardCorrupt, HeadGuardUnreachable

CODES = {value for name, value in vars(recovery).items() if name.startswith("GUARD_")} | {recovery.INTEGRITY}
PASSING = {recovery.GUARD_UNREACHABLE, recovery.GUARD_BEHIND}


def test_files_and_memory_are_opened_by_url(tmp_path: Path) -> None:
    FileGuard.initialise(tmp_path)
    opened = open_guard(f"file://{tmp_path}")
    assert isinstance(opened, FileGuard)
    assert opened.root == tmp_path
    assert isinstance(open_guard("memory:"), MemoryGuard)


@pytest.mark.parametrize("url", ["", "files:///x", "/var/guard", "http://guard"])
def test_any_other_url_is_refused(url: str) -> None:
    with pytest.raises(HeadGuardUnreachable):
        open_guard(url)


def test_every_code_has_its_error_and_only_what_passes_by_itself_is_refused() -> None:
    assert set(BY_CODE) == CODES
    assert {code for code, error in BY_CODE.items() if issubclass(error, RequestError)} == PASSING
    assert all(issubclass(BY_CODE[code], FatalError) for code in CODES - PASSING)


def test_a_damaged_document_in_memory_is_corrupt(origin: str) -> None:
    guard = MemoryGuard()
    guard.held[origin] = b"{}"
    with pytest.raises(HeadGuardCorrupt):
        guard.read(origin)
