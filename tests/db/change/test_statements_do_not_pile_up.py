"""Statements that nobody signs: so many for one person and change, and gone once they have expired."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from governance.change.actions import issue
from governance.change.actions.issue import issue_statement, sweep_statements
from governance.change.core.verbs import Verb
from governance.change.models import Change, IssuedStatement
from tests.support.clones import Clone
from tests.support.governed import World, refused, world
from tests.support.world import moment

pytestmark = pytest.mark.db


@pytest.fixture
def it(ledger_db: Clone, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(issue, "MOST_WAITING", 3)
    return world()


def given(it: World, row: Change, who: str, days: int = 0) -> None:
    one = it[who]
    at = moment(it.now + timedelta(days=days))
    issue_statement(row.key, Verb.APPROVE, one.kid, by=one.principal(it.now), at=at)


def test_one_person_is_given_so_many_of_one_change(it: World) -> None:
    row, other = it.in_review(), it.in_review(body={**it.suspend, "state": "disabled"})
    for _ in range(3):
        given(it, row, "ben")
    with refused("too_many_statements"):
        given(it, row, "ben")
    given(it, row, "cyd")
    given(it, other, "ben")
    given(it, row, "ben", days=2)


def test_what_was_not_answered_in_its_time_goes_and_nothing_else(it: World) -> None:
    row = it.in_review()
    given(it, row, "ben", days=-2)
    given(it, row, "ben")
    it.say(row, Verb.APPROVE, "cyd")
    assert sweep_statements(at=moment(it.now)) == 1
    assert IssuedStatement.objects.count() == 2
    assert sweep_statements(at=moment(it.now)) == 0


@pytest.mark.parametrize("by", ["answer", "time"])
def test_the_database_keeps_what_was_answered_and_what_may_be(it: World, by: str) -> None:
    row = it.in_review()
    if by == "answer":
        it.say(row, Verb.APPROVE, "cyd")
    else:
        given(it, row, "cyd")
    with pytest.raises(DatabaseError), transaction.atomic():
        IssuedStatement.objects.all().delete()
    assert IssuedStatement.objects.count() == 1
