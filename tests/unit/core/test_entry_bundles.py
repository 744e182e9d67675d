from __future__ import annotations

import pytest

from ledger.core.tiles import decode_entries, encode_entries
from ledger.errors import LeafTooLarge, Malformed


def test_entries_stand_behind_sixteen_bit_lengths() -> None:
    assert encode_entries([b"one", b"", b"x" * 256]) == b"\x00\x03one\x00\x00\x01\x00" + b"x" * 256


def test_a_full_bundle_is_read_back() -> None:
    entries = [bytes([number]) * number for number in range(256)]
    assert decode_entries(encode_entries(entries)) == entries


def test_the_longest_entry_has_65535_bytes() -> None:
    assert decode_entries(encode_entries([b"x" * 65_535]), 1) == [b"x" * 65_535]
    with pytest.raises(LeafTooLarge):
        encode_entries([b"x" * 65_536])


@pytest.mark.parametrize("count", [0, 257])
def test_a_bundle_has_1_to_256_entries(count: int) -> None:
    with pytest.raises(Malformed):
        encode_entries([b""] * count)
    with pytest.raises(Malformed):
        decode_entries(b"\x00\x00" * count, count)


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"\x00\x01", b"\x00\x02a", b"\x00\x01a\x00", b"\x00\x01a\x00\x01b", b"\x00\x01ab"]
)
def test_cut_or_overlong_bundles_are_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        decode_entries(data, 1)
