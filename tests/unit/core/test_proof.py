"""Proofs of one leaf: one byte form, and the leaf bound to a root that a trusted log signed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ledger.core.merkle import inclusion_proof, leaf_hash, reader_of, root
from ledger.core.proof import HEADER, MAX_EXTRA_BYTES, TlogProof, parse_proof
from ledger.core.types import Hash, LeafIndex, TreeSize
from ledger.core.witness_policy import parse_policy
from ledger.errors import (
    InclusionInvalid,
    LogSignatureWrong,
    NoteMalformed,
    ProofMalformed,
    WitnessSignatureWrong,
)
from tests.unit.core.signers import (
    LEAVES,
    LOG,
    NOW,
    ORIGIN,
    WITNESSES,
    checkpoint,
    policy_text,
    signed_checkpoint,
)

POLICY = parse_policy(policy_text())
H = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="


def proof_of(index: int, size: int = len(LEAVES), extra: bytes | None = None) -> TlogProof:
    path = inclusion_proof(LeafIndex(index), TreeSize(size), reader_of(LEAVES[:size]))
    note = signed_checkpoint(*WITNESSES[:2], head=checkpoint(LEAVES[:size]))
    return TlogProof(LeafIndex(index), tuple(path), note.to_bytes(), extra)


@pytest.mark.parametrize("size", [1, 2, 7, 8, 11])
def test_every_leaf_of_a_log_is_proved(size: int) -> None:
    for index in range(size):
        result = parse_proof(proof_of(index, size).to_bytes()).verify(LEAVES[index], POLICY, NOW)
        assert (result.checkpoint.origin, result.checkpoint.size, result.index) == (ORIGIN, size, index)
        assert result.checkpoint.root == root(LEAVES[:size])
        assert (result.log_keys, result.witnesses, result.quorum_met) == ((LOG.vkey,), ("w0", "w1"), True)


def test_an_unmet_quorum_is_told_and_explained() -> None:
    proof = replace(proof_of(3), note=signed_checkpoint().to_bytes())
    result = proof.verify(LEAVES[3], POLICY)
    assert not result.quorum_met
    assert result.quorum.words() == "group g: 2 of 3 needed, have none"
    assert result.leaf_hash == LEAVES[3]


@pytest.mark.parametrize("extra", [None, b"x", b"\xff" * 200])
def test_it_writes_what_it_read(extra: bytes | None) -> None:
    proof = proof_of(5, extra=extra)
    assert parse_proof(proof.to_bytes()) == proof
    assert parse_proof(proof.to_bytes()).to_bytes() == proof.to_bytes()


def test_another_leaf_is_not_proved() -> None:
    with pytest.raises(InclusionInvalid):
        proof_of(5).verify(leaf_hash(b"other"), POLICY)


def test_another_index_is_not_proved() -> None:
    with pytest.raises(InclusionInvalid):
        replace(proof_of(5), index=LeafIndex(4)).verify(LEAVES[5], POLICY)


@pytest.mark.parametrize("index", [11, 12, 2**40])
def test_an_index_outside_the_log_is_malformed(index: int) -> None:
    with pytest.raises(ProofMalformed):
        replace(proof_of(5), index=LeafIndex(index)).verify(LEAVES[5], POLICY)


def test_a_missing_or_extra_hash_is_malformed() -> None:
    hashes = proof_of(5).hashes
    for other in (hashes[:-1], (*hashes, hashes[0])):
        with pytest.raises(ProofMalformed):
            replace(proof_of(5), hashes=other).verify(LEAVES[5], POLICY)


def test_a_root_that_no_trusted_log_signed_proves_nothing() -> None:
    with pytest.raises(LogSignatureWrong):
        proof_of(5).verify(LEAVES[5], parse_policy("quorum none\n"))


def test_a_wrong_cosignature_refuses_the_proof() -> None:
    note = signed_checkpoint(*WITNESSES[:2])
    last = note.signatures[-1]
    wrong = replace(note, signatures=(*note.signatures[:-1], replace(last, body=last.body[:-1] + b"\0")))
    with pytest.raises(WitnessSignatureWrong):
        replace(proof_of(5), note=wrong.to_bytes()).verify(LEAVES[5], POLICY)


def test_a_checkpoint_that_is_no_note_is_read_only_when_verified() -> None:
    proof = parse_proof(f"{HEADER}\nindex 0\n\ncheckpoint\n".encode())
    with pytest.raises(NoteMalformed):
        proof.verify(LEAVES[0], POLICY)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", ""),
        ("\n\n", "line 1"),
        (f"{HEADER}\nindex 0\nnote\n", ""),
        (f"{HEADER} \nindex 0\n\nnote\n", "line 1"),
        ("c2sp.org/tlog-proof@v2\nindex 0\n\nnote\n", "line 1"),
        (f"\n{HEADER}\nindex 0\n\nnote\n", "line 1"),
        (f"{HEADER}\n\nnote\n", "line 2"),
        (f"{HEADER}\nindex 0\nextra YQ==\n\nnote\n", "line 3"),
        (f"{HEADER}\nextra YQ==\n\nnote\n", "line 3"),
        (f"{HEADER}\nextra YQ==\nextra YQ==\nindex 0\n\nnote\n", "line 3"),
        (f"{HEADER}\nextra  YQ==\nindex 0\n\nnote\n", "line 2"),
        (f"{HEADER}\nextra YQ\nindex 0\n\nnote\n", "line 2"),
        (f"{HEADER}\nextra YR==\nindex 0\n\nnote\n", "line 2"),
        (f"{HEADER}\nextra\nindex 0\n\nnote\n", "line 2"),
        (f"{HEADER}\nindex 0\n{H}\n{H[:-1]}\n\nnote\n", "line 4"),
        (f"{HEADER}\nindex 0\n{H} \n\nnote\n", "line 3"),
        (f"{HEADER}\nextra YQ==\nindex 0\n{H}\n{H[:-2]}J=\n\nnote\n", "line 5"),
        *[
            (f"{HEADER}\nindex{value}\n\nnote\n", "line 2")
            for value in ("", " ", " -5", " +5", " 01", " 1 ", " x", " \t1", "  1", f" {2**63}")
        ],
    ],
)
def test_it_refuses_other_forms_and_names_the_line(text: str, path: str) -> None:
    with pytest.raises(ProofMalformed) as caught:
        parse_proof(text.encode())
    assert caught.value.path == path


@pytest.mark.parametrize(
    "text",
    [f"{HEADER}\nextra \nindex 0\n\nnote\n", f"{HEADER}\nindex 0\nAAAA\n\nnote\n", f"{HEADER}\nindex 0\n\n"],
)
def test_it_refuses_empty_extra_short_hashes_and_no_checkpoint(text: str) -> None:
    with pytest.raises(ProofMalformed):
        parse_proof(text.encode())


def test_it_refuses_bytes_beyond_ascii_before_the_checkpoint() -> None:
    with pytest.raises(ProofMalformed, match="ASCII"):
        parse_proof(f"{HEADER}\nindex \u0661\n\nnote\n".encode())


def test_it_takes_63_hashes_and_no_more() -> None:
    assert len(parse_proof(f"{HEADER}\nindex 0\n{(H + chr(10)) * 63}\nnote\n".encode()).hashes) == 63
    with pytest.raises(ProofMalformed, match="63"):
        parse_proof(f"{HEADER}\nindex 0\n{(H + chr(10)) * 64}\nnote\n".encode())


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(ProofMalformed, match="65,535"):
        TlogProof(LeafIndex(0), (), b"note\n", bytes(MAX_EXTRA_BYTES + 1))
    with pytest.raises(ProofMalformed, match="1,000,000"):
        TlogProof(LeafIndex(0), (), bytes(1_000_001))
    with pytest.raises(ProofMalformed, match="1,100,000"):
        parse_proof(bytes(1_100_001))


@pytest.mark.parametrize("index", [-1, 2**63 - 1])
def test_an_index_that_no_log_reaches_is_refused(index: int) -> None:
    with pytest.raises(ProofMalformed, match="out of range"):
        TlogProof(LeafIndex(index), (), b"note\n")


def test_a_hash_of_another_length_is_refused() -> None:
    with pytest.raises(ProofMalformed, match="32 bytes"):
        TlogProof(LeafIndex(0), (Hash(bytes(31)),), b"note\n")
