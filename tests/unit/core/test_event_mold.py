"""Leaves that are made in two steps are the leaves that are made in one."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core.envelope import build, parse
from ledger.core.event_mold import mold
from ledger.core.types import Hash, JSONObject
from ledger.errors import JSONInvalid, LeafSchema

RECORDED = "2026-11-21T09:16:58.123456Z"
HASHES = st.binary(min_size=32, max_size=32).map(Hash)
ORIGIN = "demo.localhost/log/acme/decisions"
TYPES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=64)


@given(TYPES, HASHES, HASHES, HASHES, st.integers(1, 2**53 - 1))
def test_the_bytes_are_those_of_build(kind: str, attrs: Hash, payload: Hash, prev: Hash, index: int) -> None:
    made = mold(ORIGIN, kind, attrs, payload).cast(index, prev, RECORDED)
    fields: JSONObject = {"type": kind, "attrs": attrs.hex(), "payload": payload.hex()}
    whole = build("event", ORIGIN, index, prev, RECORDED, fields)
    assert whole == parse(made.raw)
    assert all(getattr(whole, name) == value for name, value in asdict(made).items())


@pytest.mark.parametrize("kind", ["", "t" * 257, "é" * 129])
def test_a_type_that_no_leaf_has_is_refused_before_the_log_is_locked(kind: str) -> None:
    with pytest.raises(LeafSchema):
        mold(ORIGIN, kind, Hash(bytes(32)), Hash(bytes(32)))


def test_a_type_that_is_no_text_is_refused() -> None:
    with pytest.raises(JSONInvalid):
        mold(ORIGIN, "\ud800", Hash(bytes(32)), Hash(bytes(32)))


def test_an_origin_that_no_log_has_is_refused() -> None:
    with pytest.raises(LeafSchema):
        mold("o" * 256, "t", Hash(bytes(32)), Hash(bytes(32)))
