"""A signed word counts only as it was asked for, from whom it was asked, and once. All else is denied and told."""

from __future__ import annotations

import base64
import copy
import json
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from governance.change.actions.edit import edit_change
from governance.change.actions.issue import issue_statement
from governance.change.actions.take_word import take_word
from governance.change.core.verbs import Verb
from governance.change.models import Change, Word
from governance.identity.core.principal import Scope, machine
from governance.identity.models import PersonKey
from governance.identity.selectors.principals import principal_of_person
from tests.support.clones import Clone
from tests.support.governed import World, refused, world
from tests.support.world import moment

pytestmark = pytest.mark.db
ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.fixture
def it(ledger_db: Clone) -> World:
    return world()


@pytest.fixture
def row(it: World) -> Change:
    return it.in_review()


def bent(envelope: bytes, **changed: Any) -> bytes:
    return json.dumps({**json.loads(envelope), **changed}).encode()


def with_signature(envelope: bytes, signature: str) -> bytes:
    told = json.loads(envelope)
    return bent(envelope, signatures=[{**told["signatures"][0], "sig": signature}])


def signature_of(envelope: bytes) -> bytes:
    return base64.b64decode(json.loads(envelope)["signatures"][0]["sig"])


def test_the_author_does_not_approve(it: World, row: Change) -> None:
    it.people["ada"].row.memberships.update(role="approver")
    with refused("sod_contributor"):
        it.say(row, Verb.APPROVE, "ada")


def test_whoever_edited_once_never_approves_though_another_edited_after_them(it: World, row: Change) -> None:
    by = it["ben"].principal()
    edit_change(row.key, it.suspend, "Fixed a word.", revision=1, by=by, at=moment(it.now))
    row = edit_change(row.key, it.suspend, "And back.", revision=2, by=it["ada"].principal(), at=moment(it.now))
    with refused("sod_contributor"):
        it.say(row, Verb.APPROVE, "ben")
    assert it.approved(row, "cyd", "dov").state == "timelocked"


def test_whoever_edited_by_a_token_never_approves(it: World, row: Change) -> None:
    token = principal_of_person(it["ben"].row, it.now, frozenset({Scope.READ, Scope.DRAFT}))
    assert token is not None
    row = edit_change(row.key, it.suspend, "By a script.", revision=1, by=token, at=moment(it.now))
    with refused("sod_contributor"):
        it.say(row, Verb.APPROVE, "ben")


def test_a_token_decides_nothing(it: World, row: Change) -> None:
    envelope = it.signed(row, Verb.APPROVE, "ben")
    token = principal_of_person(it["ben"].row, it.now, frozenset({Scope.READ, Scope.DRAFT}))
    assert token is not None
    with refused("token_cannot_decide"):
        take_word(row.key, envelope, by=token, at=moment(it.now))
    with refused("token_cannot_decide"):
        take_word(row.key, envelope, by=machine("machine:shell"), at=moment(it.now))
    with refused("token_cannot_decide"):
        issue_statement(row.key, Verb.APPROVE, it["ben"].kid, by=token, at=moment(it.now))


def test_the_same_envelope_counts_once(it: World, row: Change) -> None:
    envelope = it.signed(row, Verb.APPROVE, "ben")
    it.hand_in(row, envelope, "ben")
    with refused("statement_nonce"):
        it.hand_in(row, envelope, "ben")
    with refused("already_said"):
        it.say(row, Verb.APPROVE, "ben")
    assert Word.objects.count() == 1


def test_somebody_without_a_place_in_the_group_does_not_approve(it: World, row: Change) -> None:
    with refused("group_missing"):
        it.say(row, Verb.APPROVE, "eva")


def test_a_word_for_one_verb_is_none_for_another(it: World, row: Change) -> None:
    rejection = it.signed(row, Verb.REJECT, "ben")
    with refused("word_signature_wrong"):
        it.hand_in(row, bent(rejection, payloadType=Verb.APPROVE.payload_type), "ben")


def test_a_type_that_says_nothing_over_a_change(it: World, row: Change) -> None:
    with refused("word_malformed"):
        it.hand_in(row, bent(it.signed(row, Verb.APPROVE, "ben"), payloadType="text/plain"), "ben")


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda one: with_signature(one, base64.b64encode(signature_of(one)[:-1]).decode()),
        lambda one: with_signature(one, base64.b64encode(signature_of(one) + b"\0").decode()),
        lambda one: with_signature(one, base64.b64encode(malleated(signature_of(one))).decode()),
        lambda one: with_signature(one, base64.b64encode(bytes(64)).decode()),
    ],
    ids=["short", "long", "S + L", "zero"],
)
def test_a_signature_that_is_not_exactly_the_one(it: World, row: Change, spoiled: Any) -> None:
    with refused("word_signature_wrong"):
        it.hand_in(row, spoiled(it.signed(row, Verb.APPROVE, "ben")), "ben")


def malleated(signature: bytes) -> bytes:
    scalar = int.from_bytes(signature[32:], "little") + ORDER
    return signature[:32] + scalar.to_bytes(32, "little")


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda one: with_signature(one, base64.urlsafe_b64encode(b"\xff" * 64).decode()),
        lambda one: with_signature(one, base64.b64encode(signature_of(one)).decode() + "\n"),
        lambda one: with_signature(one, base64.b64encode(signature_of(one)).decode().rstrip("=")),
        lambda one: bent(one, more=1),
        lambda one: bent(one, signatures=json.loads(one)["signatures"] * 2),
        lambda one: one.replace(b'"payload":', b'"payload":"","payload":', 1),
        lambda one: one + b" " * 200_000,
        lambda one: b"\xff" + one,
    ],
    ids=["urlsafe", "newline", "unpadded", "field", "two", "duplicate", "large", "bytes"],
)
def test_an_envelope_that_is_not_exactly_one(it: World, row: Change, spoiled: Any) -> None:
    with refused("word_malformed"):
        it.hand_in(row, spoiled(it.signed(row, Verb.APPROVE, "ben")), "ben")


def test_a_key_of_somebody_else_is_none_of_yours(it: World, row: Change) -> None:
    with refused("key_not_valid"):
        it.hand_in(row, it.signed(row, Verb.APPROVE, "cyd"), "ben")


def test_a_key_of_small_order_verifies_nothing(it: World, row: Change, admin_connection: Any) -> None:
    envelope = it.signed(row, Verb.APPROVE, "ben")
    admin_connection.execute("ALTER TABLE identity_personkey DISABLE TRIGGER ALL")
    weak = b"\1" + bytes(31)
    admin_connection.execute("UPDATE identity_personkey SET public = %s WHERE kid = %s", [weak, it["ben"].kid])
    with refused("word_signature_wrong"):
        it.hand_in(row, with_signature(envelope, base64.b64encode(weak + bytes(32)).decode()), "ben")


@pytest.mark.parametrize("field", ["change", "effect", "policy", "window", "signer", "deployment", "tenant"])
def test_what_was_signed_is_compared_field_by_field(it: World, row: Change, field: str) -> None:
    told = issue_statement(row.key, Verb.APPROVE, it["ben"].kid, by=it["ben"].principal(), at=moment(it.now))
    with refused("statement_differs"):
        it.hand_in(row, it.resigned(row, Verb.APPROVE, "ben", **{field: other(told.statement.fields, field)}), "ben")
    assert not Word.objects.exists()


def other(fields: Any, name: str) -> Any:
    value = copy.deepcopy(fields[name])
    changes: dict[str, Any] = {
        "change": ("reason", "Nicer words."), "effect": ("way_back", None), "policy": ("digest", "00" * 32),
        "window": ("not_after", "2999-01-01T00:00:00Z"), "signer": ("groups", ["science"]),
        "deployment": ("genesis", "11" * 32),
    }  # fmt: skip
    if name == "tenant":
        return "01a1ff2a-0000-7000-8000-000000000000"
    key, new = changes[name]
    value[key] = new
    return value


def test_a_statement_from_a_copy_of_the_ledger(it: World, row: Change) -> None:
    log = "test"
    with refused("statement_head"):
        it.hand_in(
            row, it.resigned(row, Verb.APPROVE, "ben", ledger={"origin": log, "size": 0, "root": "00" * 32}), "ben"
        )


def test_a_head_that_nobody_signed(it: World, row: Change) -> None:
    told = issue_statement(row.key, Verb.APPROVE, it["ben"].kid, by=it["ben"].principal(), at=moment(it.now))
    ledger: Any = {**told.statement.fields["ledger"], "size": 7, "root": "ab" * 32}  # type: ignore[dict-item]  # JSON
    with refused("statement_head"):
        it.hand_in(row, it.resigned(row, Verb.APPROVE, "ben", ledger=ledger), "ben")


def test_a_nonce_that_nobody_issued(it: World, row: Change) -> None:
    with refused("statement_nonce"):
        it.hand_in(row, it.resigned(row, Verb.APPROVE, "ben", nonce="A" * 22), "ben")


def test_a_statement_that_has_ended(it: World, row: Change) -> None:
    envelope = it.signed(row, Verb.APPROVE, "ben")
    it.now += timedelta(hours=25)
    with refused("statement_nonce"):
        it.hand_in(row, envelope, "ben")


def test_a_signature_over_an_older_text_though_the_text_came_back(it: World, row: Change) -> None:
    envelope = it.signed(row, Verb.APPROVE, "ben")
    ada = it["ada"].principal()
    edit_change(row.key, it.suspend, "Other words.", revision=1, by=ada, at=moment(it.now))
    row = edit_change(row.key, it.suspend, "Agreed on Monday.", revision=2, by=ada, at=moment(it.now))
    with refused("change_revision"):
        it.hand_in(row, envelope, "ben")


def test_a_word_over_another_change_with_the_same_body(it: World, row: Change) -> None:
    envelope = it.signed(row, Verb.APPROVE, "ben")
    with refused("statement_nonce"):
        it.hand_in(it.in_review(), envelope, "ben")


def test_a_revoked_key_says_nothing_more(it: World, row: Change) -> None:
    envelope = it.signed(row, Verb.APPROVE, "ben")
    PersonKey.objects.filter(kid=it["ben"].kid).update(state="revoked", until=1, revoked_at=it.now)
    with refused("key_not_valid"):
        it.hand_in(row, envelope, "ben")


def test_a_revoked_key_vetoes_nothing_either(it: World, row: Change) -> None:
    envelope = it.signed(row, Verb.VETO, "fay")
    PersonKey.objects.filter(kid=it["fay"].kid).update(state="revoked", until=1, revoked_at=it.now)
    with refused("key_not_valid"):
        it.hand_in(row, envelope, "fay")


def test_a_word_that_was_planted_in_the_table_gives_no_quorum(
    it: World, row: Change, admin_connection: psycopg.Connection[Any]
) -> None:
    row = it.say(row, Verb.APPROVE, "ben")
    admin_connection.execute("ALTER TABLE change_word DISABLE TRIGGER ALL")
    columns = "change_id, revision, verb, envelope, statement, index, at"
    admin_connection.execute(
        f"INSERT INTO change_word ({columns}, person, kid, nonce) SELECT {columns}, %s, %s, 'B' FROM change_word",  # noqa: S608 - constant
        [it["cyd"].id, it["cyd"].kid],
    )
    assert it.say(row, Verb.APPROVE, "dov").state == "timelocked"
    admin_connection.execute("DELETE FROM change_word WHERE person = %s", [it["dov"].id])
    it.pass_time(3_601)
    with refused("quorum_missing"):
        it.say(row, Verb.EXECUTE, "eva")
