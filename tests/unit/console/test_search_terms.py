"""What is typed into the search box is read every way it can be meant."""

from __future__ import annotations

import base64
from uuid import UUID

import pytest

from console.search.asked import read

HASH = bytes(range(0xF0, 0xF0 + 16)) * 2


@pytest.mark.parametrize("text", ["1937", "1,937", "leaf 1937", "  1937 "])
def test_a_number_is_an_index(text: str) -> None:
    assert read(text).index == 1937


@pytest.mark.parametrize(
    "text", ["acme/decisions/42", "acme/decisions@42", "acme/decisions 42", "ACME/Decisions, leaf 42"]
)
def test_an_index_can_name_its_stream(text: str) -> None:
    asked = read(text.replace(", leaf", " leaf"))
    assert (asked.stream, asked.index) == (("acme", "decisions"), 42)


@pytest.mark.parametrize(
    "text",
    [
        HASH.hex(),
        HASH.hex().upper(),
        f"sha256:{HASH.hex()}",
        base64.b64encode(HASH).decode(),
        base64.b64encode(HASH).decode().rstrip("="),
        base64.urlsafe_b64encode(HASH).decode(),
    ],
)
def test_a_hash_is_read_in_hex_and_in_either_base64(text: str) -> None:
    assert read(text).hash == HASH


@pytest.mark.parametrize("text", ["f" * 63, "g" * 64, "é" * 43, "=" * 44])
def test_what_is_no_hash_is_none(text: str) -> None:
    assert read(text).hash is None


def test_a_uuid_in_either_form_is_an_id() -> None:
    wanted = UUID("01a1fdc4-ceca-7541-a0d7-7a4987f3efe1")
    assert read(str(wanted)).uuid == read(wanted.hex).uuid == wanted
    assert read(wanted.hex).kid == wanted.hex


@pytest.mark.parametrize("text", ["person:01a1", "key:01a1", "machine:seed", "system"])
def test_an_actor_is_known_by_its_prefix(text: str) -> None:
    assert read(text).actor == text


def test_an_index_beyond_every_log_is_no_index() -> None:
    assert read("9" * 20).index is None


def test_zero_bytes_and_length_are_taken_off() -> None:
    assert read("a\0b").text == "ab"
    assert len(read("x" * 5000).text) == 256
