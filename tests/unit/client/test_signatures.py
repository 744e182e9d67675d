"""The client's own Ed25519, notes and proofs give the verdicts of the ledger's core."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

import countersign_client as client
from ledger.core import ed25519, merkle
from ledger.core.checkpoint import Checkpoint
from ledger.core.ed25519_sodium import PROBE_MESSAGE, PROBES
from ledger.core.note import Note, make_vkey, sign_note
from ledger.core.types import Hash, TreeSize
from tests.vectors.known_ed25519 import SMALL_ORDER, VALID

KEY = SigningKey(b"k" * 32)
ORIGIN = "example.org/log/acme/decisions"
VKEY = make_vkey(ORIGIN, bytes(KEY.verify_key))


def note(size: int = 5, root: bytes = b"r" * 32, origin: str = ORIGIN, key: SigningKey = KEY) -> str:
    vkey = make_vkey(origin, bytes(key.verify_key))
    text = Checkpoint(origin, TreeSize(size), Hash(root)).text()
    line = sign_note(text, vkey, lambda message: key.sign(message).signature)
    return Note(text, (line,)).to_bytes().decode()


def read(text: str) -> client.Head:
    return client.verified_head(text, ORIGIN, [client.parse_vkey(str(VKEY))])


@pytest.mark.parametrize("equation", [client._pure_equation, client._sodium_equation])
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=80), flip=st.integers(0, 767))
def test_ed25519_has_the_verdict_of_the_core(equation: object, seed: bytes, message: bytes, flip: int) -> None:
    key = SigningKey(seed)
    good = bytes(key.verify_key) + key.sign(message).signature
    bad = bytearray(good)
    bad[flip // 8] ^= 1 << flip % 8
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "_equation", equation)
        assert client.verify(good[:32], message, good[32:])
        for one in (good, bytes(bad)):
            assert client.verify(one[:32], message, one[32:]) == ed25519.verify(one[:32], message, one[32:])


@pytest.mark.parametrize("row", VALID)
def test_the_answers_of_the_rfc_are_ours(row: tuple[str, str, str]) -> None:
    public, message, signature = map(bytes.fromhex, row)
    assert client.verify(public, message, signature)
    assert client._pure_equation(public, message, signature)


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_points_of_small_order_are_refused_as_key_and_as_r(point: str | bytes) -> None:
    small = bytes.fromhex(point) if isinstance(point, str) else point
    zero = bytes(32)
    assert not client.verify(small, b"", small + zero)
    assert not client.verify(bytes(KEY.verify_key), b"", small + zero)


@pytest.mark.parametrize("probe", PROBES)
def test_both_equations_leave_the_cofactor_out(probe: tuple[str, str, bool]) -> None:
    public, signature, verdict = bytes.fromhex(probe[0]), bytes.fromhex(probe[1]), probe[2]
    assert client._pure_equation(public, PROBE_MESSAGE, signature) is verdict
    assert client._sodium_equation(public, PROBE_MESSAGE, signature) is verdict


def test_a_checkpoint_of_the_core_is_read() -> None:
    assert read(note()) == client.Head(5, b"r" * 32, note())


@pytest.mark.parametrize(
    "text",
    [
        note(origin="example.org/log/acme/others"),
        note(key=SigningKey(b"x" * 32)),
        note().replace("\n5\n", "\n6\n"),
        note().replace("\n5\n", "\n05\n"),
        note() + "x",
        note().replace("\n\n", "\n"),
        "",
    ],
    ids=["origin", "stranger", "altered", "zero", "tail", "no blank line", "empty"],
)
def test_anything_else_is_not_taken(text: str) -> None:
    with pytest.raises((client.MisbehaviourError, ValueError)):
        read(text)


def test_lines_of_strangers_are_ignored_and_wrong_lines_of_ours_are_not() -> None:
    other = SigningKey(b"x" * 32)
    stranger = note(origin="witness.example", key=other).rpartition("\n\n")[2]
    assert read(note() + stranger).size == 5
    wrong = note(size=6).rpartition("\n\n")[2]
    with pytest.raises(client.MisbehaviourError, match="does not verify"):
        read(note() + wrong)


@pytest.mark.parametrize("start", ["x+", "++", "+00000000+"])
def test_a_verifier_key_must_follow_from_itself(start: str) -> None:
    with pytest.raises(ValueError, match=r"verifier key|base64"):
        client.parse_vkey(str(VKEY).replace("+", start, 1))


def test_a_text_that_is_no_verifier_key_is_refused() -> None:
    with pytest.raises(ValueError, match="8 hex digits"):
        client.parse_vkey("decisions")


def test_inclusion_and_consistency_have_the_verdicts_of_the_core() -> None:
    leaves = [merkle.leaf_hash(bytes([one])) for one in range(20)]
    reader = merkle.reader_of(leaves)
    roots = {size: merkle.root(leaves[:size]) for size in range(1, 21)}
    for size in range(1, 21):
        for index in range(size):
            proof = merkle.inclusion_proof(index, size, reader)
            assert client.included(index, size, leaves[index], proof, roots[size])
            for wrong in ([*proof, leaves[0]], proof[1:], [leaves[3], *proof[1:]]):
                assert wrong == proof or not client.included(index, size, leaves[index], wrong, roots[size])
            assert not client.included(index + 1, size, leaves[index], proof, roots[size])
        for old in range(1, size):
            proof = merkle.consistency_proof(old, size, reader)
            assert client.consistent(old, size, proof, roots[old], roots[size])
            assert not client.consistent(old, size, [*proof, leaves[0]], roots[old], roots[size])
            assert not client.consistent(old, size, proof[1:], roots[old], roots[size])
            assert not client.consistent(old, size, proof, roots[size], roots[size])
            assert not client.consistent(old, size, proof, roots[old], leaves[0])
            assert not client.consistent(size, old, proof, roots[size], roots[old])


@pytest.mark.parametrize(
    "text",
    [f"{ORIGIN}\n5\nAAAA\n", f"{ORIGIN}\n5\n", f"{ORIGIN}\n0\n{'A' * 43}=\n", f"{ORIGIN}\n5\n{'A' * 43}=\nextension\n",
     f"example.org/log/acme/others\n5\n{'A' * 43}=\n", f"{ORIGIN}\n-5\n{'A' * 43}=\n"],
    ids=["short root", "no root", "empty log", "extension", "origin", "negative"],
)  # fmt: skip
def test_what_the_key_should_not_have_signed_is_not_taken(text: str) -> None:
    line = sign_note(text, VKEY, lambda message: KEY.sign(message).signature)
    with pytest.raises((client.MisbehaviourError, ValueError)):
        read(Note(text, (line,)).to_bytes().decode())
