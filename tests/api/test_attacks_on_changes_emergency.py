"""Ways around the workflow (attacks 24 to 30, and I22): break-glass, freezes, other doors, and tired people.

Attack 24 is one on the database by its administrator: rows that stay are
`tests/db/change/test_rows_stay_as_they_are.py`, a word that was planted
`tests/db/change/test_words_that_are_refused.py`, a bundle that was altered `tests/corpus`, what the record does not
explain `tests/db/change/test_the_record_explains_the_database.py`; here stands the head of a ledger that was put back.
Attack 25's shell has the database's own rights: what stops it are triggers. Attack 29 (an attachment that is swapped)
has nothing to attack: a change has no attachments, its whole body is signed. Attack 30 (lock-out of approvers by failed
sign-ins) is `tests/web/test_signing_in.py`.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command, get_commands
from django.db import DatabaseError, transaction
from django.urls import get_resolver

from console import operators_admin
from governance.change import tasks
from governance.change.actions.advance import CARRIER, CarryOut
from governance.change.core.policy import Policy, Tier
from governance.change.core.verbs import Verb
from governance.change.errors import QuorumMissing
from governance.change.models import Change
from governance.identity.core.roles import Role
from governance.identity.models import Membership, PersonKey, Tenant
from ledger.core.canonical import canonical
from ledger.core.dsse import sign_envelope
from tests.support.attacks import Doors, effects
from tests.support.attacks import doors as founded
from tests.support.clones import Clone
from tests.support.governed import denials, rule
from tests.support.world import moment, person, signed_in

pytestmark = pytest.mark.db
FREEZE = {"scope": "platform", "reason": "Something is odd."}
QUICK = Policy((
    rule("tenant.state", name="tenants"), rule("freeze", tier=Tier.EMERGENCY, lock_s=0), rule("thaw", lock_s=0),
    rule("emergency.apply", lock_s=0),
))  # fmt: skip


@pytest.fixture
def quick(ledger_db: Clone, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Doors:
    settings.COUNTERSIGN_STEP_UP = "totp"
    return founded(monkeypatch, QUICK)


def drafted(doors: Doors, who: str, kind: str, body: Any) -> Change:
    made = doors.done(doors.post(who, "changes/", {"type": kind, "body": body, "reason": "Events leak."}))
    return Change.objects.get(public_id=made["id"])


def emergency(doors: Doors, state: str = "suspended") -> dict[str, Any]:
    return {"incident": "leak", "type": "tenant.state", "body": {**doors.it.suspend, "state": state}}


@pytest.mark.parametrize("kind", ["policy.change", "role.grant", "emergency.apply", "run"])
def test_25_an_emergency_does_only_what_its_kind_allows(quick: Doors, kind: str) -> None:
    body = {"incident": "leak", "type": kind, "body": {}}
    with quick.attack("emergency_refused", 409):
        quick.post("ada", "changes/", {"type": "emergency.apply", "body": body, "reason": "Quick."})


def test_25_nobody_acknowledges_the_emergency_that_they_declared(quick: Doors) -> None:
    row = drafted(quick, "ada", "emergency.apply", emergency(quick))
    quick.done(quick.say("eva", row, Verb.EMERGENCY))
    word = quick.envelope("eva", row, Verb.ACKNOWLEDGE_EMERGENCY)
    with quick.attack("sod_author", 403):
        quick.hand_in("eva", row, word)


def test_25_a_second_emergency_waits_until_the_first_is_ratified(quick: Doors) -> None:
    row = drafted(quick, "ada", "emergency.apply", emergency(quick))
    quick.done(quick.say("eva", row, Verb.EMERGENCY))
    quick.done(quick.say("ben", row, Verb.ACKNOWLEDGE_EMERGENCY))
    other = drafted(quick, "ada", "emergency.apply", emergency(quick, "disabled"))
    word = quick.envelope("eva", other, Verb.EMERGENCY)
    with quick.attack("emergency_refused", 409):
        quick.hand_in("eva", other, word)


def test_25_who_froze_does_not_thaw_and_a_freeze_stands_once(quick: Doors) -> None:
    row = drafted(quick, "dov", "freeze", FREEZE)
    quick.done(quick.say("dov", row, Verb.FREEZE))
    with quick.attack("effect_refused", 422):
        quick.post("ben", "changes/", {"type": "freeze", "body": FREEZE, "reason": "Again."})
    thaw = drafted(quick, "ada", "thaw", {"scope": "platform"})
    quick.done(quick.post("ada", f"changes/{thaw.key}/submit/", {"revision": 1}))
    word = quick.envelope("dov", thaw, Verb.APPROVE)
    with quick.attack("sod_concerned", 403):
        quick.hand_in("dov", thaw, word)


def test_25_an_author_freezes_nothing(quick: Doors) -> None:
    row = drafted(quick, "ada", "freeze", FREEZE)
    word = quick.envelope("ada", row, Verb.FREEZE)
    with quick.attack("role_missing", 403):
        quick.hand_in("ada", row, word)


def test_25_a_frozen_platform_executes_nothing(quick: Doors) -> None:
    row = quick.approved(quick.in_review())
    quick.wait()
    quick.done(quick.say("ben", drafted(quick, "ben", "freeze", FREEZE), Verb.FREEZE))
    word = quick.envelope("eva", row, Verb.EXECUTE)
    with quick.attack("frozen", 409):
        quick.hand_in("eva", row, word)


def test_25_the_administration_moves_no_change(doors: Doors) -> None:
    row = doors.approved(doors.in_review())
    olga = signed_in(person("olga@gov.test", Role.PLATFORM_OPERATOR, None, decided=True))
    before = effects()
    labels = {(model._meta.app_label, model._meta.model_name) for model in operators_admin.site._registry}
    for label, name in sorted(labels):
        for tail in ("add/", f"{row.pk}/change/", f"{row.pk}/delete/", ""):
            answer = olga.post(f"/admin/{label}/{name}/{tail}", {"state": "applied", "action": "delete_selected"})
            assert answer.status_code in {302, 403, 404, 405}, (label, name, tail, answer.status_code)
    assert olga.post(f"/admin/change/change/{row.pk}/change/", {"state": "applied"}).status_code in {302, 403, 404, 405}
    assert effects() == before


@pytest.mark.parametrize("tail", ["add/", "{pk}/change/", "{pk}/delete/"])
def test_25_each_attempt_in_the_administration_is_a_denial(doors: Doors, tail: str) -> None:
    olga = signed_in(person("olga@gov.test", Role.PLATFORM_OPERATOR, None, decided=True))
    key = PersonKey.objects.get(kid=doors.it["ben"].kid)
    before, said = effects(), len(denials())
    answer = olga.post(f"/admin/identity/personkey/{tail.format(pk=key.pk)}", {"state": "revoked"})
    assert answer.status_code == 405
    assert effects() == before
    assert denials()[said:] == ["method_not_allowed"]


@pytest.mark.parametrize("path", ["?format=api", "decisions/?format=api", "statement/?format=api"])
def test_25_there_is_no_browsable_api(doors: Doors, path: str) -> None:
    row = doors.in_review()
    answer = doors.session("ben").get(f"/api/v1/changes/{row.key}/{path}", headers={"Accept": "text/html"})
    assert answer["Content-Type"].partition(";")[0] in {"application/json", "application/problem+json"}
    assert not [one for one in get_resolver().reverse_dict if isinstance(one, str) and one.startswith("rest_framework")]


def test_25_a_form_of_the_browsable_api_is_not_taken(doors: Doors) -> None:
    row = doors.in_review()
    with doors.attack("type_unsupported", 415, summed=True):
        body = b"_content_type=application%2Fjson&_content=%7B%7D&_method=POST"
        doors.post("ben", f"changes/{row.key}/decisions/", body, "application/x-www-form-urlencoded")


def test_i22_no_task_decides_without_a_signed_word(doors: Doors) -> None:
    row = doors.approved(doors.in_review())
    doors.wait()
    for task in (tasks.settle, tasks.carry_out):
        task.apply(throw=True)
    row.refresh_from_db()
    assert row.state == "timelocked"
    assert Tenant.objects.get(pk=doors.it.acme.tenant.pk).state == "active"


def test_i22_a_task_that_is_pointed_at_what_nobody_signed_is_refused_and_recorded(doors: Doors) -> None:
    row = doors.approved(doors.in_review())
    doors.wait()
    before, said = effects(), len(denials())
    with pytest.raises(QuorumMissing):
        CarryOut(change_id=row.key, by=CARRIER, at=moment(doors.it.now)).run()
    assert effects() == before
    assert denials()[said:] == ["quorum_missing"]


def test_i22_a_task_carries_out_nothing_for_an_executor_who_lost_the_role(doors: Doors) -> None:
    row = doors.approved(doors.in_review())
    doors.done(doors.hand_in("eva", row, doors.envelope("eva", row, Verb.EXECUTE), advance=True))
    doors.wait()
    Membership.objects.filter(person=doors.it["eva"].row).update(revoked=doors.it.now)
    before, said = effects(), len(denials())
    tasks.carry_out.apply(throw=True)
    assert effects() == before
    assert denials()[said:] == ["role_missing"]


def test_i22_no_command_decides_and_those_that_govern_ask_for_a_decision(doors: Doors) -> None:
    before, said = effects(), len(denials())
    email = doors.it["ada"].row.email
    with pytest.raises((CommandError, SystemExit)):
        call_command("role_grant", email, "approver")
    assert effects() == before
    assert denials()[said:] == ["decision_needed"]
    named = {name for name, app in get_commands().items() if str(app).startswith(("governance", "console", "ledger"))}
    assert not {name for name in named if any(verb in name for verb in ("approve", "execute", "decide"))}


def test_i22_the_machine_at_the_server_signs_and_executes_nothing(doors: Doors) -> None:
    from governance.change.actions.take_word import take_word  # noqa: PLC0415 - once
    from governance.identity.core.principal import machine  # noqa: PLC0415 - once
    from ledger.errors import RequestError  # noqa: PLC0415 - once

    row = doors.in_review()
    word = json.dumps(doors.envelope("ben", row, Verb.APPROVE)).encode()
    before, said = effects(), len(denials())
    with pytest.raises(RequestError) as found:
        take_word(row.key, word, by=machine("machine:shell"), at=moment())
    assert found.value.code == "token_cannot_decide"
    assert effects() == before
    assert denials()[said:] == ["token_cannot_decide"]


@pytest.mark.parametrize("state", ["applied", "timelocked"])
def test_i22_a_row_that_is_written_past_the_engine_gives_no_effect(doors: Doors, state: str) -> None:
    row = doors.in_review()
    try:
        with transaction.atomic():
            Change.objects.filter(pk=row.pk).update(state=state, ready_at=0)
    except DatabaseError:
        return
    assert Tenant.objects.get(pk=doors.it.acme.tenant.pk).state == "active"
    doors.wait()
    word = doors.envelope("eva", row, Verb.EXECUTE)
    code, moves = ("change_state", False) if state == "applied" else ("quorum_missing", True)
    with doors.attack(code, 409, moves=moves):
        doors.hand_in("eva", row, word)


@pytest.mark.parametrize("size", [1, 10**6])
def test_24_a_word_over_a_head_that_this_ledger_does_not_have_is_none(doors: Doors, size: int) -> None:
    row = doors.in_review()
    told = doors.statement("ben", row, Verb.APPROVE)
    fields = json.loads(base64.b64decode(told["statement"]))
    fields["ledger"] = {**fields["ledger"], "size": size, "root": "ab" * 32}
    one = doors.it["ben"]
    made = sign_envelope(
        told["payload_type"], canonical(fields), one.kid, lambda data: one.private.sign(data).signature
    )
    with doors.attack("statement_head", 409):
        doors.hand_in("ben", row, json.loads(made.to_bytes()))


def test_26_a_link_from_a_mail_approves_nothing_however_often_it_is_opened(doors: Doors) -> None:
    row = doors.in_review()
    before, client = effects(), doors.session("ben")
    for path in ("", "?verb=approve", f"statement/?verb=approve&key={doors.it['ben'].kid}"):
        for _ in range(3):
            assert client.get(f"/changes/{row.key}/{path}").status_code == 200
            assert client.head(f"/changes/{row.key}/{path}").status_code == 200
    assert effects() == before


def test_27_one_author_asks_for_so_much_attention_and_no_more(doors: Doors) -> None:
    body = {"type": "tenant.state", "body": doors.it.suspend, "reason": "Once more."}
    for _ in range(20):
        doors.done(doors.post("ada", "changes/", body))
    with doors.attack("too_many_open", 429):
        doors.post("ada", "changes/", body)


def test_27_what_was_rejected_is_not_asked_again_within_a_day(doors: Doors) -> None:
    row = doors.in_review()
    doors.done(doors.say("ben", row, Verb.REJECT))
    with doors.attack("rejected_recently", 409):
        doors.post("ada", "changes/", {"type": "tenant.state", "body": doors.it.suspend, "reason": "Please."})


@pytest.mark.parametrize("path", ["decisions/", "approve/", "approve-all/", "decisions/batch/"])
def test_28_there_is_no_door_for_many_words_at_once(doors: Doors, path: str) -> None:
    row = doors.in_review()
    word = doors.envelope("ben", row, Verb.APPROVE)
    before = effects()
    answer = doors.post("ben", f"changes/{path}", {"envelopes": [word, word]})
    assert answer.status_code == 404
    assert effects() == before


def test_28_a_list_of_words_is_no_word(doors: Doors) -> None:
    row = doors.in_review()
    word = doors.envelope("ben", row, Verb.APPROVE)
    with doors.attack("parameter_invalid", 422):
        doors.hand_in("ben", row, [word, word])
