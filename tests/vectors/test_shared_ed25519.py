"""Wycheproof's Ed25519 set, whole, against both implementations."""

from __future__ import annotations

import json

import pytest

from ledger.core.ed25519 import verify, verify_pure
from tests.vectors.shared import SHARED, missing

pytestmark = [
    pytest.mark.optional,
    pytest.mark.skipif(missing("wycheproof-ed25519"), reason="the set is not beside the repository"),
]

FILE = SHARED / "wycheproof-ed25519" / "testvectors_v1" / "ed25519_test.json"


def cases() -> list[tuple[int, bytes, bytes, bytes, bool]]:
    return [
        (
            test["tcId"],
            bytes.fromhex(group["publicKey"]["pk"]),
            bytes.fromhex(test["msg"]),
            bytes.fromhex(test["sig"]),
            test["result"] == "valid",
        )
        for group in json.loads(FILE.read_bytes())["testGroups"]
        for test in group["tests"]
    ]


def test_every_case_is_decided_as_published() -> None:
    found = cases()
    assert len(found) == 151
    wrong = [
        number
        for number, public, message, signature, valid in found
        if verify(public, message, signature) is not valid or verify_pure(public, message, signature) is not valid
    ]
    assert wrong == []
