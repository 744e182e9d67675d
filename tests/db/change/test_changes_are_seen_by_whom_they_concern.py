"""Lists and pages of changes: scope, order, and what waits for whom."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from governance.change.actions.ask import ask_to_sign
from governance.change.actions.comment import comment_on
from governance.change.actions.edit import edit_change
from governance.change.actions.hold import hold_change
from governance.change.actions.issue import issue_statement
from governance.change.actions.revert import draft_revert
from governance.change.actions.submit import submit_change
from governance.change.actions.take_word import take_word
from governance.change.actions.withdraw import withdraw_change
from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.errors import ChangeUnknown
from governance.change.models import Change
from governance.change.selectors.changes import (
    Scope,
    change_in,
    changes_in,
    counts_by_state,
    scope_of,
)
from governance.change.selectors.waiting import waiting_for
from governance.identity.core.roles import Role
from governance.identity.models import Person
from tests.support.clones import Clone
from tests.support.governed import World, refused, world
from tests.support.people import as_person
from tests.support.world import moment, person

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


def steps(it: World, row: Change, who: Person) -> list[Callable[[], object]]:
    by, at = as_person(who), moment(it.now)
    return [
        lambda: comment_on(row.key, "I am here.", by=by, at=at), lambda: hold_change(row.key, "Wait.", by=by, at=at),
        lambda: withdraw_change(row.key, by=by, at=at), lambda: ask_to_sign(row.key, it["cyd"].id, by=by, at=at),
        lambda: edit_change(row.key, it.suspend, "Anew.", revision=1, by=by, at=at),
        lambda: submit_change(row.key, revision=1, by=by, at=at), lambda: draft_revert(row.key, "No.", by=by, at=at),
        lambda: issue_statement(row.key, Verb.APPROVE, it["ben"].kid, by=by, at=at),
        lambda: take_word(row.key, it.signed(row, Verb.APPROVE, "ben"), by=by, at=at),
    ]  # fmt: skip


def test_a_step_takes_the_change_to_exist_for_whoever_takes_it_and_no_door_can_forget_it(it: World) -> None:
    row = it.in_review()
    admin = person("tess@acme.test", Role.TENANT_ADMIN, it.acme.tenant, decided=True)
    viewer = person("vic@acme.test", Role.TENANT_VIEWER, it.acme.tenant, decided=True)
    for who, code in ((admin, "not_found"), (viewer, "role_missing")):
        for step in steps(it, row, who):
            with refused(code):
                step()
    row.refresh_from_db()
    assert (row.state, row.revision, row.words.count()) == (State.IN_REVIEW, 1, 0)


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
