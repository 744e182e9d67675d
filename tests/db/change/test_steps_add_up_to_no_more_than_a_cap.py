"""A cap bounds what many changes do together: there and back, by reverts, and by values that are no numbers."""

from __future__ import annotations

import pytest

from governance.change.actions.revert import draft_revert
from governance.change.core.policy import Cap, Policy
from governance.change.core.verbs import Verb
from governance.change.models import Change
from ledger.core.types import JSONObject
from ledger.selectors.notices import terms
from ledger.selectors.streams import stream
from tests.support.clones import Clone
from tests.support.governed import World, put_in_force, refused, rule, world
from tests.support.world import moment

pytestmark = pytest.mark.db
FREE = Policy((rule("*", name="everything", lock_s=0),))
CAPPED = Policy((rule("*", name="everything", lock_s=0, caps=(Cap("payload_days", 50, 86_400),)),))


@pytest.fixture
def it(ledger_db: Clone) -> World:
    """Payloads are kept for 365 days, and no more than 50 days may be taken or given in a day."""
    made = world(FREE)
    execute(made, approved(made, 365))
    put_in_force(CAPPED)
    made.pass_time(2 * 86_400)
    return made


def body(days: int | None) -> JSONObject:
    return {"stream": stream("acme", "decisions").origin, "attrs_days": None, "payload_days": days}


def approved(it: World, days: int | None) -> Change:
    return it.approved(it.in_review("stream.retention", body(days)))


def execute(it: World, row: Change) -> Change:
    return it.say(row, Verb.EXECUTE, "eva")


def revert(it: World, row: Change) -> Change:
    back = draft_revert(row.key, "It was wrong.", by=it["fay"].principal(it.now), at=moment(it.now))
    return it.say(back, Verb.REVERT, "fay")


def days() -> int | None:
    return terms(stream("acme", "decisions")).payload_days


def test_small_steps_are_refused_once_they_add_up_to_too_much(it: World) -> None:
    execute(it, approved(it, 335))
    with refused("cap_exceeded"):
        execute(it, approved(it, 305))
    assert days() == 335
    execute(it, approved(it, 315))
    assert days() == 315


def test_for_ever_is_no_step_between_two_numbers(it: World) -> None:
    with refused("cap_exceeded"):
        execute(it, approved(it, None))
    assert days() == 365


def test_from_for_ever_there_is_no_small_step_either(it: World) -> None:
    put_in_force(FREE)
    execute(it, approved(it, None))
    put_in_force(CAPPED)
    with refused("cap_exceeded"):
        execute(it, approved(it, 1))
    assert days() is None


def test_a_way_back_is_free_and_what_comes_after_it_counts_both_ways(it: World) -> None:
    row = execute(it, approved(it, 335))
    assert revert(it, row).state == "applied"
    assert days() == 365
    with refused("cap_exceeded"):
        execute(it, approved(it, 335))


def test_a_way_back_brings_nothing_that_the_cap_would_not(it: World) -> None:
    put_in_force(FREE)
    row = execute(it, approved(it, 100))
    it.pass_time(3_000)
    execute(it, approved(it, 99))
    execute(it, approved(it, 100))
    tight = rule("*", name="everything", lock_s=0, caps=(Cap("payload_days", 266, 86_400),))
    put_in_force(Policy((tight,)))
    with refused("cap_exceeded"):
        revert(it, row)
    assert days() == 100
