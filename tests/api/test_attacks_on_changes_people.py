"""Who may decide (attacks 1, 2, 3, 16, 17): nobody on their own text, nobody twice, nobody whose power was taken.

The small-order key of attack 5 and the key that is enrolled twice come in through `/account/keys/register/`. One
passkey behind two keys (attack 3) is `tests/unit/change/test_quorum.py`; whom a policy needs does not leave (attack
16): `tests/web/test_leaving.py`.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from nacl.signing import SigningKey

from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.identity.models import GroupMember, PersonKey
from tests.support.attacks import Doors
from tests.support.people import possession
from tests.support.world import moment

pytestmark = pytest.mark.db


def edited(doors: Doors, who: str, row: Change, reason: str) -> None:
    revision = Change.objects.get(pk=row.pk).revision
    body = {"body": doors.it.suspend, "reason": reason, "revision": revision}
    doors.done(doors.post(who, f"changes/{row.key}/revisions/", body))


def test_1_the_author_does_not_approve_their_own_change(doors: Doors) -> None:
    row = doors.in_review()
    doors.it["ada"].row.memberships.create(
        public_id=moment().new_id(), person=doors.it["ada"].row, role="approver", created=doors.it.now
    )
    GroupMember.objects.create(person=doors.it["ada"].row, group_id="ops", created=doors.it.now)
    envelope = doors.envelope("ada", row, Verb.APPROVE)
    with doors.attack("sod_contributor", 403):
        doors.hand_in("ada", row, envelope)


def test_2_who_corrected_a_letter_does_not_approve_though_the_author_wrote_after_them(doors: Doors) -> None:
    row = doors.in_review()
    edited(doors, "ben", row, "Agreed on Mondays.")
    edited(doors, "ada", row, "Agreed on Monday.")
    envelope = doors.envelope("ben", row, Verb.APPROVE)
    with doors.attack("sod_contributor", 403):
        doors.hand_in("ben", row, envelope)
    assert doors.approved(row, "cyd", "dov").state == "timelocked"


def register(doors: Doors, who: str, envelope: bytes) -> Any:
    client = doors.session(who)
    body = {"envelope": json.loads(envelope), "credential": None}
    return doors.answers.keep(client.post("/account/keys/register/", json.dumps(body), "application/json"))


def test_3_the_public_key_of_somebody_else_is_not_enrolled_a_second_time(doors: Doors) -> None:
    alias = possession(doors.it["cyd"].row, doors.it["ben"].private, now=doors.it.now)
    with doors.attack("key_taken", 409):
        register(doors, "cyd", alias)


def test_3_one_person_with_two_keys_fills_one_place(doors: Doors) -> None:
    from tests.support.people import planted_key  # noqa: PLC0415 - once

    row = doors.in_review()
    doors.done(doors.say("ben", row, Verb.APPROVE))
    second, private = planted_key(doors.it["ben"].row)
    doors.it["ben"].kid, doors.it["ben"].private = second.kid, private
    envelope = doors.envelope("ben", row, Verb.APPROVE)
    with doors.attack("already_said", 409):
        doors.hand_in("ben", row, envelope)
    row.refresh_from_db()
    assert row.state == "in_review"


SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


@pytest.mark.parametrize("point", SMALL_ORDER)
def test_5_a_key_of_small_order_is_not_enrolled_though_its_proof_verifies(doors: Doors, point: str) -> None:
    envelope = json.loads(weak_proof(doors, bytes.fromhex(point)))
    with doors.attack("key_malformed", 422):
        register(doors, "cyd", json.dumps(envelope).encode())


def weak_proof(doors: Doors, public: bytes) -> bytes:
    """The proof of a key that anybody can sign as: R is the neutral point, S is zero."""

    class Weak:
        verify_key = public

        def sign(self, _: bytes) -> Any:
            return type("Signed", (), {"signature": b"\1" + bytes(63)})

    weak: Any = Weak()
    assert isinstance(doors.it["ben"].private, SigningKey)
    return possession(doors.it["cyd"].row, weak, now=doors.it.now)


def test_16_a_policy_that_nobody_here_can_meet_is_not_even_drafted(doors: Doors) -> None:
    from tests.support.governed import POLICY  # noqa: PLC0415 - once

    told = POLICY.to_json()
    rules: Any = told["rules"]
    rules[0]["needs"] = [{"group": "ops", "count": 40}]
    with doors.attack("policy_unsatisfiable", 409):
        doors.post("ada", "changes/", {"type": "policy.change", "body": {"policy": told}, "reason": "Stricter."})


def test_16_a_rule_that_lost_its_people_takes_no_submission(doors: Doors) -> None:
    body = {"type": "tenant.state", "body": doors.it.suspend, "reason": "Agreed."}
    made = doors.done(doors.post("ada", "changes/", body))
    GroupMember.objects.exclude(person=doors.it["ben"].row).update(revoked=doors.it.now)
    with doors.attack("policy_unsatisfiable", 409):
        doors.post("ada", f"changes/{made['id']}/submit/", {"revision": 1})


@pytest.mark.parametrize("lost", ["key", "place", "role", "person"])
def test_17_an_approval_falls_with_the_power_of_who_gave_it(doors: Doors, lost: str) -> None:
    row, cyd = doors.approved(doors.in_review()), doors.it["cyd"]
    doors.wait()
    if lost == "key":
        PersonKey.objects.filter(kid=cyd.kid).update(state="revoked", until=row.index + 1, revoked_at=doors.it.now)
    elif lost == "place":
        GroupMember.objects.filter(person=cyd.row).update(revoked=doors.it.now)
    elif lost == "role":
        cyd.row.memberships.update(revoked=doors.it.now)
    else:
        type(cyd.row).objects.filter(pk=cyd.row.pk).update(is_active=False)
    envelope = doors.envelope("eva", row, Verb.EXECUTE)
    with doors.attack("quorum_missing", 409, moves=True):
        doors.hand_in("eva", row, envelope)
    row.refresh_from_db()
    assert (row.state, row.ready_at) == ("in_review", None)


def test_17_the_session_of_somebody_whose_role_ended_opens_nothing_any_more(doors: Doors) -> None:
    row, client = doors.in_review(), doors.session("cyd")
    envelope = doors.envelope("cyd", row, Verb.APPROVE)
    membership = doors.it["cyd"].row.memberships.get()
    doors.it["cyd"].row.memberships.filter(pk=membership.pk).update(revoked=doors.it.now)
    answer = doors.hand_in(client, row, envelope)
    assert answer.status_code in {401, 403, 404}, answer.content
    row.refresh_from_db()
    assert row.words.count() == 0


def test_17_a_revoked_key_says_nothing_more(doors: Doors) -> None:
    row = doors.in_review()
    envelope = doors.envelope("ben", row, Verb.APPROVE)
    PersonKey.objects.filter(kid=doors.it["ben"].kid).update(state="revoked", until=1, revoked_at=doors.it.now)
    with doors.attack("key_not_valid", 403):
        doors.hand_in("ben", row, envelope)


def test_a_token_drafts_and_never_decides(doors: Doors) -> None:
    from datetime import timedelta  # noqa: PLC0415 - once

    from django.test import Client  # noqa: PLC0415 - once

    from governance.identity.actions.create_personal_token import create_personal_token  # noqa: PLC0415 - once

    row = doors.in_review()
    envelope = doors.envelope("ben", row, Verb.APPROVE)
    one = doors.it["ben"]
    issued = create_personal_token(one.row, "script", timedelta(days=1), by=one.principal(), at=moment())
    headers = {"Authorization": f"Bearer {issued.token.reveal()}"}
    with doors.attack("token_cannot_decide", 403):
        doors.post(Client(), f"changes/{row.key}/decisions/", {"envelope": envelope}, headers=headers)
