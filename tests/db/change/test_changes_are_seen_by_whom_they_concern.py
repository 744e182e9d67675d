"""Lists and pages of changes: scope, order, and what waits for whom."""

from __future__ import annotations

import uuid

import pytest

from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.errors import ChangeUnknown
from governance.change.selectors.changes import (
    Scope,
    change_in,
    changes_in,
    counts_by_state,
    scope_of,
)
from governance.change.selectors.waiting import waiting_for
from governance.identity.core.roles import Role
from tests.support.clones import Clone
from tests.support.governed import World, world
from tests.support.world import person

pytestmark = pytest.mark.db
ALL = Scope(everything=True)


@pytest.fixture
def it(ledger_db: Clone) -> World:
    return world()


def test_a_role_on_the_platform_sees_all_and_one_in_a_tenant_its_own(it: World) -> None:
    admin = person("tess@acme.test", Role.TENANT_ADMIN, it.acme.tenant, decided=True)
    viewer = person("vic@acme.test", Role.TENANT_VIEWER, it.acme.tenant, decided=True)
    assert scope_of(it["ada"].row.public_id, it.now) == ALL
    assert scope_of(admin.public_id, it.now) == Scope(tenants=frozenset({str(it.acme.tenant.public_id)}))
    assert scope_of(viewer.public_id, it.now).empty
    row = it.in_review()
    assert [one.id for one in changes_in(ALL)] == [row.key]
    assert changes_in(scope_of(admin.public_id, it.now)) == ()
    with pytest.raises(ChangeUnknown):
        change_in(scope_of(admin.public_id, it.now), row.key, it.now)


@pytest.mark.parametrize("asked", ["", "nothing", str(uuid.UUID(int=7))])
def test_an_id_that_names_nothing_is_unknown(it: World, asked: str) -> None:
    with pytest.raises(ChangeUnknown):
        change_in(ALL, asked, it.now)


def test_a_list_goes_on_after_its_last_row_and_can_be_narrowed(it: World) -> None:
    rows = [it.draft("tenant.state", it.suspend) for _ in range(3)]
    first = changes_in(ALL, limit=2)
    assert [one.id for one in first] == [rows[2].key, rows[1].key]
    assert [one.id for one in changes_in(ALL, after=first[-1].number, limit=2)] == [rows[0].key]
    assert changes_in(ALL, states={State.IN_REVIEW}) == ()
    assert changes_in(ALL, author="person:nobody") == ()
    assert counts_by_state(ALL) == {State.DRAFT: 3}


def test_one_change_tells_its_texts_and_words(it: World) -> None:
    row = it.say(it.in_review(), Verb.APPROVE, "ben")
    view = change_in(ALL, row.key, it.now)
    assert (view.listed.state, view.current.reason) == (State.IN_REVIEW, "Agreed on Monday.")
    assert [(one.verb, one.person) for one in view.words] == [("approve", it["ben"].id)]
    assert len(view.words[0].code.split()) == 6
    assert view.standing is not None
    assert [slot.person for slot in view.standing.quorum.slots] == [it["ben"].id, None]


def test_a_change_waits_for_whom_it_still_needs(it: World) -> None:
    row = it.say(it.in_review(), Verb.APPROVE, "ben")
    assert [one.id for one in waiting_for(ALL, it["cyd"].id, it.now)] == [row.key]
    for nobody in ("ada", "ben", "eva"):
        assert waiting_for(ALL, it[nobody].id, it.now) == ()
