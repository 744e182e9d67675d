"""Who signed a note: unknown keys are ignored, a known key that fails rejects the whole note."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from ledger.core.note import (
    MAX_LINES_OF_A_KEY,
    KeyType,
    Note,
    NoteSignature,
    Verdict,
    VKey,
    check_signatures,
    parse_note,
    sign_note,
    verified,
)
from ledger.errors import LogSignatureWrong
from tests.unit.core.signers import LOG, WITNESSES, Signer, signed_checkpoint, signer
from tests.vectors.known_notes import (
    EXAMPLE_NOTE,
    EXAMPLE_VKEY,
    P256_NOTE,
    P256_VKEY,
    RFC6962_NOTE,
    RFC6962_VKEY,
)

NOTE = signed_checkpoint(*WITNESSES)
KEYS = [LOG.vkey, *(one.vkey for one in WITNESSES)]
STRANGER = signer(99, "stranger.example")


def spoilt(note: Note, number: int) -> Note:
    rows = list(note.signatures)
    rows[number] = replace(rows[number], body=rows[number].body[:-1] + bytes([rows[number].body[-1] ^ 1]))
    return Note(note.text, tuple(rows))


def test_it_returns_the_keys_that_signed() -> None:
    assert verified(NOTE, KEYS) == KEYS
    assert verified(NOTE, [STRANGER.vkey, LOG.vkey]) == [LOG.vkey]


def test_a_key_that_signed_twice_is_returned_once() -> None:
    text = NOTE.text
    twice = Note(text, NOTE.signatures[:1] * 2)
    assert verified(twice, KEYS) == [LOG.vkey]


def test_an_unknown_line_is_ignored_even_when_it_is_wrong() -> None:
    assert verified(spoilt(NOTE, 1), [LOG.vkey]) == [LOG.vkey]


@pytest.mark.parametrize("number", range(5))
def test_one_wrong_line_of_a_known_key_rejects_the_note(number: int) -> None:
    with pytest.raises(LogSignatureWrong, match="does not verify"):
        verified(spoilt(NOTE, number), KEYS)


def test_a_wrong_line_after_a_right_one_of_the_same_key_rejects_the_note() -> None:
    both = Note(NOTE.text, (NOTE.signatures[0], spoilt(NOTE, 0).signatures[0]))
    with pytest.raises(LogSignatureWrong, match="does not verify"):
        verified(both, KEYS)


def test_more_lines_of_one_key_than_anybody_needs_reject_the_note() -> None:
    lines = (NOTE.signatures[0],) * MAX_LINES_OF_A_KEY
    assert verified(Note(NOTE.text, lines), KEYS)
    with pytest.raises(LogSignatureWrong, match="does not verify"):
        verified(Note(NOTE.text, (*lines, NOTE.signatures[0])), KEYS)


@pytest.mark.parametrize("keys", [[], [STRANGER.vkey]])
def test_no_known_key_rejects_the_note(keys: list[VKey]) -> None:
    with pytest.raises(LogSignatureWrong, match="No known key"):
        verified(NOTE, keys)


def test_the_same_name_with_another_id_is_unknown() -> None:
    with pytest.raises(LogSignatureWrong, match="No known key"):
        verified(NOTE, [signer(2).vkey])


def test_the_text_is_what_was_signed() -> None:
    with pytest.raises(LogSignatureWrong, match="does not verify"):
        verified(Note(NOTE.text + "more\n", NOTE.signatures), KEYS)


@pytest.mark.parametrize("length", [63, 65, 1, 72])
def test_a_signature_of_another_length_is_wrong(length: int) -> None:
    body = (NOTE.signatures[0].body * 2)[:length]
    note = Note(NOTE.text, (NoteSignature(LOG.vkey.name, LOG.vkey.key_id, body),))
    assert [line.verdict for line in check_signatures(note, KEYS)] == [Verdict.WRONG]


def test_a_note_signature_is_no_cosignature_and_the_other_way_round() -> None:
    one = signer(1, key_type=KeyType.COSIGNATURE)
    bare = replace(sign_note(NOTE.text, LOG.vkey, LOG.sign), key_id=one.vkey.key_id)
    assert check_signatures(Note(NOTE.text, (bare,)), [one.vkey])[0].verdict is Verdict.WRONG


def test_of_keys_that_share_name_and_id_the_one_that_verifies_owns_the_line() -> None:
    twin = signer(5)
    object.__setattr__(twin.vkey, "key_id", LOG.vkey.key_id)
    for keys in ([LOG.vkey, twin.vkey], [twin.vkey, LOG.vkey]):
        assert verified(NOTE, keys) == [LOG.vkey]
    with pytest.raises(LogSignatureWrong, match="does not verify"):
        verified(NOTE, [twin.vkey])


def test_a_cosignature_over_text_that_is_no_checkpoint_is_wrong() -> None:
    witness: Signer = WITNESSES[0]
    body = (1).to_bytes(8, "big") + witness.sign(b"cosignature/v1\ntime 1\nhello\n")
    note = Note("hello\n", (NoteSignature(witness.vkey.name, witness.vkey.key_id, body),))
    assert check_signatures(note, [witness.vkey])[0].verdict is Verdict.WRONG


@pytest.mark.parametrize(
    ("note", "vkey"), [(EXAMPLE_NOTE, EXAMPLE_VKEY), (P256_NOTE, P256_VKEY), (RFC6962_NOTE, RFC6962_VKEY)]
)
def test_notes_of_other_people_verify_and_do_not_when_changed(note: str, vkey: str) -> None:
    key = VKey.parse(vkey)
    assert verified(parse_note(note.encode()), [key]) == [key]
    assert check_signatures(spoilt(parse_note(note.encode()), 0), [key])[0].verdict is Verdict.WRONG
    with pytest.raises(LogSignatureWrong):
        verified(parse_note(("x" + note).encode()), [key])


@pytest.mark.parametrize("cut", [slice(8, None), slice(0, 11), slice(0, -1)])
def test_a_tree_head_signature_of_another_shape_is_wrong(cut: slice) -> None:
    note, key = parse_note(RFC6962_NOTE.encode()), VKey.parse(RFC6962_VKEY)
    row = replace(note.signatures[0], body=note.signatures[0].body[cut])
    assert check_signatures(Note(note.text, (row,)), [key])[0].verdict is Verdict.WRONG


@pytest.mark.parametrize("position", [0, 7, 8, 9, 10, 11])
def test_a_tree_head_signature_binds_time_algorithm_and_length(position: int) -> None:
    note, key = parse_note(RFC6962_NOTE.encode()), VKey.parse(RFC6962_VKEY)
    body = bytearray(note.signatures[0].body)
    body[position] ^= 1
    row = replace(note.signatures[0], body=bytes(body))
    assert check_signatures(Note(note.text, (row,)), [key])[0].verdict is Verdict.WRONG


WITHOUT = """
import sys
sys.modules["cryptography"] = None
from ledger.core.note import VKey, check_signatures, parse_note, verified
from ledger.errors import LogSignatureWrong
note, key = parse_note(sys.argv[1].encode()), VKey.parse(sys.argv[2])
print(check_signatures(note, [key])[0].verdict)
try:
    verified(note, [key])
except LogSignatureWrong as error:
    print(error.code)
"""


@pytest.mark.parametrize(("note", "vkey"), [(P256_NOTE, P256_VKEY), (RFC6962_NOTE, RFC6962_VKEY)])
def test_without_the_backend_ecdsa_is_not_evaluated_and_counts_neither_way(note: str, vkey: str) -> None:
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT, note, vkey],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert run.stdout.split() == ["not_evaluated", "log_signature_wrong"]
