"""What counts as a signed word (attacks 4 to 9, 22): those very bytes, asked for here, for this, once.

Attack 5's small-order keys stand in `test_attacks_on_changes_people.py` (enrolment) and here (planted past the engine).
Attack 22's differential over 10,000 fuzzed payloads is `tests/e2e/test_signers_agree.py`; what stands here are its
inputs as they arrive over HTTP. Attack 23 (a lying server) is one on the signer, so that it needs a browser:
`tests/e2e/test_attacks_on_the_signing_page.py` and `tests/e2e/test_the_demo.py`.
"""

from __future__ import annotations

import base64
import copy
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from nacl.signing import SigningKey

from governance.change.core.verbs import Verb
from governance.change.models import Change, Word
from ledger.core.canonical import canonical
from ledger.core.dsse import pae
from tests.support.attacks import JSON, Doors
from tests.support.governed import denials

pytestmark = pytest.mark.db
FORMS = {"text/plain", "application/x-www-form-urlencoded"}
"""What a foreign page can send: refused before anybody is known, so that its denials are summed per minute."""
ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.fixture
def row(doors: Doors) -> Change:
    return doors.in_review()


def with_signature(envelope: dict[str, Any], signature: str) -> dict[str, Any]:
    return {**envelope, "signatures": [{**envelope["signatures"][0], "sig": signature}]}


def bytes_of(envelope: dict[str, Any]) -> bytes:
    return base64.b64decode(envelope["signatures"][0]["sig"])


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def resigned(doors: Doors, who: str, row: Change, change: Any, verb: Verb = Verb.APPROVE) -> dict[str, Any]:
    """The statement with something else in it, signed with the right key."""
    told = doors.statement(who, row, verb)
    fields = json.loads(base64.b64decode(told["statement"]))
    change(fields)
    return signed(doors.it[who].private, doors.it[who].kid, told["payload_type"], canonical(fields))


def signed(private: SigningKey, kid: str, kind: str, raw: bytes) -> dict[str, Any]:
    signature = private.sign(pae(kind, raw)).signature
    return {"payload": b64(raw), "payloadType": kind, "signatures": [{"keyid": kid, "sig": b64(signature)}]}


def test_4_the_same_word_twice_counts_once(doors: Doors, row: Change) -> None:
    envelope = doors.envelope("ben", row, Verb.APPROVE)
    doors.done(doors.hand_in("ben", row, envelope))
    with doors.attack("statement_nonce", 409):
        doors.hand_in("ben", row, envelope)


def test_4_other_white_space_around_the_same_word_is_the_same_word(doors: Doors, row: Change) -> None:
    envelope = doors.envelope("ben", row, Verb.APPROVE)
    doors.done(doors.hand_in("ben", row, envelope))
    with doors.attack("statement_nonce", 409):
        body = json.dumps({"envelope": envelope}, indent=3).encode()
        doors.post("ben", f"changes/{row.key}/decisions/", body)


def test_4_the_id_of_a_key_in_capitals_is_no_key(doors: Doors, row: Change) -> None:
    envelope = doors.envelope("ben", row, Verb.APPROVE)
    envelope["signatures"][0]["keyid"] = doors.it["ben"].kid.upper() + "A"
    with doors.attack("key_not_valid", 403):
        doors.hand_in("ben", row, envelope)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda one: with_signature(one, base64.urlsafe_b64encode(b"\xff" * 64).decode()),
        lambda one: with_signature(one, b64(bytes_of(one)) + "\n"),
        lambda one: with_signature(one, b64(bytes_of(one)).rstrip("=")),
        lambda one: with_signature(one, b64(bytes_of(one)) + "="),
        lambda one: {**one, "signatures": one["signatures"] * 2},
        lambda one: {**one, "signatures": []},
        lambda one: {**one, "more": 1},
        lambda one: {**one, "payload": 7},
    ],
    ids=["urlsafe", "newline", "unpadded", "padded", "two", "none", "field", "number"],
)
def test_6_an_envelope_in_any_other_writing_is_none(doors: Doors, row: Change, spoil: Any) -> None:
    envelope = spoil(doors.envelope("ben", row, Verb.APPROVE))
    with doors.attack("word_malformed", 422):
        doors.hand_in("ben", row, envelope)


@pytest.mark.parametrize("spoil", ["S + L", "63", "65", "zero", "another"])
def test_6_a_signature_that_is_not_exactly_the_one_is_none(doors: Doors, row: Change, spoil: str) -> None:
    envelope = doors.envelope("ben", row, Verb.APPROVE)
    raw = bytes_of(envelope)
    made = {
        "S + L": raw[:32] + (int.from_bytes(raw[32:], "little") + ORDER).to_bytes(32, "little"),
        "63": raw[:-1], "65": raw + b"\0", "zero": bytes(64),
        "another": doors.it["cyd"].private.sign(base64.b64decode(envelope["payload"])).signature,
    }  # fmt: skip
    with doors.attack("word_signature_wrong", 422):
        doors.hand_in("ben", row, with_signature(envelope, b64(made[spoil])))


def test_5_a_key_of_small_order_that_was_planted_verifies_nothing(
    doors: Doors, row: Change, admin_connection: Any
) -> None:
    envelope = doors.envelope("ben", row, Verb.APPROVE)
    weak = b"\1" + bytes(31)
    admin_connection.execute("ALTER TABLE identity_personkey DISABLE TRIGGER ALL")
    admin_connection.execute("UPDATE identity_personkey SET public = %s WHERE kid = %s", [weak, doors.it["ben"].kid])
    with doors.attack("word_signature_wrong", 422):
        doors.hand_in("ben", row, with_signature(envelope, b64(weak + bytes(32))))


@pytest.mark.parametrize("verb", [Verb.REJECT, Verb.VETO, Verb.EXECUTE, Verb.REVOKE_APPROVAL, Verb.REVERT])
def test_7_a_word_for_another_verb_is_none_for_this_one(doors: Doors, row: Change, verb: Verb) -> None:
    envelope = doors.envelope("ben", row, verb)
    with doors.attack("word_signature_wrong", 422):
        doors.hand_in("ben", row, {**envelope, "payloadType": Verb.APPROVE.payload_type})


def test_7_an_approval_that_is_called_the_handing_over_of_a_key_does_not_verify(doors: Doors, row: Change) -> None:
    envelope = {**doors.envelope("ben", row, Verb.APPROVE), "payloadType": Verb.ROTATE_KEY.payload_type}
    with doors.attack("word_signature_wrong", 422):
        doors.hand_in("ben", row, envelope)


@pytest.mark.parametrize("kind", [Verb.ENROL_KEY.payload_type, "application/json", "text/plain"])
def test_7_a_type_that_says_nothing_over_a_change_is_refused(doors: Doors, row: Change, kind: str) -> None:
    envelope = {**doors.envelope("ben", row, Verb.APPROVE), "payloadType": kind}
    with doors.attack("word_malformed", 422):
        doors.hand_in("ben", row, envelope)


def test_7_one_verb_signed_as_another_differs_from_what_was_asked(doors: Doors, row: Change) -> None:
    told = doors.statement("ben", row, Verb.REJECT)
    raw, one = base64.b64decode(told["statement"]), doors.it["ben"]
    envelope = signed(one.private, one.kid, Verb.APPROVE.payload_type, raw)
    with doors.attack("statement_nonce", 409):
        doors.hand_in("ben", row, envelope)


def other_deployment(fields: Any) -> None:
    fields["deployment"]["genesis"] = "11" * 32


def other_origin(fields: Any) -> None:
    fields["deployment"]["origin"] = "staging.example/log/_governance/changes"


def other_tenant(fields: Any) -> None:
    fields["tenant"] = "01a1ff2a-0000-7000-8000-000000000000"


@pytest.mark.parametrize("change", [other_deployment, other_origin, other_tenant])
def test_8_a_word_of_another_deployment_or_tenant_is_none_here(doors: Doors, row: Change, change: Any) -> None:
    envelope = resigned(doors, "ben", row, change)
    with doors.attack("statement_differs", 422):
        doors.hand_in("ben", row, envelope)


def test_8_a_word_over_another_change_with_the_same_body_is_none_for_this_one(doors: Doors, row: Change) -> None:
    other = doors.in_review()
    envelope = doors.envelope("ben", row, Verb.APPROVE)
    with doors.attack("statement_nonce", 409):
        doors.hand_in("ben", other, envelope)


def test_8_a_word_from_a_copy_of_this_ledger_is_none(doors: Doors, row: Change) -> None:
    def forked(fields: Any) -> None:
        fields["ledger"] = {**fields["ledger"], "size": 7, "root": "ab" * 32}

    envelope = resigned(doors, "ben", row, forked)
    with doors.attack("statement_head", 409):
        doors.hand_in("ben", row, envelope)


def test_8_the_word_of_somebody_else_is_none_of_mine(doors: Doors, row: Change) -> None:
    envelope = doors.envelope("cyd", row, Verb.APPROVE)
    with doors.attack("key_not_valid", 403):
        doors.hand_in("ben", row, envelope)


def test_9_a_word_over_an_older_revision_though_its_text_came_back(doors: Doors, row: Change) -> None:
    envelope = doors.envelope("ben", row, Verb.APPROVE)
    for revision, reason in ((1, "Other words."), (2, "Agreed on Monday.")):
        body = {"body": doors.it.suspend, "reason": reason, "revision": revision}
        doors.done(doors.post("ada", f"changes/{row.key}/revisions/", body))
    with doors.attack("change_revision", 409):
        doors.hand_in("ben", row, envelope)


@pytest.mark.parametrize("field", ["change", "effect", "policy", "window", "signer"])
def test_8_a_statement_with_another_field_in_it_is_not_what_was_given(doors: Doors, row: Change, field: str) -> None:
    def bend(fields: Any) -> None:
        nested = {
            "change": ("reason", "Nicer words."), "effect": ("way_back", None), "policy": ("digest", "00" * 32),
            "window": ("not_before", "2020-01-01T00:00:00Z"), "signer": ("groups", ["science"]),
        }  # fmt: skip
        key, value = nested[field]
        fields[field] = {**copy.deepcopy(fields[field]), key: value}

    envelope = resigned(doors, "ben", row, bend)
    with doors.attack("statement_differs", 422):
        doors.hand_in("ben", row, envelope)


@pytest.mark.parametrize(
    "raw",
    [
        lambda raw: raw.replace(b'"v":', b'"v":"countersign-statement/1","v":', 1),
        lambda raw: raw.replace(b'"revision":1', b'"revision":1.0', 1),
        lambda raw: raw.replace(b'"revision":1', b'"revision":1e0', 1),
        lambda raw: raw.replace(b'"revision":1', b'"revision":-0', 1),
        lambda raw: raw.replace(b'"revision":1', b'"revision":9007199254740993', 1),
        lambda raw: raw.replace(b'"revision":1', b'"revision":NaN', 1),
        lambda raw: raw.replace(b"Agreed on", b"Agreed\\u0020on", 1),
        lambda raw: raw.replace(b'"v":', b'"__proto__":{},"v":', 1),
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw.decode().encode("utf-16"),
        lambda raw: raw + b" ",
        lambda _: b"[" * 10_000 + b"]" * 10_000,
    ],
    ids=["duplicate", "1.0", "1e0", "-0", "2^53+1", "NaN", "escape", "proto", "BOM", "UTF-16", "space",
         "deep"],
)  # fmt: skip
def test_22_bytes_that_another_parser_would_read_otherwise_are_no_statement(
    doors: Doors, row: Change, raw: Any
) -> None:
    told, one = doors.statement("ben", row, Verb.APPROVE), doors.it["ben"]
    bent = raw(base64.b64decode(told["statement"]))
    envelope = signed(one.private, one.kid, told["payload_type"], bent)
    with doors.attack("statement_malformed", 422):
        doors.hand_in("ben", row, envelope)


@pytest.mark.parametrize(
    ("text", "code"),
    [("Agreed\\u0000on", "statement_differs"), ("Agr\u0435ed on", "statement_differs"),
     ("Agre\u0301ed on", "statement_malformed")],
    ids=["null", "homoglyph", "NFD"],
)  # fmt: skip
def test_22_text_that_only_looks_the_same_is_other_text(doors: Doors, row: Change, text: str, code: str) -> None:
    told, one = doors.statement("ben", row, Verb.APPROVE), doors.it["ben"]
    bent = base64.b64decode(told["statement"]).replace(b"Agreed on", text.encode(), 1)
    with doors.attack(code, 422):
        doors.hand_in("ben", row, signed(one.private, one.kid, told["payload_type"], bent))


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [
        (b'{"envelope": {}, "envelope": {}}', "json_invalid", 422),
        (b'{"envelope": NaN}', "json_invalid", 422),
        (b"\xef\xbb\xbf{}", "json_invalid", 422),
        (b"[]", "parameter_invalid", 422),
        (b"{}", "parameter_invalid", 422),
        (b'{"envelope": {}, "approve_all": true}', "parameter_invalid", 422),
        (b'{"envelope": {}, "__proto__": {}}', "parameter_invalid", 422),
        (b"[" * 60_000, "json_invalid", 422),
    ],
    ids=["duplicate", "NaN", "BOM", "list", "empty", "unknown", "proto", "deep"],
)
def test_22_a_body_that_is_no_word_is_refused_before_anything_is_verified(
    doors: Doors, row: Change, body: bytes, code: str, status: int
) -> None:
    with doors.attack(code, status):
        doors.post("ben", f"changes/{row.key}/decisions/", body)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "text/html", ""])
def test_22_a_word_under_another_content_type_is_refused(doors: Doors, row: Change, kind: str) -> None:
    envelope = doors.envelope("ben", row, Verb.APPROVE)
    body = json.dumps({"envelope": envelope}).encode()
    with doors.attack("type_unsupported", 415, summed=kind in FORMS):
        doors.post("ben", f"changes/{row.key}/decisions/", body, kind)


def test_4_the_same_word_fifty_times_at_once_counts_once(doors: Doors, row: Change) -> None:
    envelope, clients = doors.envelope("ben", row, Verb.APPROVE), [doors.session("ben") for _ in range(50)]
    said = len(denials())

    def post(client: Any) -> tuple[int, str]:
        try:
            body = json.dumps({"envelope": envelope})
            answer = client.post(f"/api/v1/changes/{row.key}/decisions/", body, JSON)
            return answer.status_code, answer.json().get("code", "")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(post, clients))
    assert sorted(set(found)) == [(200, ""), (409, "statement_nonce")]
    assert found.count((200, "")) == 1
    assert Word.objects.count() == 1
    assert len(denials()) - said == 49
