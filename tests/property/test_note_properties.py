"""Notes, keys, checkpoints and proofs: what is written is read back, and no changed byte ever verifies."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.core.checkpoint import MAX_SIZE, Checkpoint, parse_checkpoint
from ledger.core.cosignature import MAX_TIME, Cosignature, parse_cosignature
from ledger.core.merkle import EMPTY_ROOT, inclusion_proof, reader_of
from ledger.core.note import KeyType, Note, NoteSignature, VKey, parse_note, verified
from ledger.core.proof import TlogProof, parse_proof
from ledger.core.types import Hash, LeafIndex, TreeSize
from ledger.core.witness_policy import parse_policy
from ledger.errors import LedgerError, LogSignatureWrong, NoteMalformed
from tests.unit.core.signers import LEAVES, LOG, WITNESSES, policy_text, signed_checkpoint, signer

UNICODE = st.characters(exclude_categories=["Cs"])
LINE = st.text(UNICODE.filter(lambda one: one >= " "))
TEXT = st.lists(LINE).map(lambda lines: "".join(f"{line}\n" for line in lines) or "\n")
NAME = st.text(UNICODE.filter(lambda one: one > " " and one != "+" and not one.isspace()), min_size=1)
SIGNATURE = st.builds(NoteSignature, NAME, st.binary(min_size=4, max_size=4), st.binary(min_size=1))
HASH = st.binary(min_size=32, max_size=32).map(Hash)
NOTE = signed_checkpoint(*WITNESSES)
KEYS = [LOG.vkey, *(one.vkey for one in WITNESSES)]
CHANGES = 4000


@given(TEXT, st.lists(SIGNATURE, min_size=1, max_size=20))
def test_a_note_is_read_as_it_was_written(text: str, signatures: list[NoteSignature]) -> None:
    note = Note(text, tuple(signatures))
    assert parse_note(note.to_bytes()) == note


@given(
    st.one_of(
        st.binary(),
        st.lists(st.sampled_from(["\n", "\n\n", "\u2014 ", "a", " ", "AQIDBAU=", "x\n"])).map(
            lambda x: "".join(x).encode()
        ),
    )
)
def test_what_is_read_as_a_note_has_no_other_form(data: bytes) -> None:
    try:
        note = parse_note(data)
    except NoteMalformed:
        return
    assert note.to_bytes() == data


@given(NAME, st.integers(0, 255), st.sampled_from([KeyType.ED25519, KeyType.COSIGNATURE]))
def test_a_verifier_key_is_read_as_it_was_written(name: str, seed: int, key_type: KeyType) -> None:
    vkey = signer(seed, name, key_type).vkey
    assert VKey.parse(str(vkey)) == vkey


@given(LINE.filter(bool), st.integers(0, MAX_SIZE), HASH, st.lists(LINE.filter(bool)))
def test_a_checkpoint_is_read_as_it_was_written(origin: str, size: int, root: Hash, extensions: list[str]) -> None:
    head = Checkpoint(origin, TreeSize(size), root if size else EMPTY_ROOT, tuple(extensions))
    assert parse_checkpoint(head.text()) == head


@given(st.integers(0, MAX_TIME), st.sampled_from([(KeyType.COSIGNATURE, 64), (KeyType.MLDSA44, 2420)]))
def test_a_cosignature_is_read_as_it_was_written(time: int, shape: tuple[KeyType, int]) -> None:
    given_one = Cosignature(time, bytes(shape[1]))
    assert parse_cosignature(given_one.body(), shape[0]) == given_one


@given(
    st.integers(0, MAX_SIZE - 1),
    st.lists(HASH, max_size=63),
    st.binary(min_size=1),
    st.none() | st.binary(min_size=1),
)
def test_a_proof_is_read_as_it_was_written(index: int, hashes: list[Hash], note: bytes, extra: bytes | None) -> None:
    proof = TlogProof(LeafIndex(index), tuple(hashes), note, extra)
    assert parse_proof(proof.to_bytes()) == proof


@given(st.lists(st.sampled_from(["c2sp.org/tlog-proof@v1", "index 0", "index 01", "extra YQ==", "", "x"])))
def test_what_is_read_as_a_proof_has_no_other_form(lines: list[str]) -> None:
    data = "\n".join(lines).encode()
    try:
        proof = parse_proof(data)
    except LedgerError:
        return
    assert proof.to_bytes() == data


def test_no_flipped_bit_of_a_note_verifies() -> None:
    data = NOTE.to_bytes()
    reached: Counter[str] = Counter()
    for position in range(len(data) * 8):
        changed = bytearray(data)
        changed[position // 8] ^= 1 << position % 8
        reached[outcome(bytes(changed))] += 1
    assert reached["forged"] == reached["all signers"] == 0
    assert reached["NoteMalformed"] > 500, reached
    assert reached["LogSignatureWrong"] > 500, reached
    assert reached["fewer signers"] > 100, reached


def outcome(data: bytes) -> str:
    """Where a note ends up: a changed name or key ID makes a line unknown, so that fewer keys have signed."""
    try:
        note = parse_note(data)
        signers = verified(note, KEYS)
    except (NoteMalformed, LogSignatureWrong) as error:
        return type(error).__name__
    if note.text != NOTE.text:
        return "forged"
    return "all signers" if len(signers) == len(KEYS) else "fewer signers"


def test_no_cut_or_doubled_part_of_a_note_verifies_with_another_text() -> None:
    random, data = Random(20261121), NOTE.to_bytes()  # noqa: S311 - a fixed seed makes the run repeatable
    reached: Counter[str] = Counter()
    for _ in range(CHANGES):
        at, end = sorted((random.randrange(len(data)), random.randrange(len(data))))
        middle = random.choice([b"", data[at:end] * 2, data[at:end][::-1], random.randbytes(end - at)])
        reached[outcome(data[:at] + middle + data[end:])] += 1
    assert reached["forged"] == 0
    assert all(reached[name] > 20 for name in ("NoteMalformed", "LogSignatureWrong", "fewer signers")), reached


@settings(max_examples=200)
@given(st.integers(0, len(LEAVES) - 1), st.data())
def test_no_changed_proof_proves_the_leaf(index: int, data: st.DataObject) -> None:
    policy = parse_policy(policy_text())
    path = inclusion_proof(LeafIndex(index), TreeSize(len(LEAVES)), reader_of(LEAVES))
    raw = TlogProof(LeafIndex(index), tuple(path), signed_checkpoint(*WITNESSES[:2]).to_bytes()).to_bytes()
    at = data.draw(st.integers(0, len(raw) - 1))
    changed = raw[:at] + bytes([raw[at] ^ data.draw(st.integers(1, 255))]) + raw[at + 1 :]
    try:
        result = parse_proof(changed).verify(LEAVES[index], policy)
    except LedgerError:
        return
    assert not result.quorum_met
