"""Rows that are written at once are the rows that the values give."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api.encoding import b64, dump
from console.api.receipt_pending import b64_salts
from console.api.rows_json import leaf_json, listed, receipt_json, salts_json
from ledger.core.dsse import Envelope, Signature
from ledger.core.types import Hash
from ledger.services.answers import Placed

BYTES = st.binary(max_size=80)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SIGNATURES = st.lists(st.builds(Signature, BYTES, TEXTS), min_size=1, max_size=2).map(tuple)


@given(BYTES, TEXTS, SIGNATURES)
def test_a_receipt_is_that_of_its_values(payload: bytes, kind: str, signatures: tuple[Signature, ...]) -> None:
    receipt = Envelope(payload, kind, signatures)
    assert receipt_json(receipt) == dump(receipt.to_json())


@given(BYTES, BYTES, BYTES)
def test_a_leaf_and_its_salts_are_those_of_their_values(leaf: bytes, attrs: bytes, payload: bytes) -> None:
    row = Placed(1, leaf, Hash(bytes(32)), {"attrs": attrs, "payload": payload}, replayed=False)
    assert leaf_json(row) == dump(b64(leaf))
    assert salts_json(row) == dump(b64_salts(row))


@pytest.mark.parametrize("rows", [[], [b"1"], [b"1", b'"a"']])
def test_a_list_of_rows_is_a_list(rows: list[bytes]) -> None:
    assert dump({"rows": listed(rows)}) == b'{"rows":[' + b",".join(rows) + b"]}"
