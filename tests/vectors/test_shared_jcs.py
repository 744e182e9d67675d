"""The RFC 8785 set of cyberphone/json-canonicalization, whole."""

from __future__ import annotations

import pytest

from ledger.core.canonical import canonical, canonical_pure, parse_canonical
from ledger.core.strict_json import parse
from tests.vectors.shared import SHARED, missing

pytestmark = [
    pytest.mark.optional,
    pytest.mark.skipif(missing("jcs"), reason="the set is not beside the repository"),
]

NAMES = ("arrays", "french", "structures", "unicode", "values", "weird")
FOLDER = SHARED / "jcs" / "testdata"


@pytest.mark.parametrize("name", NAMES)
def test_the_output_is_reached_byte_for_byte(name: str) -> None:
    value = parse((FOLDER / "input" / f"{name}.json").read_bytes())
    expected = (FOLDER / "output" / f"{name}.json").read_bytes()
    assert canonical(value) == canonical_pure(value) == expected
    assert parse_canonical(expected) == value


@pytest.mark.parametrize("name", NAMES)
def test_the_output_has_the_published_bytes(name: str) -> None:
    published = bytes.fromhex((FOLDER / "outhex" / f"{name}.txt").read_text())
    assert canonical(parse((FOLDER / "input" / f"{name}.json").read_bytes())) == published
