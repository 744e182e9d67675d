"""`governance_verify` reads the control leaves of every log: what no change decided is found there as well."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.db import transaction

from governance.change.core.verbs import Verb
from governance.change.selectors.replaying import replayed
from ledger.core.event import RawEvent
from ledger.models import Notice
from ledger.selectors.streams import StreamView, stream
from ledger.services.append import append_events
from ledger.services.governed import carrying_out
from ledger.services.holds import place_hold, release_within
from ledger.services.keys import rotate
from ledger.services.policy_leaf import set_policy_within
from ledger.services.reliance import set_reliance_within
from ledger.services.terms import Change, Told, carry_over, declare_within
from tests.db.change.test_the_record_explains_the_database import UNLOCKED, decided
from tests.support.clones import Clone
from tests.support.decided import DECISION
from tests.support.governed import World
from tests.support.world import place

pytestmark = pytest.mark.db
MINE = "person:1"


@pytest.fixture
def it(ledger_db: Clone) -> World:
    """Founded, one tenant suspended, and another one with a log that no change is about."""
    made = decided(UNLOCKED)
    place("other")
    append_events(log(), [RawEvent("a", str(one), "urn:a", b"{}") for one in range(3)], actor="key:a")
    return made


def log() -> StreamView:
    return stream("other", "decisions")


def words() -> list[str]:
    return [one.words for one in replayed().contradictions]


def pause() -> None:
    with transaction.atomic():
        set_reliance_within(log(), 1, 1, paused=True, reason="x")


def wrongly(kind: str, act: Callable[[], object]) -> None:
    """Done with a decision that the engine never carried out."""
    with transaction.atomic(), carrying_out(DECISION, kind):
        act()


PAST = {
    "retention": ("stream.retention", lambda: declare_within(log(), Change(payload_days=9), Told("x", MINE, DECISION))),
    "keys": ("log_key.rotate", lambda: rotate(log(), "receipt", actor=MINE, decision=DECISION)),
    "reliance": (
        "reliance.resume",
        lambda: set_reliance_within(log(), 1, 1, paused=False, reason="x", decision=DECISION),
    ),
    "holds": (
        "hold.release",
        lambda: release_within(log(), case="case 7", reason="x", by=MINE, decision=DECISION),
    ),
}


def policy() -> None:
    from ledger.selectors.health import policy_in_force  # noqa: PLC0415 - used once

    text = policy_in_force(log()).rstrip("\n") + "\n# another\n"
    wrongly("stream.policy", lambda: set_policy_within(log(), text, decision=DECISION))


def test_what_restricts_or_repeats_takes_no_decision(it: World) -> None:
    place_hold(log(), [(1, 1)], case="case 7", reason="x", by=MINE)
    pause()
    carry_over(log(), Change(expected_every_s=60), Told("rhythm", MINE))
    assert words() == []


@pytest.mark.parametrize("what", PAST)
def test_a_decision_that_never_took_effect_is_found(it: World, what: str) -> None:
    kind, act = PAST[what]
    if what == "reliance":
        pause()
    if what == "holds":
        place_hold(log(), [(1, 1)], case="case 7", reason="x", by=MINE)
    assert words() == []
    wrongly(kind, act)
    assert [f", {what}: the decision that it names took no effect" in one for one in words()] == [True]


def test_witnesses_that_nobody_decided_are_found(it: World) -> None:
    policy()
    assert [", witnesses: the decision that it names took no effect" in one for one in words()] == [True]


def test_retention_that_names_no_decision_is_found(it: World) -> None:
    carry_over(log(), Change(payload_days=9), Told("x", MINE))
    assert [", retention: it names no decision" in one for one in words()] == [True]


def test_what_a_change_decided_is_explained_and_a_leaf_that_says_something_else_is_not(it: World) -> None:
    body = {"stream": log().origin, "attrs_days": None, "payload_days": 400}
    row = it.approved(it.in_review("stream.retention", body))
    it.pass_time(3_601)
    it.say(row, Verb.EXECUTE, "eva")
    assert words() == []
    with transaction.atomic(), carrying_out(row.key, "stream.retention"):
        declare_within(log(), Change(payload_days=9), Told("x", MINE, row.key))
    told = words()
    assert any(", retention: the decision that it names is about something else" in one for one in told), told


def test_a_decision_about_another_log_explains_nothing(it: World) -> None:
    body = {"stream": it.acme.stream.origin, "attrs_days": None, "payload_days": 400}
    it.say(it.approved(it.in_review("tenant.state", {**it.suspend, "state": "active"})), Verb.EXECUTE, "eva")
    row = it.approved(it.in_review("stream.retention", body))
    it.say(row, Verb.EXECUTE, "eva")
    with transaction.atomic(), carrying_out(row.key, "stream.retention"):
        declare_within(log(), Change(payload_days=400), Told("x", MINE, row.key))
    assert [", retention: the decision that it names is about something else" in one for one in words()] == [True]


def test_what_nobody_looked_at_is_said(it: World) -> None:
    out = StringIO()
    call_command("governance_verify", "--json", stdout=out)
    told = json.loads(out.getvalue())["not_evaluated"]
    assert len(told) == 3
    out = StringIO()
    call_command("governance_verify", stdout=out)
    assert out.getvalue().count("not evaluated: ") == 3


def test_a_log_that_cannot_be_read_is_named_and_not_passed_over(
    it: World, admin_connection: psycopg.Connection[object]
) -> None:
    place_hold(log(), [(1, 1)], case="case 7", reason="x", by=MINE)
    index = Notice.objects.get(kind="hold").index
    admin_connection.execute("ALTER TABLE ledger_leaf DISABLE TRIGGER ALL")
    admin_connection.execute(
        "UPDATE ledger_leaf SET bytes = '\\x7b' WHERE stream_id = %s AND index = %s", [log().id, index]
    )
    assert any(log().origin in one and "cannot be read" in one for one in replayed().not_evaluated)
