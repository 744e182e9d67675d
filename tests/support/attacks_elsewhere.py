"""The thirty attacks of the governance reference as somebody would try them anywhere but at their own door.

Each function sets the scene anew and says what is tried, so that one attack can be made at each door.
"""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Callable
from typing import Any

from nacl.signing import SigningKey

from governance.change.actions.comment import comment_on
from governance.change.actions.edit import edit_change
from governance.change.actions.issue import MOST_WAITING, Issued, issue_statement
from governance.change.actions.take_word import take_word
from governance.change.core.policy import Policy
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.identity.core.person_keys import Custody
from governance.identity.core.roles import Role
from governance.identity.models import GroupMember, Person, PersonKey, Tenant
from governance.identity.selectors.principals import principal_of_person
from ledger.core.canonical import canonical
from tests.support.attack_scenes import (
    Weak,
    below,
    bent,
    body_of,
    drafted,
    enrolled,
    fresh_key,
    in_review,
    moved_to,
    ready,
    token_of,
    with_signature,
    word,
)
from tests.support.attacks import Doors
from tests.support.governed import POLICY, put_in_force, rule
from tests.support.other_doors import Try
from tests.support.world import moment, person, signed_in

ORDER = 2**252 + 27742317777372353535851937790883648493
ATTACKS: dict[int, Callable[[Doors], Try]] = {}
Attack = Callable[[Doors], Try]


def attack(number: int) -> Callable[[Attack], Attack]:
    def told(made: Attack) -> Attack:
        ATTACKS[number] = made
        return made

    return told


@attack(1)
def its_author_approves(doors: Doors) -> Try:
    ada, row = doors.it["ada"].row, in_review(doors)
    if not GroupMember.objects.filter(person=ada).exists():
        ada.memberships.create(public_id=moment().new_id(), person=ada, role="approver", created=doors.it.now)
        GroupMember.objects.create(person=ada, group_id="ops", created=doors.it.now)
    return word(doors, row, "ada", doors.it.signed(row, Verb.APPROVE, "ada"), "sod_contributor")


@attack(2)
def who_wrote_a_letter_of_it_approves(doors: Doors) -> Try:
    row = in_review(doors)
    for revision, who in ((1, "ben"), (2, "ada")):
        by = doors.it[who].principal(doors.it.now)
        edit_change(row.key, body_of(row), f"{who} writes.", revision=revision, by=by, at=moment(doors.it.now))
        row.refresh_from_db()
    return word(doors, row, "ben", doors.it.signed(row, Verb.APPROVE, "ben"), "sod_contributor")


@attack(3)
def the_key_of_another_is_enrolled(doors: Doors) -> Try:
    return enrolled(doors, doors.it["ben"].private, "key_taken")


@attack(4)
def the_same_word_twice(doors: Doors) -> Try:
    row = in_review(doors)
    envelope = doors.it.signed(row, Verb.APPROVE, "ben")
    doors.it.hand_in(row, envelope, "ben")
    return word(doors, row, "ben", envelope, "statement_nonce")


@attack(5)
def a_key_of_small_order(doors: Doors) -> Try:
    assert isinstance(doors.it["ben"].private, SigningKey)
    return enrolled(doors, Weak(), "key_malformed")


@attack(6)
def the_signature_with_s_plus_l(doors: Doors) -> Try:
    row = in_review(doors)
    envelope = doors.it.signed(row, Verb.APPROVE, "ben")
    raw = base64.b64decode(json.loads(envelope)["signatures"][0]["sig"])
    other = raw[:32] + (int.from_bytes(raw[32:], "little") + ORDER).to_bytes(32, "little")
    return word(doors, row, "ben", with_signature(envelope, other), "word_signature_wrong")


@attack(7)
def a_word_for_another_verb(doors: Doors) -> Try:
    row = in_review(doors)
    told = json.loads(doors.it.signed(row, Verb.REJECT, "ben"))
    envelope = json.dumps({**told, "payloadType": Verb.APPROVE.payload_type}).encode()
    return word(doors, row, "ben", envelope, "word_signature_wrong")


@attack(8)
def a_word_over_another_change(doors: Doors) -> Try:
    row = in_review(doors)
    other = doors.it.in_review("tenant.state", body_of(row))
    return word(doors, other, "ben", doors.it.signed(row, Verb.APPROVE, "ben"), "statement_nonce")


@attack(9)
def a_word_over_an_older_text(doors: Doors) -> Try:
    row = in_review(doors)
    envelope, by = doors.it.signed(row, Verb.APPROVE, "ben"), doors.it["ada"].principal(doors.it.now)
    for revision, reason in ((1, "Other words."), (2, "Agreed on Monday.")):
        edit_change(row.key, body_of(row), reason, revision=revision, by=by, at=moment(doors.it.now))
    return word(doors, row, "ben", envelope, "change_revision")


@attack(10)
def an_edit_of_a_text_that_was_edited(doors: Doors) -> Try:
    row, by = in_review(doors), doors.it["ada"].principal(doors.it.now)
    body = body_of(row)
    edit_change(row.key, body, "First.", revision=1, by=by, at=moment(doors.it.now))
    return Try(
        "change_revision", lambda: edit_change(row.key, body, "Late.", revision=1, by=by, at=moment(doors.it.now)),
        lambda: doors.session("ada"), below(row, "revisions/"), {"body": body, "reason": "Late.", "revision": 1},
        (f"change/revision/{row.pk}/change/", {"number": 1, "body": "{}"}),
    )  # fmt: skip


@attack(11)
def a_second_execution(doors: Doors) -> Try:
    row = ready(doors)
    late = doors.it.signed(row, Verb.EXECUTE, "fay")
    doors.it.say(row, Verb.EXECUTE, "eva")
    return word(doors, row, "fay", late, "change_state", writes=moved_to(row, state="timelocked"))


@attack(12)
def an_execution_over_another_ground(doors: Doors) -> Try:
    row = ready(doors)
    Tenant.objects.filter(public_id=body_of(row)["tenant"]).update(state="disabled")
    envelope = doors.it.signed(row, Verb.EXECUTE, "eva")
    return word(doors, row, "eva", envelope, "change_stale", moves=True, writes=moved_to(row, subject="policy"))


@attack(13)
def an_execution_before_its_time(doors: Doors) -> Try:
    row = doors.it.approved(in_review(doors))
    envelope = doors.it.signed(row, Verb.EXECUTE, "eva")
    return word(doors, row, "eva", envelope, "time_locked", writes=moved_to(row, ready_at=0))


@attack(14)
def an_execution_after_its_end(doors: Doors) -> Try:
    row = doors.it.approved(in_review(doors))
    doors.wait(90_000)
    envelope = doors.it.signed(row, Verb.EXECUTE, "eva")
    return word(doors, row, "eva", envelope, "change_expired", moves=True, writes=moved_to(row, not_after=2**40))


@attack(15)
def an_execution_under_a_policy_without_a_lock(doors: Doors) -> Try:
    row = doors.it.approved(in_review(doors))
    put_in_force(Policy((rule("*", name=f"for {row.pk}", lock_s=0),)))
    envelope = doors.it.signed(row, Verb.EXECUTE, "eva")
    writes = ("change/policyversion/add/", {"number": 9, "text": "{}"})
    return word(doors, row, "eva", envelope, "change_stale", moves=True, writes=writes)


@attack(16)
def a_policy_that_nobody_can_meet(doors: Doors) -> Try:
    told: Any = POLICY.to_json()
    told["rules"][0]["needs"] = [{"group": "ops", "count": 40}]
    return drafted(doors, "policy.change", {"policy": told}, "policy_unsatisfiable")


@attack(17)
def the_word_of_a_key_that_was_revoked(doors: Doors) -> Try:
    row = in_review(doors)
    fresh_key(doors, "ben")
    envelope = doors.it.signed(row, Verb.APPROVE, "ben")
    key = PersonKey.objects.get(kid=doors.it["ben"].kid)
    PersonKey.objects.filter(pk=key.pk).update(state="revoked", until=1, revoked_at=doors.it.now)
    writes = (f"identity/personkey/{key.pk}/change/", {"state": "active", "until": ""})
    return word(doors, row, "ben", envelope, "key_not_valid", writes=writes)


@attack(18)
def a_change_of_others(doors: Doors) -> Try:
    tess = Person.objects.filter(email="tess@acme.test").first() or person(
        "tess@acme.test", Role.TENANT_ADMIN, doors.it.acme.tenant, decided=True
    )
    by = principal_of_person(tess, doors.it.now)
    assert by is not None
    eva = {"person": str(doors.it["eva"].row.public_id), "role": "author", "tenant": None, "expires": None}
    hidden = doors.it.draft("role.grant", {**eva, "group": None})
    return Try(
        "not_found", lambda: comment_on(hidden.key, "I am here.", by=by, at=moment(doors.it.now)),
        lambda: signed_in(tess), below(hidden, "comments/"), {"text": "I am here."},
        (f"change/comment/add/?change={hidden.pk}", {"text": "I am here."}),
    )  # fmt: skip


@attack(19)
def a_word_without_the_gesture_of_its_passkey(doors: Doors) -> Try:
    row = in_review(doors)
    fresh_key(doors, "ben", Custody.PASSKEY)
    return word(doors, row, "ben", doors.it.signed(row, Verb.APPROVE, "ben"), "step_up")


@attack(20)
def a_word_that_no_session_stands_behind(doors: Doors) -> Try:
    row = in_review(doors)
    envelope, by = doors.it.signed(row, Verb.APPROVE, "ben"), token_of(doors, "ben")
    return word(
        doors, row, "ben", envelope, "token_cannot_decide", http="method_not_allowed", method="get",
        call=lambda: take_word(row.key, envelope, by=by, at=moment(doors.it.now)),
        address=below(row, "decisions/?_method=POST"),
    )  # fmt: skip


@attack(21)
def a_text_without_bounds(doors: Doors) -> Try:
    row, text = in_review(doors), "<img src=x onerror=alert(1)>" * 200
    by = doors.it["ben"].principal(doors.it.now)
    return Try(
        "change_body_malformed", lambda: comment_on(row.key, text, by=by, at=moment(doors.it.now)),
        lambda: doors.session("ben"), below(row, "comments/"), {"text": text},
        ("change/comment/add/", {"change": row.pk, "text": text}),
    )  # fmt: skip


@attack(22)
def a_field_that_stands_there_twice(doors: Doors) -> Try:
    row = in_review(doors)

    def bend(fields: Any) -> bytes:
        return canonical(fields).replace(b'"v":', b'"v":"countersign-statement/1","v":', 1)

    return word(doors, row, "ben", bent(doors, row, bend), "statement_malformed")


@attack(23)
def a_statement_that_the_server_did_not_give(doors: Doors) -> Try:
    row = in_review(doors)

    def bend(fields: Any) -> bytes:
        return canonical({**fields, "change": {**fields["change"], "reason": "Nicer words."}})

    return word(doors, row, "ben", bent(doors, row, bend), "statement_differs")


@attack(24)
def a_head_that_this_ledger_never_had(doors: Doors) -> Try:
    row = in_review(doors)
    forked: dict[str, Any] = {"size": 10**6, "root": "ab" * 32}

    def bend(fields: Any) -> bytes:
        return canonical({**fields, "ledger": {**fields["ledger"], **forked}})

    writes = (f"change/change/{row.pk}/delete/", {"post": "yes"})
    return word(doors, row, "ben", bent(doors, row, bend), "statement_head", writes=writes)


@attack(25)
def an_emergency_for_what_is_none(doors: Doors) -> Try:
    body = {"incident": "leak", "type": "run", "body": {}}
    one = drafted(doors, "emergency.apply", body, "emergency_refused")
    return dataclasses.replace(one, writes=moved_to(in_review(doors), state="applied"))


@attack(26)
def a_link_that_is_opened_by_a_scanner(doors: Doors) -> Try:
    row, by, kid = in_review(doors), token_of(doors, "ben"), doors.it["ben"].kid
    return Try(
        "token_cannot_decide",
        lambda: issue_statement(row.key, Verb.APPROVE, kid, by=by, at=moment(doors.it.now)),
        lambda: doors.session("ben"), below(row, "decisions/?verb=approve"), {},
        (f"change/change/{row.pk}/approve/", {}), http="method_not_allowed", method="get",
    )  # fmt: skip


@attack(27)
def one_proposal_after_the_other(doors: Doors) -> Try:
    tenant = str(doors.it.acme.tenant.public_id)
    for _ in range(20 - Change.objects.count()):
        doors.it.draft("tenant.state", doors.it.suspend)
    return drafted(doors, "tenant.state", {"tenant": tenant, "state": "suspended"}, "too_many_open")


@attack(28)
def many_words_at_once(doors: Doors) -> Try:
    row = in_review(doors)
    envelope = doors.it.signed(row, Verb.APPROVE, "ben")
    both = json.dumps([json.loads(envelope)] * 2).encode()
    return word(
        doors, row, "ben", envelope, "word_malformed", http="parameter_invalid",
        call=lambda: doors.it.hand_in(row, both, "ben"), body={"envelope": json.loads(both)},
        writes=("change/change/", {"action": "approve_selected", "_selected_action": [row.pk]}),
    )  # fmt: skip


@attack(29)
def a_content_that_was_swapped(doors: Doors) -> Try:
    row = in_review(doors)
    swapped = {**body_of(row), "state": "disabled"}

    def bend(fields: Any) -> bytes:
        return canonical({**fields, "change": {**fields["change"], "body": swapped}})

    writes = (f"change/revision/{row.pk}/change/", {"body": json.dumps(swapped)})
    return word(doors, row, "ben", bent(doors, row, bend), "statement_malformed", writes=writes)


@attack(30)
def so_many_statements_that_somebody_is_shut_out(doors: Doors) -> Try:
    row, it = in_review(doors), doors.it

    def ask(who: str) -> Issued:
        by = it[who].principal(it.now)
        return issue_statement(row.key, Verb.APPROVE, it[who].kid, by=by, at=moment(it.now))

    for _ in range(MOST_WAITING):
        ask("ben")
    assert ask("cyd").raw
    return Try(
        "too_many_statements", lambda: ask("ben"), lambda: doors.session("ben"),
        below(row, f"statement/?verb=approve&key={it['ben'].kid}"), {}, ("login/", {"username": "ben"}), method="get",
    )  # fmt: skip
