"""Fifty press at once, on real connections: one effect, no signature over a mixed text, no word twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from governance.change.actions.edit import edit_change
from governance.change.core.verbs import Verb
from governance.change.models import Change, Word
from ledger.errors import RequestError
from ledger.selectors.leaves import EventFilter, events_in
from ledger.selectors.streams import stream
from tests.support.clones import Clone
from tests.support.governed import World, world
from tests.support.world import moment

pytestmark = pytest.mark.db
MANY, AT_ONCE = 50, 10


@pytest.fixture
def it(ledger_db: Clone) -> World:
    return world()


def together(acts: list[Callable[[], object]]) -> list[str]:
    """Run them in threads that begin together; the answers: `taken`, or the code of the refusal."""
    barrier = Barrier(min(AT_ONCE, len(acts)))

    def one(act: Callable[[], object]) -> str:
        try:
            barrier.wait(20)
            act()
        except RequestError as error:
            return error.code
        finally:
            connections.close_all()
        return "taken"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, acts))


def recorded(row: Change, kind: str) -> int:
    return len(events_in(stream("_governance", "changes"), None, 500, EventFilter(subject=row.key, type=kind)))


def test_of_fifty_executions_one_takes_effect(it: World) -> None:
    row = it.approved(it.in_review())
    it.pass_time(3_601)
    given = [("eva", "fay")[place % 2] for place in range(MANY)]
    signed = [(who, it.signed(row, Verb.EXECUTE, who)) for who in given]
    answers = together([lambda one=one: it.hand_in(row, one[1], one[0]) for one in signed])  # type: ignore[misc]  # bound
    assert answers.count("taken") == 1
    assert set(answers) == {"taken", "change_state"}
    assert recorded(row, "change:effect:executed") == 1


def test_the_same_approval_fifty_times_is_one_word(it: World) -> None:
    row = it.in_review()
    envelope = it.signed(row, Verb.APPROVE, "ben")
    answers = together([lambda: it.hand_in(row, envelope, "ben")] * MANY)
    assert answers.count("taken") == 1
    assert Word.objects.count() == 1


@pytest.mark.parametrize("again", range(5))
def test_an_edit_and_the_last_approval_never_mix(it: World, again: int) -> None:
    row = it.say(it.in_review(), Verb.APPROVE, "ben")
    envelope = it.signed(row, Verb.APPROVE, "cyd")
    ada, at = it["ada"].principal(), moment(it.now)
    answers = together([
        lambda: it.hand_in(row, envelope, "cyd"),
        lambda: edit_change(row.key, it.suspend, "Other words.", revision=1, by=ada, at=at),
    ])  # fmt: skip
    found = Change.objects.get(pk=row.pk)
    assert (found.state, found.revision) == ("in_review", 2)
    assert answers[1] == "taken"
    assert answers[0] in {"taken", "change_revision"}
    assert not Word.objects.filter(revision=2).exists()
