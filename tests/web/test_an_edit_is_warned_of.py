"""Whoever could approve a change is told, before they edit it, that an edit takes that away for good: page and API."""

from __future__ import annotations

from typing import Any

import pytest

from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.change.selectors.editing import COST
from tests.support.clones import Clone
from tests.support.governed import World, refused, world
from tests.support.world import signed_in

pytestmark = pytest.mark.db


@pytest.fixture
def it(ledger_db: Clone, settings: Any) -> World:
    settings.COUNTERSIGN_STEP_UP = "totp"
    return world()


def page(it: World, row: Change, who: str) -> str:
    return " ".join(signed_in(it[who].row).get(f"/changes/{row.key}/").content.decode().split())


def told(it: World, row: Change, who: str) -> Any:
    return signed_in(it[who].row).get(f"/api/v1/changes/{row.key}/").json()["edit_warning"]


@pytest.mark.parametrize("submitted", [False, True])
def test_an_approver_is_warned_beside_the_button_and_by_the_api(it: World, *, submitted: bool) -> None:
    row = it.in_review() if submitted else it.draft("tenant.state", it.suspend)
    assert COST in page(it, row, "ben")
    assert told(it, row, "ben") == COST


@pytest.mark.parametrize("who", ["ada", "eva"])
def test_who_could_not_approve_anyway_is_not(it: World, who: str) -> None:
    row = it.in_review()
    assert COST not in page(it, row, who)
    assert told(it, row, who) is None


def test_after_the_edit_there_is_nothing_left_to_warn_of_and_no_approval(it: World) -> None:
    row = it.in_review()
    here = signed_in(it["ben"].row)
    body = {"body": it.suspend, "reason": "A word.", "revision": 1}
    answer = here.post(f"/api/v1/changes/{row.key}/revisions/", body, "application/json")
    assert answer.status_code == 200
    assert answer.json()["edit_warning"] is None
    row.refresh_from_db()
    assert COST not in page(it, row, "ben")
    with refused("sod_contributor"):
        it.say(row, Verb.APPROVE, "ben")


def test_nobody_is_warned_of_what_cannot_be_edited_any_more(it: World) -> None:
    row = it.say(it.in_review(), Verb.VETO, "fay")
    assert told(it, row, "ben") is None
