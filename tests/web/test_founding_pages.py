"""The genesis is read and signed by whom it names, before anybody has a role; nobody else learns that it is there."""

from __future__ import annotations

from typing import Any

import pytest

from governance.change.actions.draft import draft_change
from governance.change.core.possession import words_of
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.identity.models import PersonKey
from governance.identity.selectors.founding import is_founded
from tests.support.clones import Clone
from tests.support.governed import World, genesis_body, unfounded
from tests.support.world import SEED, moment, person, signed_in

pytestmark = pytest.mark.db


@pytest.fixture
def it(ledger_db: Clone) -> World:
    found = unfounded()
    for one in found.people.values():
        one.row.memberships.all().delete()
    return found


@pytest.fixture
def row(it: World) -> Change:
    return draft_change("genesis", genesis_body(it), "The beginning.", by=SEED, at=moment(it.now))


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_person_without_any_role_opens_and_signs_the_genesis_that_names_them(it: World, row: Change) -> None:
    here = signed_in(it["ben"].row)
    shown = text(here.get(f"/changes/{row.key}/"))
    assert "The founding: 0 of 2 signatures are given." in shown
    assert f"/api/v1/changes/{row.key}/statement/?verb=found&amp;key={it['ben'].kid}" in shown
    assert "Submit for review" not in shown
    key = PersonKey.objects.get(kid=it["cyd"].kid)
    assert words_of(bytes(key.public)) in shown
    assert "2 people of ops sign it" in shown
    assert here.get(f"/api/v1/changes/{row.key}/statement/?verb=found&key={it['ben'].kid}").status_code == 200
    assert "1 change waits for your signature." in text(here.get("/changes/"))
    it.say(row, Verb.FOUND, "ben")
    shown = text(here.get(f"/changes/{row.key}/"))
    assert "1 of 2 signatures" in shown
    assert "verb=found" not in shown
    assert "Nothing waits for your signature." in text(here.get("/changes/"))
    assert row.key in text(here.get("/changes/?view=drafts"))
    it.say(row, Verb.FOUND, "eva")
    assert is_founded()
    assert "Applied" in text(here.get(f"/changes/{row.key}/"))


def test_somebody_whom_it_does_not_name_learns_nothing_of_it(it: World, row: Change) -> None:
    here = signed_in(person("zoe@gov.test", None, None))
    none = "00000000-0000-7000-8000-000000000000"
    for one in (row.key, none):
        assert here.get(f"/changes/{one}/").status_code == 403
        assert here.get(f"/api/v1/changes/{one}/").status_code == 403


def test_a_name_that_an_edit_took_out_reads_it_no_more(it: World, row: Change) -> None:
    body = genesis_body(it)
    body["people"] = [one for one in body["people"] if one["person"] != str(it["fay"].row.public_id)]
    other = draft_change("genesis", body, "Without Fay.", by=SEED, at=moment(it.now))
    here = signed_in(it["fay"].row)
    assert here.get(f"/changes/{row.key}/").status_code == 200
    assert here.get(f"/changes/{other.key}/").status_code == 404
