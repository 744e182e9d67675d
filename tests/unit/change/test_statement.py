"""The statement that is signed: one form, nothing beside it, and no digest that is believed."""

from __future__ import annotations

import hashlib
import itertools
from typing import Any

import pytest

from governance.change.core.diff import differences
from governance.change.core.statement import FREE, MOST_BYTES, SCHEMA, built, difference_from, parsed
from governance.change.core.verbs import Verb, verb_of
from governance.change.errors import StatementMalformed
from ledger.core.canonical import canonical
from tests.support.statements import bent, fields


def test_it_is_read_as_it_was_written() -> None:
    made = built(fields())
    assert parsed(made.raw) == made
    assert (canonical(made.fields), made.verb) == (made.raw, Verb.APPROVE)


def test_the_signed_bytes_carry_the_type_of_the_verb() -> None:
    made = built(fields(Verb.VETO))
    kind = b"application/vnd.countersign.gov.veto.v1+json"
    assert made.signed_bytes == b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(made.raw), made.raw)


def test_no_signature_for_one_verb_is_one_for_another() -> None:
    signed = {built(fields(verb)).signed_bytes for verb in Verb}
    assert len(signed) == len({verb.payload_type for verb in Verb}) == len(Verb)
    assert [verb_of(verb.payload_type) for verb in Verb] == list(Verb)
    assert verb_of("application/vnd.countersign.receipt.v1+json") is None


def test_the_short_code_follows_from_every_byte() -> None:
    assert built(fields()).code == built(fields()).code
    assert len(built(fields()).code.split()) == 6
    assert built(fields()).code != built(bent("nonce", "BAAAAAAAAAAAAAAAAAAAAA")).code


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("change.body_digest", "00" * 32),
        ("change.body", {"oracle": "weather", "ttl_s": 9999}),
        ("effect.base_state", "00" * 32),
        ("effect.base", {"oracle": {"ttl_s": 1}}),
        ("effect.result", {"oracle": {"ttl_s": 9999}}),
        ("effect.diff", []),
        ("effect.diff", [{"path": "/oracle/ttl_s", "old": "3600", "new": "7201"}]),
    ],
)
def test_a_digest_or_difference_that_does_not_follow_is_refused(path: str, value: Any) -> None:
    with pytest.raises(StatementMalformed, match="follow"):
        built(bent(path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("extra", 1),
        ("change.extra", 1),
        ("effect.direction", "sideways"),
        ("change.revision", -1),
        ("change.revision", True),
        ("change.revision", "3"),
        ("change.body", []),
        ("window.not_after", "2026-11-28T09:00:00+01:00"),
        ("window.not_after", "2026-11-28T09:00:00.5Z"),
        ("nonce", "short"),
        ("nonce", "A" * 22 + "\n"),
        ("client.kind", "toaster"),
        ("verb", "approves"),
        ("v", "countersign-statement/2"),
        ("deployment.genesis", "AB" * 32),
        ("tenant", ""),
        ("change.reason", "cafe\u0301"),
        ("change.reason", ""),
    ],
)
def test_what_is_not_the_schema_is_refused_with_its_path(path: str, value: Any) -> None:
    with pytest.raises(StatementMalformed) as refused:
        built(bent(path, value))
    assert refused.value.path or path == "extra"


@pytest.mark.parametrize("name", sorted(SCHEMA))
def test_no_field_may_be_missing(name: str) -> None:
    made = fields()
    del made[name]
    with pytest.raises(StatementMalformed):
        built(made)


def test_fractions_are_refused_wherever_they_stand() -> None:
    made = fields()
    made["change"]["body"] = {"share": 0.5}
    made["change"]["body_digest"] = hashlib.sha256(b'{"share":0.5}').hexdigest()
    with pytest.raises(StatementMalformed, match="fractions"):
        built(made)


def test_other_bytes_for_the_same_values_are_refused() -> None:
    raw = built(fields()).raw
    for other in (raw + b"\n", raw.replace(b'"verb"', b' "verb"'), raw.replace(b'"tenant"', b'"v":1,"tenant"', 1)):
        with pytest.raises(StatementMalformed):
            parsed(other)


def test_more_than_64_kib_are_refused() -> None:
    with pytest.raises(StatementMalformed, match="64 KiB"):
        parsed(b" " * (MOST_BYTES + 1))


def test_the_signer_chooses_nonce_client_and_head_and_nothing_else() -> None:
    signed = built(fields())
    assert difference_from(signed, fields(nonce="B" * 22, client={"kind": "offline"}, ledger={})) == ""
    for name in SCHEMA.keys() - FREE:
        assert difference_from(signed, {**fields(), name: "other"}) == name


def test_what_the_signer_chooses_is_named() -> None:
    assert {"nonce", "client", "ledger"} == FREE


def test_differences_are_told_field_by_field() -> None:
    found = differences({"a": 1, "b": {"c": "x"}, "gone": None}, {"a": "1", "b": {"c": "x"}, "n/e~w": []})
    assert found == [
        {"path": "/a", "old": "1", "new": '"1"'},
        {"path": "/gone", "old": "null", "new": None},
        {"path": "/n~1e~0w", "old": None, "new": "[]"},
    ]


STATES: list[Any] = [None, 0, 1, "0", "", [], {}, {"a": 1}, {"a": {}}, {"a": None}, {"a": {"b": 1}}, {"a/b": 1}, [1]]


@pytest.mark.parametrize(("old", "new"), [*itertools.product(STATES, STATES)])
def test_two_states_differ_in_a_line_exactly_if_they_differ(old: Any, new: Any) -> None:
    assert bool(differences(old, new)) == (canonical(old) != canonical(new))


def test_a_character_that_no_older_release_knows_is_refused() -> None:
    with pytest.raises(StatementMalformed) as refused:
        built(bent("change.reason", "shaking \U0001fae8"))
    assert refused.value.path == "$.change.reason"
