"""Within the observation window one executor applies exactly the revert that was signed, and nothing else."""

from __future__ import annotations

import pytest

from governance.change.actions.revert import draft_revert
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.identity.models import Tenant
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
    it.pass_time(3_601)
    return it.say(found, Verb.EXECUTE, "eva")


def drafted(it: World, row: Change, who: str = "fay") -> Change:
    return draft_revert(row.key, "It was wrong.", by=it[who].principal(), at=moment(it.now))


def state_of(it: World) -> str:
    return str(Tenant.objects.get(pk=it.acme.tenant.pk).state)


def test_one_executor_takes_it_back_at_once(it: World, row: Change) -> None:
    back = it.say(drafted(it, row), Verb.REVERT, "fay")
    assert (back.state, back.reverts, state_of(it)) == ("applied", row.public_id, "active")


def test_it_is_taken_back_once_however_many_drafted_it(it: World, row: Change) -> None:
    first, second = drafted(it, row), drafted(it, row, "eva")
    it.say(first, Verb.REVERT, "fay")
    with refused("no_way_back"):
        it.say(second, Verb.REVERT, "eva")
    with refused("no_way_back"):
        drafted(it, row)


def test_after_the_window_it_takes_a_change_of_its_own(it: World, row: Change) -> None:
    back = drafted(it, row)
    it.pass_time(3_700)
    with refused("no_way_back"):
        it.say(back, Verb.REVERT, "fay")


def test_not_once_the_state_has_moved(it: World, row: Change) -> None:
    back = drafted(it, row)
    Tenant.objects.filter(pk=it.acme.tenant.pk).update(state="disabled")
    with refused("change_stale"):
        it.say(back, Verb.REVERT, "fay")
    with refused("no_way_back"):
        it.say(drafted(it, row), Verb.REVERT, "fay")


def test_only_an_executor_drafts_it(it: World, row: Change) -> None:
    with refused("role_missing"):
        drafted(it, row, "ben")


def test_a_draft_that_reverts_nothing_is_not_applied_by_one_word(it: World, row: Change) -> None:
    plain = it.draft("tenant.state", {**it.suspend, "state": "active"})
    with refused("no_way_back"):
        it.say(plain, Verb.REVERT, "fay")


def test_what_was_never_applied_has_no_way_back(it: World) -> None:
    with refused("no_way_back"):
        drafted(it, it.in_review())
