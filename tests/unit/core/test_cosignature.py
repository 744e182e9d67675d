"""Cosignatures: text, time and cosigner bind exactly as published, and only checkpoints are cosigned."""

from __future__ import annotations

from base64 import b64decode
from struct import pack

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from ledger.core.checkpoint import parse_checkpoint
from ledger.core.cosignature import (
    MAX_TIME,
    Cosignature,
    cosign,
    cosignature_message,
    parse_cosignature,
    subtree_message,
)
from ledger.core.note import KeyType, Note, Verdict, check_signatures, make_vkey
from ledger.errors import NoteMalformed
from tests.unit.core.signers import LOG, NOW, WITNESSES, checkpoint, cosignature
from tests.vectors.known_notes import COSIGNED_BODY, COSIGNED_MESSAGE, COSIGNED_TEXT, COSIGNED_TIME

W = WITNESSES[0]
TEXT = checkpoint().text()
PQ = MLDSA44PrivateKey.from_seed_bytes(b"\7" * 32)
PQ_VKEY = make_vkey("log.example/log/acme/decisions", PQ.public_key().public_bytes_raw(), KeyType.MLDSA44)


def never(message: bytes) -> bytes:
    raise AssertionError(message)


def test_the_ed25519_message_is_the_published_one() -> None:
    assert cosignature_message(W.vkey, COSIGNED_TEXT, COSIGNED_TIME).decode() == COSIGNED_MESSAGE


def test_the_time_of_the_published_line_is_read() -> None:
    body = b64decode(COSIGNED_BODY)[4:]
    given = parse_cosignature(body, KeyType.COSIGNATURE)
    assert given.timestamp == COSIGNED_TIME
    assert given.body() == body


def test_extension_lines_are_cosigned_by_ed25519_and_not_by_mldsa() -> None:
    longer = TEXT + "extension\n"
    assert cosignature_message(W.vkey, longer, 1).endswith(b"extension\n")
    assert cosignature_message(PQ_VKEY, longer, 1) == cosignature_message(PQ_VKEY, TEXT, 1)


def test_the_mldsa_message_is_the_tls_structure() -> None:
    head = parse_checkpoint(TEXT)
    name, origin = PQ_VKEY.name.encode(), head.origin.encode()
    expected = b"subtree/v1\n\0" + pack(">B", len(name)) + name + pack(">Q", 5) + pack(">B", len(origin)) + origin
    assert cosignature_message(PQ_VKEY, TEXT, 5) == expected + pack(">QQ", 0, head.size) + head.root


def test_a_subtree_that_begins_later_carries_no_time() -> None:
    head = checkpoint()
    assert subtree_message("w", 0, head, start=8)[-48:-40] == pack(">Q", 8)
    for start, time in ((8, 1), (-1, 0), (12, 0)):
        with pytest.raises(NoteMalformed, match="subtree"):
            subtree_message("w", time, head, start=start)


@pytest.mark.parametrize("length", [255, 256])
def test_names_above_255_bytes_have_no_mldsa_message(length: int) -> None:
    head = checkpoint(origin="o" * length)
    if length == 255:
        assert b"o" * 255 in subtree_message("w", 0, head)
    else:
        with pytest.raises(NoteMalformed, match="255"):
            subtree_message("w", 0, head)


def test_both_types_verify_and_only_for_their_text_and_time() -> None:
    for vkey, line in ((W.vkey, cosignature(W, TEXT)), (PQ_VKEY, cosign(TEXT, PQ_VKEY, 0, PQ.sign))):
        assert check_signatures(Note(TEXT, (line,)), [vkey])[0].verdict is Verdict.VALID
        other = checkpoint(origin="other.example/log").text()
        assert check_signatures(Note(other, (line,)), [vkey])[0].verdict is Verdict.WRONG
        later = line.body[:7] + bytes([line.body[7] ^ 1]) + line.body[8:]
        changed = type(line)(line.name, line.key_id, later)
        assert check_signatures(Note(TEXT, (changed,)), [vkey])[0].verdict is Verdict.WRONG


def test_mldsa_signs_the_cosigners_name() -> None:
    line = cosign(TEXT, PQ_VKEY, NOW, PQ.sign)
    other = make_vkey("other.example", PQ_VKEY.public, KeyType.MLDSA44)
    moved = type(line)(other.name, other.key_id, line.body)
    assert check_signatures(Note(TEXT, (moved,)), [other])[0].verdict is Verdict.WRONG


@pytest.mark.parametrize("time", [-1, MAX_TIME + 1])
def test_a_time_out_of_range_is_refused(time: int) -> None:
    with pytest.raises(NoteMalformed, match="out of range"):
        cosignature_message(W.vkey, TEXT, time)


def test_the_largest_time_is_read_and_the_next_is_not() -> None:
    body = Cosignature(MAX_TIME, bytes(64)).body()
    assert parse_cosignature(body, KeyType.COSIGNATURE).timestamp == MAX_TIME
    with pytest.raises(NoteMalformed, match="out of range"):
        parse_cosignature(b"\x80" + bytes(71), KeyType.COSIGNATURE)


def test_a_time_of_zero_is_refused_only_where_a_time_is_demanded() -> None:
    body = bytes(72)
    assert parse_cosignature(body, KeyType.COSIGNATURE).timestamp == 0
    with pytest.raises(NoteMalformed, match="no time"):
        parse_cosignature(body, KeyType.COSIGNATURE, dated=True)


@pytest.mark.parametrize(
    ("length", "key_type"),
    [(71, 4), (73, 4), (2428, 4), (72, 6), (2427, 6), (2429, 6), (72, 1), (8, 2), (7, 1), (0, 4)],
)
def test_a_body_of_another_length_is_refused(length: int, key_type: int) -> None:
    with pytest.raises(NoteMalformed, match="length"):
        parse_cosignature(bytes(length), KeyType(key_type))


@pytest.mark.parametrize("text", ["hello\n", "", "o\n1\nAAAA\n"])
def test_only_checkpoints_are_cosigned(text: str) -> None:
    with pytest.raises(NoteMalformed):
        cosign(text, W.vkey, NOW, never)


def test_a_note_key_makes_no_cosignature() -> None:
    with pytest.raises(NoteMalformed, match="no cosignatures"):
        cosign(TEXT, LOG.vkey, NOW, never)


def test_a_signature_of_another_length_does_not_become_a_line() -> None:
    with pytest.raises(NoteMalformed, match="length"):
        cosign(TEXT, W.vkey, NOW, lambda _: b"short")
