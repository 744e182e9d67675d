"""When a change takes effect (attacks 10 to 15): once, as approved, after its lock, before its end, under the stricter
rule.

Attack 13's clocks: no header moves the server's clock, and the record's own time never goes back
(`tests/db/change/test_what_stops_a_change.py` puts the clock back). Attack 11's worker that is killed in mid-flight is
one on the database's transaction: `tests/db/change/test_killed_in_mid_flight.py`.
"""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from governance.change.core.policy import Policy
from governance.change.core.verbs import Verb
from governance.change.models import Change, Word
from governance.identity.models import Tenant
from tests.support.attacks import JSON, Doors
from tests.support.governed import denials, put_in_force, rule

pytestmark = pytest.mark.db


def state_of(doors: Doors) -> str:
    return str(Tenant.objects.get(pk=doors.it.acme.tenant.pk).state)


def at_once(posts: list[tuple[Any, str, Any]]) -> list[tuple[int, str]]:
    """Post each with its own connection, ten at a time."""

    def post(one: tuple[Any, str, Any]) -> tuple[int, str]:
        client, address, body = one
        try:
            answer = client.post(f"/api/v1/{address}", json.dumps(body), JSON)
            return answer.status_code, answer.json().get("code", "")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        return list(pool.map(post, posts))


def test_10_an_edit_and_the_last_approval_at_once_leave_one_order(doors: Doors) -> None:
    for _ in range(12):
        row = doors.approved(doors.in_review(), "ben")
        word = {"envelope": doors.envelope("cyd", row, Verb.APPROVE)}
        edit = {"body": doors.it.suspend, "reason": "Other words.", "revision": 1}
        posts = [
            (doors.session("cyd"), f"changes/{row.key}/decisions/", word),
            (doors.session("ada"), f"changes/{row.key}/revisions/", edit),
        ]
        found = at_once(posts)
        row.refresh_from_db()
        assert found[1][0] == 200
        assert found[0] in {(200, ""), (409, "change_revision")}
        assert (row.state, row.revision, row.ready_at) == ("in_review", 2, None)
        doors.done(doors.post("ada", f"changes/{row.key}/withdraw/", b""))


def test_11_fifty_executions_at_once_take_effect_once(doors: Doors) -> None:
    row = doors.approved(doors.in_review())
    doors.wait()
    one, two = (doors.envelope(who, row, Verb.EXECUTE) for who in ("eva", "fay"))
    posts: list[tuple[Any, str, Any]] = [
        (doors.session(who), f"changes/{row.key}/decisions/", {"envelope": word})
        for who, word in (("eva", one), ("fay", two))
        for _ in range(25)
    ]
    said = len(denials())
    found = at_once(posts)
    assert found.count((200, "")) == 1
    assert {code for status, code in found if status != 200} <= {"change_state", "statement_nonce"}
    assert {status for status, _ in found} == {200, 409}
    assert Word.objects.filter(verb="execute").count() == 1
    assert (state_of(doors), len(denials()) - said) == ("suspended", 49)


def test_11_an_idempotency_key_makes_no_second_execution(doors: Doors) -> None:
    row = doors.approved(doors.in_review())
    doors.wait()
    word = doors.envelope("eva", row, Verb.EXECUTE)
    doors.done(doors.hand_in("eva", row, word))
    with doors.attack("change_state", 409):
        address = f"changes/{row.key}/decisions/"
        doors.post("fay", address, {"envelope": doors.envelope("fay", row, Verb.EXECUTE)},
                   headers={"Idempotency-Key": "another"})  # fmt: skip


def test_12_what_was_approved_is_what_is_applied_whatever_the_call_says(doors: Doors) -> None:
    row = doors.approved(doors.in_review())
    doors.wait()
    word = doors.envelope("eva", row, Verb.EXECUTE)
    with doors.attack("parameter_invalid", 422):
        doors.hand_in("eva", row, word, body={**doors.it.suspend, "state": "disabled"})
    address = f"changes/{row.key}/decisions/?state=disabled&tenant=other"
    doors.done(doors.post("eva", address, {"envelope": word}))
    assert state_of(doors) == "suspended"


def test_12_a_second_change_that_moved_the_ground_makes_the_first_stale(doors: Doors) -> None:
    row = doors.approved(doors.in_review())
    other = doors.approved(doors.in_review(state="disabled"))
    doors.wait()
    doors.done(doors.say("eva", other, Verb.EXECUTE))
    word = doors.envelope("eva", row, Verb.EXECUTE)
    with doors.attack("change_stale", 409, moves=True):
        doors.hand_in("eva", row, word)
    assert state_of(doors) == "disabled"


def test_13_not_a_second_before_the_lock_is_over(doors: Doors) -> None:
    row = doors.approved(doors.in_review())
    ready = row.ready_at
    assert ready is not None
    doors.wait(ready - doors.it.now.timestamp() - 60)
    word = doors.envelope("eva", row, Verb.EXECUTE)
    with doors.attack("time_locked", 425):
        doors.hand_in("eva", row, word)


@pytest.mark.parametrize("header", ["Date", "X-Time", "If-Modified-Since", "X-Forwarded-Date"])
def test_13_no_header_moves_the_clock(doors: Doors, header: str) -> None:
    row = doors.approved(doors.in_review())
    word = {"envelope": doors.envelope("eva", row, Verb.EXECUTE)}
    with doors.attack("time_locked", 425):
        doors.post("eva", f"changes/{row.key}/decisions/", word, headers={header: "Fri, 01 Jan 2100 00:00:00 GMT"})


def test_13_a_policy_without_a_lock_does_not_shorten_one_that_runs(doors: Doors) -> None:
    row = doors.approved(doors.in_review())
    put_in_force(Policy((rule("*", name="everything", lock_s=0),)))
    word = doors.envelope("eva", row, Verb.EXECUTE)
    with doors.attack("change_stale", 409, moves=True):
        doors.hand_in("eva", row, word)
    assert state_of(doors) == "active"


def test_13_a_quorum_that_was_lost_and_found_waits_anew(doors: Doors) -> None:
    row = doors.approved(doors.in_review())
    doors.wait(3_000)
    doors.done(doors.say("cyd", row, Verb.REVOKE_APPROVAL))
    doors.done(doors.say("dov", row, Verb.APPROVE))
    doors.wait(1_200)
    word = doors.envelope("eva", row, Verb.EXECUTE)
    with doors.attack("time_locked", 425):
        doors.hand_in("eva", row, word)


def test_14_what_was_approved_in_time_is_not_executed_after_its_end(doors: Doors) -> None:
    row = doors.approved(doors.in_review())
    doors.wait(90_000)
    word = doors.envelope("eva", row, Verb.EXECUTE)
    with doors.attack("change_expired", 410, moves=True):
        doors.hand_in("eva", row, word)
    row.refresh_from_db()
    assert row.state == "expired"


@pytest.mark.parametrize("end", ["not_before", "not_after"])
def test_14_a_word_that_was_dated_back_or_on_is_not_what_was_given(doors: Doors, end: str) -> None:
    row = doors.in_review()
    fields = json.loads(base64.b64decode(doors.statement("ben", row, Verb.APPROVE)["statement"]))
    moved = {**fields["window"], end: "2020-01-01T00:00:00Z" if end == "not_before" else "2030-01-01T00:00:00Z"}
    word = json.loads(doors.it.resigned(row, Verb.APPROVE, "ben", window=moved))
    with doors.attack("statement_differs", 422):
        doors.hand_in("ben", row, word)


def test_14_a_statement_is_answered_within_its_day(doors: Doors) -> None:
    row = doors.in_review()
    word = doors.envelope("ben", row, Verb.APPROVE)
    doors.wait(25 * 3_600)
    with doors.attack("statement_nonce", 409):
        doors.hand_in("ben", row, word)


def test_15_a_change_is_judged_under_the_policy_it_was_approved_under_or_not_at_all(doors: Doors) -> None:
    row = doors.in_review()
    word = doors.envelope("ben", row, Verb.APPROVE)
    from governance.change.core.policy import Need  # noqa: PLC0415 - once

    put_in_force(Policy((rule("*", name="everything", needs=(Need("ops", 1),)),)))
    doors.done(doors.hand_in("ben", row, word))
    row.refresh_from_db()
    assert (row.state, row.ready_at) == ("in_review", None)
    doors.done(doors.say("cyd", row, Verb.APPROVE))
    doors.wait()
    word = doors.envelope("eva", row, Verb.EXECUTE)
    with doors.attack("change_stale", 409, moves=True):
        doors.hand_in("eva", row, word)


def test_15_a_looser_policy_takes_the_approvals_of_the_stricter_one(doors: Doors) -> None:
    from governance.change.core.policy import Need  # noqa: PLC0415 - once

    looser = Policy((rule("*", name="everything", needs=(Need("ops", 1),), lock_s=0),))
    body = {"type": "policy.change", "body": {"policy": looser.to_json()}, "reason": "One is enough."}
    made = doors.done(doors.post("ada", "changes/", body))
    doors.done(doors.post("ada", f"changes/{made['id']}/submit/", {"revision": 1}))
    row = Change.objects.get(public_id=made["id"])
    assert doors.approved(row, "ben").state == "in_review"
    assert doors.approved(row, "cyd").state == "timelocked"
    word = doors.envelope("eva", row, Verb.EXECUTE)
    with doors.attack("time_locked", 425):
        doors.hand_in("eva", row, word)
