"""Who could fill an empty place now is asked; an approval answers, and silence escalates once."""

from __future__ import annotations

import pytest

from governance.change.actions.ask import ask_to_sign
from governance.change.actions.comment import comment_on
from governance.change.actions.escalate import escalate_asks
from governance.change.core.verbs import Verb
from governance.change.models import Ask, Comment
from tests.support.clones import Clone
from tests.support.governed import World, refused, world
from tests.support.world import moment

pytestmark = pytest.mark.db


@pytest.fixture
def it(ledger_db: Clone) -> World:
    return world()


def test_an_approval_answers(it: World) -> None:
    row, by = it.in_review(), it["ada"].principal()
    ask_to_sign(row.key, it["ben"].id, by=by, at=moment(it.now))
    with refused("already_said"):
        ask_to_sign(row.key, it["ben"].id, by=by, at=moment(it.now))
    it.say(row, Verb.APPROVE, "ben")
    it.pass_time(90_000)
    assert escalate_asks(at=moment(it.now)) == 0
    assert Ask.objects.get().answered is not None


def test_silence_escalates_once(it: World) -> None:
    row = it.in_review()
    ask_to_sign(row.key, it["ben"].id, by=it["ada"].principal(), at=moment(it.now))
    assert escalate_asks(at=moment(it.now)) == 0
    it.pass_time(90_000)
    assert (escalate_asks(at=moment(it.now)), escalate_asks(at=moment(it.now))) == (1, 0)


@pytest.mark.parametrize("who", ["ada", "eva"])
def test_whoever_could_not_sign_is_not_asked(it: World, who: str) -> None:
    row = it.in_review()
    with refused("group_missing"):
        ask_to_sign(row.key, it[who].id, by=it["ada"].principal(), at=moment(it.now))


def test_remarks_stay_possible_after_the_end(it: World) -> None:
    row = it.say(it.in_review(), Verb.REJECT, "ben")
    comment_on(row.key, "Because of the names.", by=it["ben"].principal(), at=moment(it.now))
    assert Comment.objects.get().text == "Because of the names."
