"""How many queries the pages of governed change take, however many changes, people and words there are."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.change.core.verbs import Verb
from governance.change.models import Change
from tests.support.clones import Clone
from tests.support.governed import World, world
from tests.support.world import signed_in

pytestmark = pytest.mark.db
MOST = 12


@pytest.fixture
def it(ledger_db: Clone, settings: Any) -> World:
    settings.COUNTERSIGN_STEP_UP = "totp"
    return world()


@pytest.fixture
def row(it: World) -> Change:
    """One of several, with a revision, a word and a hold behind it."""
    for state in ("disabled", "suspended"):
        it.in_review(body={**it.suspend, "state": state})
    row = it.in_review()
    return it.say(row, Verb.APPROVE, "ben")


PATHS = ("/changes/", "/changes/?view=all", "/changes/{row}/", "/policy/")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("who", ["ben", "cyd", "eva"])
def test_a_page_takes_few_queries(it: World, row: Change, path: str, who: str) -> None:
    here, address = signed_in(it[who].row), path.format(row=row.key)
    here.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert here.get(address).status_code == 200
    told = [one["sql"][:150] for one in queries.captured_queries if not one["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(told) <= MOST, "\n".join(told)
