"""The inclusion and consistency sets of transparency-dev/merkle, whole."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from ledger.core.merkle import verify_consistency, verify_inclusion
from ledger.core.types import Hash
from ledger.errors import LedgerError
from tests.vectors.shared import SHARED, missing

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.optional,
    pytest.mark.skipif(missing("merkle"), reason="the set is not beside the repository"),
]

FOLDER = SHARED / "merkle" / "testdata"
CASES = {"inclusion": 98, "consistency": 98}

# Decided otherwise on purpose; docs/vectors.md says why.
ROOTS_OF_12_BYTES = "sizes-are-equal-one-and-proof-is-empty"


def cases(kind: str) -> list[Path]:
    return sorted((FOLDER / kind).rglob("*.json"))


def hashes(values: list[str] | None) -> list[Hash]:
    return [Hash(base64.b64decode(value)) for value in values or []]


def inclusion_verifies(case: dict[str, Any]) -> bool:
    leaf, root = hashes([case["leafHash"] or "", case["root"] or ""])
    try:
        verify_inclusion(case["leafIdx"], case["treeSize"], leaf, hashes(case["proof"]), root)
    except LedgerError:
        return False
    return True


def consistency_verifies(case: dict[str, Any]) -> bool:
    old, new = hashes([case["root1"] or "", case["root2"] or ""])
    try:
        verify_consistency(case["size1"], case["size2"], hashes(case["proof"]), old, new)
    except LedgerError:
        return False
    return True


@pytest.mark.parametrize("kind", CASES)
def test_the_set_is_whole(kind: str) -> None:
    assert len(cases(kind)) == CASES[kind]


@pytest.mark.parametrize("file", cases("inclusion"), ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_inclusion_is_decided_as_published(file: Path) -> None:
    case = json.loads(file.read_bytes())
    assert inclusion_verifies(case) is not case["wantErr"]


@pytest.mark.parametrize("file", cases("consistency"), ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_consistency_is_decided_as_published(file: Path) -> None:
    case = json.loads(file.read_bytes())
    if file.stem == ROOTS_OF_12_BYTES:
        assert len(base64.b64decode(case["root1"])) == 12
        assert not consistency_verifies(case)
    else:
        assert consistency_verifies(case) is not case["wantErr"]
