"""The published DSSE vector: our PAE is what its signature covers."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from ledger.core.dsse import pae, parse_envelope
from tests.vectors.known_dsse import ENVELOPE, PAE, PAYLOAD, PAYLOAD_TYPE, X, Y
from tests.vectors.note_sets import json_set


def test_the_signature_of_the_specification_covers_our_pae() -> None:
    envelope = parse_envelope(ENVELOPE)
    assert (envelope.payload, envelope.payload_type) == (PAYLOAD, PAYLOAD_TYPE)
    assert pae(envelope.payload_type, envelope.payload) == PAE
    sig = envelope.signatures[0].sig
    der = encode_dss_signature(int.from_bytes(sig[:32], "big"), int.from_bytes(sig[32:], "big"))
    key = ec.EllipticCurvePublicNumbers(X, Y, ec.SECP256R1()).public_key()
    key.verify(der, pae(envelope.payload_type, envelope.payload), ec.ECDSA(SHA256()))


@pytest.mark.optional
def test_the_known_answers_are_those_of_the_set() -> None:
    given = json_set("dsse", "dsse-protocol-v1.0.2.json")
    assert parse_envelope(given["envelope"]) == parse_envelope(ENVELOPE)
    assert given["pae"].encode() == PAE
    assert (given["key"]["x"], given["key"]["y"]) == (str(X), str(Y))
