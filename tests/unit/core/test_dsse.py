"""DSSE: type and payload are signed together, key IDs are hints, one key counts once."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode

import pytest
from securesystemslib.dsse import Envelope as TheirEnvelope
from securesystemslib.signer import (  # type: ignore[attr-defined]  # re-exported without saying so
    Key,
    SSlibKey,
)

from ledger.core.dsse import (
    Envelope,
    Signature,
    pae,
    parse_envelope,
    sign_envelope,
    signed_by,
    verified_payload,
)
from ledger.core.types import JSON, JSONObject
from ledger.errors import EnvelopeMalformed, EnvelopeSignatureWrong, JSONInvalid
from tests.unit.core.signers import Signer, signer

KIND = "application/vnd.countersign.receipt.v1+json"
BODY = b'{"a":"\xc3\xa4"}\xfb\xff\xbe'
A, B, C = signer(1), signer(2), signer(3)
KEYS = {"a": A.vkey.public, "b": B.vkey.public}


def sealed(*signers: tuple[str, Signer]) -> Envelope:
    (keyid, first), *more = signers
    envelope = sign_envelope(KIND, BODY, keyid, first.sign)
    for keyid, one in more:
        envelope = envelope.with_signature(keyid, one.sign)
    return envelope


def test_lengths_count_bytes() -> None:
    assert pae("ä", "€".encode()) == "DSSEv1 2 ä 3 €".encode()
    assert pae("", b"") == b"DSSEv1 0  0 "


def test_type_and_body_cannot_be_shifted_into_each_other() -> None:
    assert pae("a", b"b 1 c") != pae("a 5 b", b"c")


def test_it_writes_what_it_read() -> None:
    envelope = sealed(("a", A), ("", B))
    assert parse_envelope(envelope.to_bytes()) == envelope
    assert parse_envelope(envelope.to_json()) == envelope
    assert "keyid" not in str(envelope.to_json()["signatures"]).split("}")[1]


def test_the_verified_payload_is_handed_on() -> None:
    assert verified_payload(sealed(("a", A)), KEYS, KIND) == BODY
    assert verified_payload(sealed(("a", A), ("b", B)), KEYS, KIND, threshold=2) == BODY


@pytest.mark.parametrize("keyid", ["", "b", "unknown", "a"])
def test_a_key_id_is_only_a_hint(keyid: str) -> None:
    assert signed_by(sealed((keyid, A)), KEYS) == ["a"]


def test_a_foreign_or_wrong_signature_does_not_spoil_a_right_one() -> None:
    envelope = sealed(("a", A), ("c", C))
    wrong = Envelope(BODY, KIND, (Signature(bytes(64), "a"), Signature(b"", "b"), *envelope.signatures))
    assert signed_by(wrong, KEYS) == ["a"]


def test_one_key_counts_once_however_often_it_signed_or_is_named() -> None:
    twice = sealed(("a", A), ("b", A))
    assert signed_by(twice, {"a": A.vkey.public, "alias": A.vkey.public}) == ["a"]
    with pytest.raises(EnvelopeSignatureWrong, match="1 of 2"):
        verified_payload(twice, {"a": A.vkey.public, "alias": A.vkey.public}, KIND, threshold=2)


def test_one_signature_never_stands_for_two_keys() -> None:
    assert signed_by(sealed(("a", A)), KEYS) == ["a"]
    with pytest.raises(EnvelopeSignatureWrong):
        verified_payload(sealed(("a", A)), KEYS, KIND, threshold=2)


@pytest.mark.parametrize("keys", [{}, {"a": B.vkey.public}, {"a": bytes(32)}, {"a": b""}])
def test_without_a_known_signer_nothing_comes_out(keys: dict[str, bytes]) -> None:
    assert signed_by(sealed(("a", A)), keys) == []
    with pytest.raises(EnvelopeSignatureWrong):
        verified_payload(sealed(("a", A)), keys, KIND)


def test_the_signature_covers_payload_and_type() -> None:
    envelope = sealed(("a", A))
    assert signed_by(Envelope(BODY + b" ", KIND, envelope.signatures), KEYS) == []
    assert signed_by(Envelope(BODY, KIND + "x", envelope.signatures), KEYS) == []


def test_another_type_than_expected_is_refused_although_it_verifies() -> None:
    with pytest.raises(EnvelopeMalformed, match="another payload type"):
        verified_payload(sealed(("a", A)), KEYS, "application/vnd.countersign.manifest.v1+json")


@pytest.mark.parametrize("threshold", [0, -1])
def test_a_threshold_below_one_is_a_mistake_of_the_caller(threshold: int) -> None:
    with pytest.raises(ValueError, match="threshold"):
        verified_payload(sealed(("a", A)), KEYS, KIND, threshold)


@pytest.mark.parametrize("encode", [b64encode, urlsafe_b64encode])
@pytest.mark.parametrize("padding", [True, False])
def test_both_alphabets_are_read(encode: type, padding: bool) -> None:  # noqa: FBT001 - parametrized
    envelope = sealed(("a", A))
    texts = [str(encode(raw), "ascii") for raw in (BODY, envelope.signatures[0].sig)]
    payload, sig = texts if padding else [text.rstrip("=") for text in texts]
    value: JSONObject = {"payload": payload, "payloadType": KIND, "signatures": [{"keyid": "a", "sig": sig}]}
    assert parse_envelope(value) == envelope


def test_unknown_fields_are_ignored_and_an_empty_key_id_is_none() -> None:
    value = sealed(("", A)).to_json() | {"more": [1]}
    row: JSON = {"sig": b64encode(A.sign(pae(KIND, BODY))).decode(), "keyid": "", "cert": "x"}
    assert parse_envelope(value | {"signatures": [row]}) == sealed(("", A))


def changed(field: str, value: object) -> bytes:
    envelope: dict[str, object] = {"payload": "YQ==", "payloadType": KIND, "signatures": [{"sig": "YQ=="}]}
    return json.dumps({**envelope, field: value}).encode()


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"[]", "$"),
        (b"null", "$"),
        (b"{}", "$.signatures"),
        (changed("signatures", []), "$.signatures"),
        (changed("signatures", {}), "$.signatures"),
        (changed("signatures", [{"sig": "YQ=="}] * 101), "$.signatures"),
        (changed("signatures", ["YQ=="]), "$.signatures[0]"),
        (changed("signatures", [{}]), "$.signatures[0].sig"),
        (changed("signatures", [{"sig": "YQ=="}, {"sig": "Y"}]), "$.signatures[1].sig"),
        (changed("signatures", [{"sig": None}]), "$.signatures[0].sig"),
        (changed("signatures", [{"sig": "YQ==", "keyid": None}]), "$.signatures[0].keyid"),
        (changed("payload", None), "$.payload"),
        (changed("payload", "YR=="), "$.payload"),
        (changed("payload", "+_8="), "$.payload"),
        (changed("payload", "YQ="), "$.payload"),
        (changed("payload", "Y Q=="), "$.payload"),
        (changed("payload", "é"), "$.payload"),
        (changed("payloadType", 1), "$.payloadType"),
    ],
)
def test_it_refuses_other_shapes_and_names_the_place(data: bytes, path: str) -> None:
    with pytest.raises(EnvelopeMalformed) as caught:
        parse_envelope(data)
    assert caught.value.path == path


@pytest.mark.parametrize(
    "data",
    [
        b'{"payload":"YQ==","payload":"Yg==","payloadType":"t","signatures":[{"sig":""}]}',
        b"{",
        b"",
        b"\xff",
        b"\xef\xbb\xbf{}",
    ],
)
def test_it_refuses_json_that_is_read_in_two_ways(data: bytes) -> None:
    with pytest.raises(JSONInvalid):
        parse_envelope(data)


def test_a_duplicate_key_inside_a_signature_is_refused() -> None:
    with pytest.raises(JSONInvalid):
        parse_envelope(b'{"payload":"","payloadType":"t","signatures":[{"sig":"YQ==","sig":"Yg=="}]}')


@pytest.mark.parametrize(("kind", "keyid"), [("\ud800", ""), ("t", "\udfff")])
def test_lone_surrogates_never_reach_a_signature(kind: str, keyid: str) -> None:
    with pytest.raises(EnvelopeMalformed, match="surrogate"):
        Envelope(b"", kind, (Signature(b"", keyid),))


def test_an_envelope_without_or_with_too_many_signatures_is_not_made() -> None:
    for count in (0, 101):
        with pytest.raises(EnvelopeMalformed, match="1 to 100"):
            Envelope(b"", "t", (Signature(b""),) * count)


def test_securesystemslib_agrees_on_the_signed_bytes_and_the_signers() -> None:
    envelope = sealed(("a", A), ("b", B))
    theirs = TheirEnvelope.from_dict(json.loads(envelope.to_bytes()))
    keys: list[Key] = [SSlibKey(name, "ed25519", "ed25519", {"public": public.hex()}) for name, public in KEYS.items()]
    assert theirs.pae() == pae(KIND, BODY)
    assert set(theirs.verify(keys, threshold=2)) == set(signed_by(envelope, KEYS)) == {"a", "b"}
