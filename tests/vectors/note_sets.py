"""The published sets for notes, policies, proofs and envelopes, where the folder is there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

FOLDER: Final = Path(__file__).resolve().parents[3] / "shared" / "vectors"


def folder(name: str) -> Path:
    """The folder of one set; skips the calling test where it is absent."""
    path = FOLDER / name
    if not path.is_dir():
        pytest.skip(f"the set {name} is not beside this repository")
    return path


def json_set(name: str, file: str) -> Any:
    return json.loads((folder(name) / file).read_text())
