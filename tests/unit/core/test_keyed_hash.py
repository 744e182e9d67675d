"""Keyed hashes are HMAC-SHA-256, as the standard library makes it."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core.keyed_hash import BLOCK_BYTES, keyed_hash


@given(st.binary(max_size=BLOCK_BYTES), st.binary(max_size=512))
def test_the_hash_is_that_of_the_standard_library(key: bytes, message: bytes) -> None:
    assert keyed_hash(key, message) == hmac.digest(key, message, "sha256")


def test_a_key_longer_than_a_block_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than a block"):
        keyed_hash(bytes(BLOCK_BYTES + 1), b"")
