"""Published proof texts: written byte for byte, and refused where upstream refuses."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest

from ledger.core.proof import TlogProof, parse_proof
from ledger.core.types import Hash, LeafIndex
from ledger.errors import ProofMalformed
from tests.vectors.note_sets import json_set


@pytest.fixture
def given() -> Any:
    return json_set("tlog-proof", "formats.json")


@pytest.mark.optional
def test_good_proofs_are_written_and_read_byte_for_byte(given: Any) -> None:
    for case in given["marshal"]:
        hashes = tuple(Hash(b64decode(text)) for text in case["hashes"])
        extra = b64decode(case["extra"]) if case["extra"] else None
        proof = TlogProof(LeafIndex(case["index"]), hashes, case["checkpoint"].encode(), extra)
        assert proof.to_bytes() == case["text"].encode()
        assert parse_proof(case["text"].encode()) == proof
    assert len(given["marshal"]) == 3


@pytest.mark.optional
def test_bad_proofs_are_refused(given: Any) -> None:
    for case in given["reject"]:
        with pytest.raises(ProofMalformed):
            parse_proof(case["text"].encode())
    assert len(given["reject"]) == 8


@pytest.mark.optional
def test_the_example_of_the_specification_is_read() -> None:
    text = json_set("signed-note", "c2sp-spec-examples.json")["tlog_proof_example_sigs_elided"]
    proof = parse_proof(text.encode())
    assert (proof.index, len(proof.hashes)) == (73894, 5)
    assert proof.to_bytes() == text.encode()
