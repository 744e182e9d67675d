"""An executor signs early; a task carries it out when everything still holds, and decides nothing by itself."""

from __future__ import annotations

import pytest

from governance.change.actions.advance import carry_out_ready
from governance.change.actions.hold import hold_change, release_change
from governance.change.actions.settle import settle_change
from governance.change.core.verbs import Verb
from governance.change.models import Change
from tests.support.clones import Clone
from tests.support.governed import World, refused, world
from tests.support.world import moment

pytestmark = pytest.mark.db


@pytest.fixture
def it(ledger_db: Clone) -> World:
    return world()


@pytest.fixture
def row(it: World) -> Change:
    found = it.approved(it.in_review())
    it.pass_time(5)
    return it.say(found, Verb.EXECUTE, "eva", advance=True)


def test_it_is_carried_out_when_it_is_ready(it: World, row: Change) -> None:
    assert carry_out_ready(at=moment(it.now)) == (0, 0)
    it.pass_time(3_601)
    assert carry_out_ready(at=moment(it.now)) == (1, 0)
    row.refresh_from_db()
    assert (row.state, row.executor) == ("applied", it["eva"].id)


def test_not_after_a_hold(it: World, row: Change) -> None:
    it.pass_time(5)
    hold_change(row.key, "Wait.", by=it["dov"].principal(), at=moment(it.now))
    release_change(row.key, by=it["dov"].principal(), at=moment(it.now))
    settle_change(row.key, at=moment(it.now))
    it.pass_time(3_700)
    assert carry_out_ready(at=moment(it.now)) == (0, 1)
    row.refresh_from_db()
    assert row.state == "timelocked"


def test_not_for_an_executor_who_lost_the_role(it: World, row: Change) -> None:
    it["eva"].row.memberships.update(revoked=it.now)
    it.pass_time(3_601)
    assert carry_out_ready(at=moment(it.now)) == (0, 1)


def test_nothing_is_carried_out_that_nobody_signed(it: World) -> None:
    it.approved(it.in_review())
    it.pass_time(3_601)
    assert carry_out_ready(at=moment(it.now)) == (0, 0)


def test_whoever_may_not_execute_signs_nothing_in_advance(it: World) -> None:
    row = it.approved(it.in_review())
    with refused("role_missing"):
        it.say(row, Verb.EXECUTE, "ben", advance=True)
