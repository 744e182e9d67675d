"""A new key's proof: one signature, by itself, over exactly what the portal asked."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from nacl.signing import SigningKey

from governance.change.core.possession import Asked, filled, proof_in, template, words_of
from governance.change.core.statement import digest_of, parsed
from governance.change.core.verbs import Verb
from governance.identity.core.person_keys import Custody, KeyUse
from governance.identity.errors import KeyMalformed
from ledger.core.canonical import canonical
from ledger.core.dsse import pae, parse_envelope, sign_envelope
from ledger.core.keys import kid_of
from ledger.core.short_words import spoken
from ledger.core.types import JSONObject

ORIGIN = "test.localhost/log/_governance/changes"
HEAD: JSONObject = {"origin": ORIGIN, "size": 4, "root": "ab" * 32}
ASKED = Asked(
    origin=ORIGIN, genesis="0" * 64, person="person:ann", name="Ann", use=KeyUse.DECISION, replaces=None,
    nonce=bytes(range(16)), at=datetime(2026, 11, 21, 9, 0, tzinfo=UTC), ledger=dict(HEAD),
)  # fmt: skip
PRIVATE = SigningKey(bytes(range(32)))
PUBLIC = bytes(PRIVATE.verify_key)


def envelope(asked: Asked = ASKED, **more: Any) -> bytes:
    kid = kid_of(asked.use.value, ORIGIN, PUBLIC)
    fields = filled(template(asked), kid=more.get("kid", kid), public=PUBLIC, custody=Custody.PASSPHRASE)
    kind = more.get("kind", asked.verb.payload_type)
    return sign_envelope(kind, canonical(fields), kid, lambda raw: PRIVATE.sign(raw).signature).to_bytes()


def test_a_proof_that_answers_what_was_asked_is_what_identity_keeps() -> None:
    found = proof_in(envelope()).answers(ASKED)
    assert (found.person, found.public, found.use, found.custody) == (
        "person:ann", PUBLIC, KeyUse.DECISION, Custody.PASSPHRASE,
    )  # fmt: skip
    assert found.kid == kid_of("decision", ORIGIN, PUBLIC)


def test_a_key_that_replaces_another_says_another_verb() -> None:
    asked = replace(ASKED, replaces="1" * 32)
    assert asked.verb is Verb.ROTATE_KEY
    assert proof_in(envelope(asked)).answers(asked).replaces == "1" * 32
    with pytest.raises(KeyMalformed, match="asked"):
        proof_in(envelope(asked)).answers(replace(asked, replaces="2" * 32))


def test_the_template_is_a_statement_once_it_is_filled() -> None:
    fields = filled(template(ASKED), kid="1" * 32, public=PUBLIC, custody=Custody.OFFLINE)
    statement: Any = parsed(canonical(fields)).fields
    assert statement["policy"]["rule"]["tier"] == "low"
    assert statement["signer"]["key"] == statement["change"]["body"]["kid"] == "1" * 32
    assert statement["change"]["body"]["public"] == base64.b64encode(PUBLIC).decode()
    assert statement["window"] == {"not_before": "2026-11-21T09:00:00Z", "not_after": "2026-11-22T09:00:00Z"}


@pytest.mark.parametrize(
    "other",
    [
        {"person": "person:bob"}, {"name": "Bob"}, {"use": KeyUse.NATIVE}, {"genesis": "1" * 64},
        {"at": datetime(2026, 11, 21, 9, 1, tzinfo=UTC)},
    ],
    ids=str,
)  # fmt: skip
def test_nothing_but_key_head_and_client_may_differ(other: dict[str, Any]) -> None:
    with pytest.raises(KeyMalformed, match="asked"):
        proof_in(envelope()).answers(replace(ASKED, **other))
    assert proof_in(envelope()).answers(replace(ASKED, ledger={**HEAD, "size": 9})).public == PUBLIC


def test_an_id_that_does_not_follow_from_the_key_is_refused() -> None:
    with pytest.raises(KeyMalformed, match="id"):
        proof_in(envelope(kid="0" * 32))


def test_a_signature_under_another_verb_or_key_is_refused() -> None:
    with pytest.raises(KeyMalformed):
        proof_in(envelope(kind=Verb.APPROVE.payload_type))
    payload = proof_in(envelope()).statement.raw
    other = SigningKey(bytes(32)).sign(pae(Verb.ENROL_KEY.payload_type, payload)).signature
    forged = sign_envelope(Verb.ENROL_KEY.payload_type, payload, "", lambda _: other).to_bytes()
    with pytest.raises(KeyMalformed):
        proof_in(forged)


def test_two_signatures_are_one_too_many() -> None:
    twice = parse_envelope(envelope()).with_signature("", lambda raw: PRIVATE.sign(raw).signature).to_bytes()
    with pytest.raises(KeyMalformed, match="One signature"):
        proof_in(twice)


def test_a_statement_about_a_change_is_no_proof() -> None:
    fields = filled(template(ASKED), kid=kid_of("decision", ORIGIN, PUBLIC), public=PUBLIC, custody=Custody.OFFLINE)
    fields["verb"] = Verb.APPROVE.value
    kind = Verb.APPROVE.payload_type
    signed = sign_envelope(kind, canonical(fields), "", lambda raw: PRIVATE.sign(raw).signature).to_bytes()
    with pytest.raises(KeyMalformed, match="enrolment"):
        proof_in(signed)


@pytest.mark.parametrize("raw", [b"", b"{}", b"[]", b"{" * 20], ids=len)
def test_what_is_no_envelope_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(KeyMalformed):
        proof_in(raw)


def test_a_proof_that_is_too_long_is_not_read() -> None:
    with pytest.raises(KeyMalformed, match="16 KiB"):
        proof_in(envelope() + b" " * 16_384)


def test_the_words_of_a_key_are_those_of_the_command_line() -> None:
    shown = base64.b64encode(PUBLIC).decode()
    assert words_of(PUBLIC) == spoken(bytes.fromhex(digest_of({"public": shown})), 6)
    assert len(words_of(PUBLIC).split()) == 6
    assert words_of(PUBLIC) != words_of(bytes(SigningKey(bytes(32)).verify_key))
