"""The head guard's document has one form for each state, and no other is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core.canonical import canonical
from ledger.core.head_guard import GuardHead, GuardState, Receipted, decode, encode
from ledger.core.types import Hash, JSONObject
from ledger.errors import LedgerError

ORIGIN = "log.example/log/acme/decisions"
LEAF, ROOT = Hash(b"\x11" * 32), Hash(b"\x22" * 32)
KNOWN: JSONObject = {
    "v": "countersign-guard/1",
    "origin": ORIGIN,
    "receipted": {"size": 9, "leaf_hash": "11" * 32},
    "head": {"size": 8, "root": "22" * 32},
}

hashes = st.binary(min_size=32, max_size=32).map(Hash)


@st.composite
def states(draw: st.DrawFn) -> GuardState:
    size = draw(st.integers(0, 2**53 - 1))
    head = draw(st.integers(0, size))
    return GuardState(Receipted(size, draw(hashes)) if size else None, GuardHead(head, draw(hashes)) if head else None)


def test_it_is_written_as_documented() -> None:
    state = GuardState(Receipted(9, LEAF), GuardHead(8, ROOT))
    assert encode(ORIGIN, state) == canonical(KNOWN)
    assert encode(ORIGIN, GuardState()) == (
        b'{"head":null,"origin":"log.example/log/acme/decisions","receipted":null,"v":"countersign-guard/1"}'
    )


@given(states())
def test_what_is_written_is_read(state: GuardState) -> None:
    assert decode(ORIGIN, encode(ORIGIN, state)) == state


@pytest.mark.parametrize(
    "changes",
    [
        {"v": "countersign-guard/2"},
        {"origin": "log.example/log/acme/other"},
        {"more": 1},
        {"receipted": None},
        {"receipted": {"size": 7, "leaf_hash": "11" * 32}},
        {"receipted": {"size": 0, "leaf_hash": "11" * 32}, "head": None},
        {"receipted": {"size": True, "leaf_hash": "11" * 32}, "head": None},
        {"receipted": {"size": 9.5, "leaf_hash": "11" * 32}},
        {"receipted": {"size": 9, "leaf_hash": "11" * 31}},
        {"receipted": {"size": 9, "leaf_hash": "AA" * 32}},
        {"receipted": {"size": 9, "root": "11" * 32}},
        {"receipted": {"size": 9, "leaf_hash": "11" * 32, "more": 1}},
        {"receipted": [9, "11" * 32]},
        {"head": {"size": 8}},
        {"head": {"size": -1, "root": "22" * 32}},
        {"head": {"size": "8", "root": "22" * 32}},
        {"head": 8},
    ],
    ids=repr,
)
def test_any_other_content_is_refused(changes: JSONObject) -> None:
    with pytest.raises(LedgerError):
        decode(ORIGIN, canonical(KNOWN | changes))


def test_every_member_is_needed() -> None:
    for name in KNOWN:
        with pytest.raises(LedgerError):
            decode(ORIGIN, canonical({key: value for key, value in KNOWN.items() if key != name}))


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", canonical(KNOWN) + b"\n", canonical(KNOWN)[:-9]])
def test_any_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(LedgerError):
        decode(ORIGIN, data)
