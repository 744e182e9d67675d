"""The form of a signed note: exactly one byte form, refused before any signature is looked at."""

from __future__ import annotations

import pytest

from ledger.core.note import (
    MAX_NOTE_BYTES,
    Note,
    NoteSignature,
    note_to_sign,
    parse_note,
    sign_note,
    signature_line,
)
from ledger.errors import NoteMalformed
from tests.unit.core.signers import LOG, WITNESSES, signed_checkpoint

LINE = signature_line(NoteSignature("a", b"\1\2\3\4", b"x"))
SIGNATURE = NoteSignature("a", b"\1\2\3\4", b"x")


def never(message: bytes) -> bytes:
    raise AssertionError(message)


def test_it_writes_what_it_read() -> None:
    note = signed_checkpoint(*WITNESSES)
    assert parse_note(note.to_bytes()) == note
    assert parse_note(note.to_bytes()).to_bytes() == note.to_bytes()


def test_the_last_empty_line_separates() -> None:
    note = parse_note(f"one\n\ntwo\n\n\n{LINE}".encode())
    assert note.text == "one\n\ntwo\n\n"


def test_a_line_that_looks_like_a_signature_can_be_text() -> None:
    assert parse_note(f"{LINE}\n{LINE}".encode()).text == LINE


def test_it_takes_a_hundred_signatures_and_no_more() -> None:
    assert len(parse_note(("t\n\n" + LINE * 100).encode()).signatures) == 100
    with pytest.raises(NoteMalformed, match="more than 100"):
        parse_note(("t\n\n" + LINE * 101).encode())
    with pytest.raises(NoteMalformed, match="1 to 100"):
        Note("t\n", (SIGNATURE,) * 101)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "t\n",
        "t\n\n",
        "t\n\n\n",
        "t\n" + LINE,
        "t" + LINE,
        LINE,
        "\n" + LINE,
        "t\n\n" + LINE[:-1],
        "t\n\n" + LINE + "\n",
        "t\n\n" + LINE + "more\n",
    ],
)
def test_it_refuses_a_note_without_its_parts(text: str) -> None:
    with pytest.raises(NoteMalformed):
        parse_note(text.encode())


@pytest.mark.parametrize("code", [0, 9, 11, 13, 27, 31])
def test_it_refuses_control_characters_in_the_text(code: int) -> None:
    with pytest.raises(NoteMalformed, match="control character"):
        parse_note(f"t{chr(code)}\n\n{LINE}".encode())


def test_it_takes_delete_and_everything_beyond_ascii_in_the_text() -> None:
    text = "\x7f\u0085\u2028\U0001f512\n"
    assert parse_note(f"{text}\n{LINE}".encode()).text == text


@pytest.mark.parametrize("raw", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x8a"])
def test_it_refuses_what_is_not_utf8(raw: bytes) -> None:
    with pytest.raises(NoteMalformed, match="UTF-8"):
        parse_note(b"t" + raw + b"\n\n" + LINE.encode())


@pytest.mark.parametrize(
    "line",
    [
        "- a AQIDBHg=",
        "\u2013 a AQIDBHg=",
        "\u2014a AQIDBHg=",
        "\u2014  AQIDBHg=",
        "\u2014 a  AQIDBHg=",
        "\u2014 a AQIDBHg= ",
        "\u2014 a",
        "\u2014 a b AQIDBHg=",
        "\u2014 a+b AQIDBHg=",
        "\u2014 a\u00a0b AQIDBHg=",
        "\u2014 a AQIDBA==",
        "\u2014 a AQID",
        "\u2014 a AQIDBHh=",
        "\u2014 a AQIDBHg",
        "\u2014 a AQIDBH-=",
        "\u2014 a ",
    ],
)
def test_it_refuses_other_signature_lines_and_names_the_place(line: str) -> None:
    with pytest.raises(NoteMalformed) as caught:
        parse_note(f"t\n\n{LINE}{line}\n{LINE}".encode())
    assert caught.value.path == "signature 2"


def test_it_refuses_a_note_above_a_million_bytes() -> None:
    fill = "x" * (MAX_NOTE_BYTES - len(("\n\n" + LINE).encode()))
    assert parse_note(f"{fill}\n\n{LINE}".encode()).text == fill + "\n"
    with pytest.raises(NoteMalformed, match="longer"):
        parse_note(f"{fill}x\n\n{LINE}".encode())


def test_more_lines_are_added_once() -> None:
    note = Note("t\n", (SIGNATURE,))
    other = NoteSignature("b", b"\1\2\3\4", b"x")
    assert note.with_signatures(other, SIGNATURE, other).signatures == (SIGNATURE, other)


@pytest.mark.parametrize("text", ["", "t", "t\r\n", "\ud800\n"])
def test_nothing_is_signed_that_cannot_be_a_note(text: str) -> None:
    with pytest.raises(NoteMalformed):
        note_to_sign(text)
    with pytest.raises(NoteMalformed):
        sign_note(text, LOG.vkey, never)


def test_a_witness_key_does_not_sign_bare_text() -> None:
    with pytest.raises(NoteMalformed, match="Only an Ed25519 note key"):
        sign_note("t\n", WITNESSES[0].vkey, never)


def test_a_signature_of_another_length_does_not_become_a_line() -> None:
    with pytest.raises(NoteMalformed, match="64 bytes"):
        sign_note("t\n", LOG.vkey, lambda message: message)


@pytest.mark.parametrize(("key_id", "body"), [(b"123", b"x"), (b"12345", b"x"), (b"1234", b"")])
def test_a_line_needs_a_key_id_and_a_body(key_id: bytes, body: bytes) -> None:
    with pytest.raises(NoteMalformed, match="4-byte key ID"):
        NoteSignature("a", key_id, body)
