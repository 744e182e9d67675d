from __future__ import annotations

from pathlib import Path

import pytest

from ledger.single_file import FILE_NAME, build
from tests.corpus.all import write_corpus


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole corpus as files."""
    folder = tmp_path_factory.mktemp("corpus")
    write_corpus(folder)
    return folder


@pytest.fixture(scope="session")
def single_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The single file, alone in a folder."""
    path = tmp_path_factory.mktemp("verifier") / FILE_NAME
    path.write_bytes(build())
    return path
