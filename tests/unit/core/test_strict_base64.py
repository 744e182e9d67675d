"""One text for each byte string, except where DSSE lets two alphabets in."""

from __future__ import annotations

import pytest

from ledger.core.strict_base64 import decode, decode_either, encode


@pytest.mark.parametrize(("text", "data"), [("", b""), ("+/8=", b"\xfb\xff"), ("YQ==", b"a"), ("YWJj", b"abc")])
def test_it_reads_what_it_writes(text: str, data: bytes) -> None:
    assert decode(text) == data
    assert encode(data) == text


@pytest.mark.parametrize(
    "text",
    ["YR==", "YQ=", "YQ", "YQ===", "Y Q==", "YQ==\n", "-_8=", "YQ==YQ==", "é", "YWJ=", "=", "A", "\ud800"],
)
def test_it_refuses_every_other_spelling(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the callers give the place and the words
        decode(text)


@pytest.mark.parametrize("text", ["+/8=", "+/8", "-_8=", "-_8"])
def test_either_alphabet_with_or_without_padding_is_the_same(text: str) -> None:
    assert decode_either(text) == b"\xfb\xff"


@pytest.mark.parametrize("text", ["+_8=", "-/8", "YQ=", "YQ===", "YR", "A", "-_9", "YQ=Q"])
def test_either_refuses_mixtures_and_half_padding(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the core raises plain ValueError here
        decode_either(text)
