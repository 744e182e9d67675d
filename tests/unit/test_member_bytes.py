"""The bytes of one member of a body are those that were sent, wherever it stands and however it is spaced."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api.body import member_bytes

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda one: st.lists(one) | st.dictionaries(st.text(), one)
)


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        ('{"envelope":{"b":1,"a":2}}', '{"b":1,"a":2}'),
        (' {\n"x" : "}, \\"envelope\\": 7" ,\t"envelope"\r:\n { "b" : 1 } , "y": [{"envelope": 3}]} ', '{ "b" : 1 }'),
        ('{"y":[{"envelope":3}],"envel\\u006fpe": {"a":"\\u00e9é"}}', '{"a":"\\u00e9é"}'),
    ],
)
def test_one_member_is_found(sent: str, found: str) -> None:
    assert member_bytes(sent.encode(), "envelope") == found.encode()


@given(st.dictionaries(st.text(), VALUES), VALUES, st.sampled_from([None, 1]))
def test_it_says_what_the_parser_read(others: dict[str, object], value: object, indent: int | None) -> None:
    sent = json.dumps({**others, "envelope": value, "": 1}, indent=indent).encode()
    assert json.loads(member_bytes(sent, "envelope")) == value
