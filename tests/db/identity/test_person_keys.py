from __future__ import annotations

import base64
import json
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from nacl.bindings import crypto_core_ed25519_add
from nacl.signing import SigningKey

from governance.change.core.people import Custody as EngineCustody
from governance.change.core.possession import filled
from governance.change.core.verbs import Verb
from governance.change.selectors.enrolment import enrolment_fields
from governance.identity.actions.activate_person_key import activate_person_key
from governance.identity.actions.deactivate_person import deactivate_person
from governance.identity.actions.register_person_key import register_person_key
from governance.identity.actions.revoke_person_key import revoke_person_key
from governance.identity.core.person_keys import Custody, KeyState, KeyUse
from governance.identity.core.roles import Role
from governance.identity.errors import (
    CoolingDown,
    Gone,
    KeyMalformed,
    KeyTaken,
    NotAllowed,
    PolicyUnsatisfiable,
    RoleExcluded,
)
from governance.identity.errors import KeyState as KeyStateRefused
from governance.identity.models import Person, PersonKey
from governance.identity.selectors.person_keys import counting_custody, key_by_kid, keys_of
from ledger.core.canonical import canonical
from ledger.core.dsse import sign_envelope
from ledger.core.ed25519_group import ENCODED_BYTES
from ledger.core.keys import kid_of
from ledger.errors import DecisionNeeded
from ledger.selectors.leaves import event
from ledger.selectors.streams import stream
from tests.support.decided import decided
from tests.support.people import as_person, origin, planted_founding, possession, proven, registered
from tests.support.world import SEED, Place, moment, person, signed_in

BROWSER = frozenset({Custody.OFFLINE, Custody.PASSKEY, Custody.PASSPHRASE})
P = 2**255 - 19
Y8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD83D3D706A17C7
_ORDINATES = (1, P - 1, 0, Y8, P - Y8, P, P + 1)
WEAK = sorted({
    (y | sign << 255).to_bytes(ENCODED_BYTES, "little") for y in _ORDINATES for sign in (0, 1)
})  # fmt: skip
"""Every encoding of the eight points of small order, the non-canonical ones and those with a wrong sign too."""


@pytest.fixture
def ann(acme: Place) -> Person:
    return person("ann@acme.test", Role.APPROVER, acme.tenant)


@pytest.fixture
def bob(acme: Place) -> Person:
    return person("bob@acme.test", Role.APPROVER, acme.tenant)


def test_the_engine_knows_the_same_kinds_of_custody() -> None:
    assert {one.value for one in Custody} == {one.value for one in EngineCustody}


def test_a_key_waits_until_a_second_person_lets_it_count(ann: Person, bob: Person) -> None:
    row, _ = registered(ann)
    assert (row.state, row.since) == (KeyState.PENDING.value, None)
    with decided("cr-1"), pytest.raises(NotAllowed, match="own"):
        activate_person_key(row, by=as_person(ann), at=moment(), decision="cr-1")
    activate_person_key(row, by=SEED, at=moment())
    index = stream("_governance", "changes").size - 1
    found = key_by_kid(row.kid)
    assert found is not None
    assert (found.state, found.since, found.until) == (KeyState.ACTIVE, index, None)
    with pytest.raises(KeyStateRefused):
        activate_person_key(row, by=SEED, at=moment())


def test_the_record_holds_the_signed_proof_word_for_word(ann: Person) -> None:
    row, private = registered(ann)
    changes = stream("_governance", "changes")
    payload = json.loads(event(changes, changes.size - 1).payload or b"")
    envelope = json.loads(payload["possession"])
    statement = json.loads(base64.b64decode(envelope["payload"]))
    assert payload["possession"].encode() == bytes(row.possession)
    assert statement["signer"] == {"person": ann.actor, "key": row.kid, "groups": []}
    assert base64.b64decode(statement["change"]["body"]["public"]) == bytes(private.verify_key)
    assert payload["public"] == bytes(private.verify_key).hex()


@pytest.mark.parametrize("public", WEAK, ids=bytes.hex)
def test_no_key_under_which_anybody_can_sign_is_registered(ann: Person, public: bytes) -> None:
    fields = enrolment_fields(ann, KeyUse.DECISION, datetime.now(UTC))
    kid = kid_of("decision", origin(), public)
    statement = filled(fields, kid=kid, public=public, custody=Custody.OFFLINE)
    forged = sign_envelope(
        Verb.ENROL_KEY.payload_type, canonical(statement), kid, lambda _: public + bytes(32)  # R = A, S = 0
    )  # fmt: skip
    with pytest.raises(KeyMalformed):
        proven(ann, forged.to_bytes())


def test_the_same_public_key_is_refused_for_ever_under_anybody(ann: Person, bob: Person) -> None:
    row, private = registered(ann)
    revoke_person_key(row, "lost", by=as_person(ann), at=moment())
    for holder in (ann, bob):
        again = proven(holder, possession(holder, private))
        with pytest.raises(KeyTaken):
            register_person_key(
                holder, again, "again", custodies=BROWSER, by=as_person(holder), at=moment()
            )  # fmt: skip


def test_a_proof_is_good_for_one_person_and_a_day(ann: Person, bob: Person) -> None:
    private = SigningKey(secrets.token_bytes(32))
    mine = possession(ann, private)
    with pytest.raises(KeyMalformed, match="not asked for"):
        proven(bob, mine)
    with pytest.raises(KeyMalformed, match="day old"):
        proven(ann, mine, datetime.now(UTC) + timedelta(hours=25))
    found = proven(ann, mine)
    with pytest.raises(NotAllowed):
        register_person_key(ann, found, "by another", custodies=BROWSER, by=as_person(bob), at=moment())
    with pytest.raises(KeyMalformed, match="somebody else"):
        register_person_key(bob, found, "stolen", custodies=BROWSER, by=as_person(bob), at=moment())


def test_a_proof_signed_by_another_key_or_with_other_fields_proves_nothing(ann: Person) -> None:
    private, other = SigningKey(secrets.token_bytes(32)), SigningKey(secrets.token_bytes(32))
    for envelope in (
        possession(ann, private, signer=other),
        possession(ann, private, kid="0" * 32),
        possession(ann, private, person="person:somebody-else"),
        possession(ann, private, extra="field"),
        possession(ann, private, custody_of="field"),
        possession(ann, private).replace(b"enrol-key.v1", b"approve.v1"),
        possession(ann, private).replace(b'"sig":"', b'"sig":"A'),
        b"{}",
        b"[" * 70,
    ):
        with pytest.raises(KeyMalformed):
            proven(ann, envelope)


def test_a_key_outside_of_the_main_subgroup_is_refused(ann: Person) -> None:
    """An honest point plus one of order two verifies here and not elsewhere."""
    order_two = (P - 1).to_bytes(ENCODED_BYTES, "little")
    private = SigningKey(secrets.token_bytes(32))
    mixed = crypto_core_ed25519_add(bytes(private.verify_key), order_two)
    honest = proven(ann, possession(ann, private))
    with pytest.raises(KeyMalformed, match="subgroup"):
        register_person_key(
            ann, replace(honest, public=mixed), "mixed", custodies=BROWSER, by=as_person(ann), at=moment()
        )  # fmt: skip


def test_demo_custody_is_taken_only_where_it_was_allowed(ann: Person) -> None:
    found = proven(ann, possession(ann, SigningKey(secrets.token_bytes(32)), custody=Custody.DEMO))
    with pytest.raises(KeyMalformed, match="custody"):
        register_person_key(ann, found, "demo", custodies=BROWSER, by=as_person(ann), at=moment())
    register_person_key(ann, found, "demo", custodies=frozenset(Custody), by=SEED, at=moment())
    assert counting_custody() == {Custody.DEMO}


def test_rotation_ends_the_old_key_where_the_new_one_begins(ann: Person) -> None:
    old, _ = registered(ann)
    activate_person_key(old, by=SEED, at=moment())
    new, _ = registered(ann, replaces=old.kid)
    activate_person_key(new, by=SEED, at=moment())
    first, second = keys_of(ann)
    assert first.until == second.since
    assert (first.state, second.state, second.replaces) == (KeyState.REVOKED, KeyState.ACTIVE, old.kid)


def test_revocation_ends_power_and_sessions_at_once(ann: Person) -> None:
    row, _ = registered(ann)
    activate_person_key(row, by=SEED, at=moment())
    browser = signed_in(ann)
    assert browser.get("/account/").status_code == 200
    revoke_person_key(row, "stolen laptop", by=SEED, at=moment())
    assert browser.get("/account/").status_code == 302
    found = key_by_kid(row.kid)
    assert found is not None
    assert found.until == stream("_governance", "changes").size - 1
    with pytest.raises(Gone):
        revoke_person_key(row, "again", by=SEED, at=moment())


def test_after_the_founding_keys_of_others_take_a_change_and_ones_own_can_be_given_up(ann: Person) -> None:
    row, _ = registered(ann)
    planted_founding()
    with pytest.raises(DecisionNeeded):
        activate_person_key(row, by=SEED, at=moment())
    with pytest.raises(DecisionNeeded):
        revoke_person_key(row, "by a machine", by=SEED, at=moment())
    with decided("cr-9"):
        activate_person_key(row, by=SEED, at=moment(), decision="cr-9")
    revoke_person_key(row, "I lost it", by=as_person(ann), at=moment())
    assert PersonKey.objects.get(pk=row.pk).state == KeyState.REVOKED.value


def test_a_machine_registers_nothing_after_the_founding(ann: Person) -> None:
    planted_founding()
    found = proven(ann, possession(ann, SigningKey(secrets.token_bytes(32))))
    with pytest.raises(NotAllowed):
        register_person_key(
            ann, found, "planted", custodies=BROWSER, by=SEED, at=moment()
        )  # fmt: skip


def test_who_runs_the_platform_holds_no_key(acme: Place) -> None:
    operator = person("ops@platform.test", Role.PLATFORM_OPERATOR, None)
    with pytest.raises(RoleExcluded):
        registered(operator)


def test_keys_are_left_alone_after_a_recovery(ann: Person) -> None:
    Person.objects.filter(pk=ann.pk).update(barred_until=datetime.now(UTC) + timedelta(hours=1))
    with pytest.raises(CoolingDown):
        registered(ann)


def test_nobody_is_deactivated_whom_a_policy_needs(ann: Person) -> None:
    deactivate_person(person("leaver@acme.test", None, None), by=SEED, at=moment())
    planted_founding()
    with pytest.raises(PolicyUnsatisfiable, match="role-change"):
        deactivate_person(ann, by=SEED, at=moment(), unmet=lambda _: ("role-change: nobody is left of ops",))
    with pytest.raises(RuntimeError):
        deactivate_person(ann, by=SEED, at=moment())
    deactivate_person(ann, by=SEED, at=moment(), unmet=lambda _: ())
    assert not Person.objects.get(pk=ann.pk).is_active
