"""Envelopes: what is written is read back, and no changed byte of payload, type or signature verifies."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope as TheirEnvelope

from ledger.core.dsse import Envelope, Signature, pae, parse_envelope, sign_envelope, signed_by
from ledger.core.strict_base64 import decode_either, encode
from ledger.errors import EnvelopeMalformed, JSONInvalid
from tests.unit.core.signers import LOG

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SIGNATURES = st.lists(st.builds(Signature, st.binary(), TEXT), min_size=1, max_size=5).map(tuple)


@given(st.binary(), TEXT, SIGNATURES)
def test_an_envelope_is_read_as_it_was_written(
    payload: bytes, payload_type: str, signatures: tuple[Signature, ...]
) -> None:
    envelope = Envelope(payload, payload_type, signatures)
    assert parse_envelope(envelope.to_bytes()) == envelope


@given(st.binary(), TEXT)
def test_the_signed_bytes_are_those_of_securesystemslib(payload: bytes, payload_type: str) -> None:
    assert pae(payload_type, payload) == TheirEnvelope(payload, payload_type, {}).pae()


@given(st.binary(), TEXT, st.binary(), TEXT)
def test_different_contents_have_different_signed_bytes(
    payload: bytes, payload_type: str, other: bytes, other_type: str
) -> None:
    same = (payload, payload_type) == (other, other_type)
    assert (pae(payload_type, payload) == pae(other_type, other)) is same


@given(st.binary())
def test_all_four_spellings_of_base64_are_the_same_bytes(data: bytes) -> None:
    standard = encode(data)
    url_safe = standard.translate(str.maketrans("+/", "-_"))
    for text in (standard, url_safe, standard.rstrip("="), url_safe.rstrip("=")):
        assert decode_either(text) == data


def test_no_flipped_bit_of_an_envelope_verifies_with_other_content() -> None:
    envelope = sign_envelope("application/x", b'{"a":1}', "log", LOG.sign)
    data, reached = envelope.to_bytes(), Counter[str]()
    for position in range(len(data) * 8):
        changed = bytearray(data)
        changed[position // 8] ^= 1 << position % 8
        reached[outcome(bytes(changed), envelope)] += 1
    assert reached["forged"] == 0
    assert reached["JSONInvalid"] > 100, reached
    assert reached["EnvelopeMalformed"] > 100, reached
    assert reached["not signed"] > 100, reached
    assert reached["same content"] > 0, reached


def outcome(data: bytes, original: Envelope) -> str:
    """Where an envelope ends up; only hints and unknown fields may change without breaking the signature."""
    try:
        envelope = parse_envelope(data)
    except (JSONInvalid, EnvelopeMalformed) as error:
        return type(error).__name__
    if not signed_by(envelope, {"log": LOG.vkey.public}):
        return "not signed"
    same = (envelope.payload, envelope.payload_type) == (original.payload, original.payload_type)
    return "same content" if same else "forged"
