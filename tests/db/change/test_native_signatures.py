"""A change that lists native artefacts: author and executor sign them beside their words, and the effect gets them."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from nacl.signing import SigningKey

from governance.change import types
from governance.change.actions.issue import issue_statement
from governance.change.actions.submit import submit_change
from governance.change.core import native
from governance.change.core.native_forms import EPOCH, NULLSPEC
from governance.change.core.policy import Policy
from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.models import Change, Word
from governance.evidenceos.core.epoch import EpochControl
from governance.identity.core.person_keys import KeyUse
from governance.identity.models import Person, PersonKey
from ledger.core.dsse import sign_envelope
from ledger.core.strict_base64 import decode, encode
from ledger.core.types import JSONObject
from ledger.selectors.leaves import event, events_in
from ledger.selectors.streams import stream
from tests.support.clones import Clone
from tests.support.governed import World, payload_of, put_in_force, refused, rule, world
from tests.support.native_kind import CONTRACT, WithNative, listed
from tests.support.people import planted_key
from tests.support.world import moment

pytestmark = pytest.mark.db


class Natively:
    """The world, with native keys, and words that carry native signatures."""

    def __init__(self, it: World) -> None:
        self.it = it
        self.keys: dict[str, tuple[PersonKey, SigningKey]] = {}
        for name in ("ada", "eva", "fay"):
            self.keys[name] = planted_key(it[name].row, use=KeyUse.NATIVE)

    def draft(self) -> Change:
        return self.it.draft("tenant.state", {**self.it.suspend, "native": listed()})

    def signed(self, row: Change, verb: Verb, who: str) -> tuple[bytes, JSONObject | None]:
        one = self.it[who]
        issued = issue_statement(row.key, verb, one.kid, by=one.principal(self.it.now), at=moment(self.it.now))
        envelope = sign_envelope(
            issued.payload_type, issued.raw, one.kid, lambda data: one.private.sign(data).signature
        ).to_bytes()
        beside: Any = issued.native
        given = [(row["kind"], decode(row["payload"])) for row in beside["artefacts"]]
        body: Any = issued.statement.fields["change"]
        found = native.bound(body["body"], verb, given)
        rows = [self.made(made, who) for asked, made in found if asked.is_signed_with(verb)]
        return envelope, {"kid": beside["kid"], "artefacts": rows} if rows else None

    def made(self, artefact: native.Artefact, who: str) -> Any:
        private = self.keys[who][1]
        signature = private.sign(artefact.to_sign).signature
        whole = native.full_form(artefact.payload, signature) if artefact.kind == NULLSPEC else None
        detached = encode(private.sign(whole).signature) if whole is not None else None
        return {
            "kind": artefact.kind, "payload": encode(artefact.payload), "signature": encode(signature),
            "detached": detached,
        }  # fmt: skip

    def say(self, row: Change, verb: Verb, who: str, **changed: Any) -> Change:
        envelope, beside = self.signed(row, verb, who)
        return self.it.hand_in(row, envelope, who, **{"native": beside, **changed})

    def in_review(self) -> Change:
        return self.say(self.draft(), Verb.SUBMIT, "ada")

    def ready(self) -> Change:
        row = self.in_review()
        for one in ("ben", "cyd"):
            row = self.say(row, Verb.APPROVE, one)
        self.it.pass_time(3_601)
        return row


@pytest.fixture
def natively(ledger_db: Clone, monkeypatch: pytest.MonkeyPatch) -> Natively:
    monkeypatch.setitem(types._BY_NAME, "tenant.state", WithNative())
    WithNative.applied.clear()
    WithNative.trusted.clear()
    return Natively(world())


def test_author_and_executor_sign_beside_their_words_and_the_effect_gets_both_in_order(natively: Natively) -> None:
    row = natively.say(natively.ready(), Verb.EXECUTE, "eva")
    assert row.state == State.APPLIED
    ((contract, epoch),) = WithNative.applied
    assert (contract.kind, contract.payload, epoch.kind) == (NULLSPEC, CONTRACT, EPOCH)
    for made, who in ((contract, "ada"), (epoch, "eva")):
        native.check_made(made)
        assert made.public == bytes(natively.keys[who][0].public)
    assert b'"forced_epoch":9007199254740993' in epoch.payload


def test_the_record_keeps_what_was_signed_natively_with_the_word(natively: Natively) -> None:
    natively.say(natively.ready(), Verb.EXECUTE, "eva")
    log = stream("_governance", "changes")
    rows = {row.type: payload_of(event(log, row.index).payload) for row in events_in(log, None, 500)}
    told = rows["change:proposal:submitted"]["native"]["artefacts"]
    assert decode(told[0]["payload"]) == CONTRACT
    assert rows["change:effect:executed"]["execution"]["native"]["artefacts"][0]["kind"] == EPOCH
    kept = Word.objects.get(verb="submit").native
    assert kept is not None
    assert kept["kid"] == natively.keys["ada"][0].kid


def test_a_submission_without_the_authors_signature_is_refused(natively: Natively) -> None:
    row = natively.draft()
    with refused("native_missing"):
        submit_change(
            row.key, revision=row.revision, by=natively.it["ada"].principal(natively.it.now), at=moment(natively.it.now)
        )
    with refused("native_missing"):
        natively.say(row, Verb.SUBMIT, "ada", native=None)


def test_nobody_submits_another_persons_text_under_their_own_key(natively: Natively) -> None:
    row = natively.draft()
    natively.keys["ben"] = planted_key(natively.it["ben"].row, use=KeyUse.NATIVE)
    with refused("sod_contributor"):
        natively.say(row, Verb.SUBMIT, "ben")


def test_an_execution_without_native_signatures_is_refused(natively: Natively) -> None:
    row = natively.ready()
    with refused("native_missing"):
        natively.say(row, Verb.EXECUTE, "eva", native=None)
    row.refresh_from_db()
    assert (row.state, WithNative.applied) == (State.TIMELOCKED, [])


def test_another_artefact_another_key_and_a_bent_signature_are_refused(natively: Natively) -> None:
    row = natively.ready()
    envelope, beside = natively.signed(row, Verb.EXECUTE, "eva")
    good: Any = beside
    (one,) = good["artefacts"]
    other = EpochControl(7, 5, "eva-native").payload()
    private = natively.keys["eva"][1]
    signed = encode(private.sign(native.signed_bytes(EPOCH, other)).signature)
    bent = [
        {**one, "payload": encode(other), "signature": signed},
        {**one, "signature": encode(secrets.token_bytes(64))},
        {**one, "kind": NULLSPEC},
        {**one, "more": 1},
    ]
    for wrong in bent:
        with refused("native_differs"):
            natively.it.hand_in(row, envelope, "eva", native={**good, "artefacts": [wrong]})
    with refused("native_missing"):
        natively.it.hand_in(row, envelope, "eva", native={**good, "artefacts": [one, one]})
    with refused("native_key_missing"):
        natively.it.hand_in(row, envelope, "eva", native={**good, "kid": natively.keys["fay"][0].kid})
    assert natively.it.hand_in(row, envelope, "eva", native=good).state == State.APPLIED


def test_a_native_key_that_still_cools_down_makes_nothing(natively: Natively) -> None:
    put_in_force(Policy((rule("*", name="everything", cool_down_s=86_400),)))
    natively.it.pass_time(2 * 86_400)
    row, old = natively.draft(), natively.keys["ada"]
    key, private = planted_key(natively.it["ada"].row, use=KeyUse.NATIVE, since=None)
    PersonKey.objects.filter(pk=key.pk).update(state="active", since=0, active_from=natively.it.now)
    natively.keys["ada"] = key, private
    envelope, beside = natively.signed(row, Verb.SUBMIT, "ada")
    with refused("person_cools_down"):
        natively.it.hand_in(row, envelope, "ada", native={**(beside or {}), "kid": key.kid})
    natively.keys["ada"] = old
    envelope, beside = natively.signed(row, Verb.SUBMIT, "ada")
    row = natively.it.hand_in(row, envelope, "ada", native={**(beside or {}), "kid": old[0].kid})
    assert row.state == State.IN_REVIEW


def test_an_approval_carries_no_native_signature(natively: Natively) -> None:
    row = natively.in_review()
    envelope, beside = natively.signed(row, Verb.APPROVE, "ben")
    assert beside is None
    with refused("native_differs"):
        natively.it.hand_in(row, envelope, "ben", native={"kid": "x", "artefacts": []})


def test_what_holds_the_time_of_the_execution_is_not_signed_in_advance(natively: Natively) -> None:
    row = natively.in_review()
    for one in ("ben", "cyd"):
        row = natively.say(row, Verb.APPROVE, one)
    with refused("native_not_in_advance"):
        natively.say(row, Verb.EXECUTE, "eva", advance=True)


def test_a_person_without_a_native_key_is_told_so_before_signing(natively: Natively) -> None:
    row = natively.ready()
    PersonKey.objects.filter(pk=natively.keys["eva"][0].pk).update(state="revoked", until=1_000)
    with refused("native_key_missing"):
        natively.signed(row, Verb.EXECUTE, "eva")


def test_an_author_whose_native_key_is_revoked_leaves_nothing_to_install(natively: Natively) -> None:
    row = natively.ready()
    PersonKey.objects.filter(pk=natively.keys["ada"][0].pk).update(state="revoked", until=1_000)
    with refused("native_key_missing"):
        natively.say(row, Verb.EXECUTE, "eva")
    assert WithNative.applied == []


def test_an_author_who_has_left_leaves_nothing_to_install(natively: Natively) -> None:
    row = natively.ready()
    Person.objects.filter(pk=natively.it["ada"].row.pk).update(is_active=False)
    with refused("native_key_missing"):
        natively.say(row, Verb.EXECUTE, "eva")
    assert WithNative.applied == []


def test_a_key_that_the_target_does_not_trust_gets_nothing_to_sign(natively: Natively) -> None:
    row = natively.ready()
    WithNative.trusted.add(bytes(natively.keys["fay"][0].public))
    with refused("effect_refused"):
        natively.signed(row, Verb.EXECUTE, "eva")
    assert natively.say(row, Verb.EXECUTE, "fay").state == State.APPLIED
