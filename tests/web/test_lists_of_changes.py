"""The list of changes is narrowed in the address, kept as a file, and told as a call; one document has a history."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from governance.change.actions.edit import edit_change
from governance.change.core.policy import Cap, Policy
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.identity.core.roles import Role
from governance.identity.models import Membership
from tests.support.clones import Clone
from tests.support.governed import World, rule, world
from tests.support.world import moment, person, signed_in

pytestmark = pytest.mark.db


@pytest.fixture
def it(ledger_db: Clone, settings: Any) -> World:
    settings.COUNTERSIGN_STEP_UP = "totp"
    cache.clear()
    return world()


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def browser(it: World, who: str) -> Client:
    return signed_in(it[who].row)


def retention(it: World, days: int = 9) -> Change:
    return it.draft("stream.retention", {"stream": it.acme.stream.origin, "attrs_days": None, "payload_days": days})


def table(answer: Any) -> str:
    return text(answer).partition("<tbody>")[2].partition("</tbody>")[0]


def test_state_kind_and_author_narrow_the_list(it: World) -> None:
    draft, review, here = retention(it), it.in_review(), browser(it, "ada")
    for query, shown, hidden in (
        ("state=draft", draft, review),
        ("state=in_review", review, draft),
        ("kind=tenant.state&view=all", review, draft),
        ("kind=stream.retention&view=all", draft, review),
    ):
        rows = table(here.get(f"/changes/?{query}"))
        assert shown.key in rows
        assert hidden.key not in rows
    assert "No match" in text(here.get("/changes/?state=vetoed"))
    assert review.key in table(here.get("/changes/?mine=1"))
    assert "No match" in text(browser(it, "ben").get("/changes/?mine=1"))
    assert review.key in table(browser(it, "ben").get(f"/changes/?author={it['ada'].id}"))


@pytest.mark.parametrize("query", ["state=nothing", "kind=run.this", "view=?", "after=x", "after=%00", "subject=%00"])
def test_what_is_unknown_in_the_address_is_as_if_it_were_not_there(it: World, query: str) -> None:
    row = it.in_review()
    assert row.key in text(browser(it, "ada").get(f"/changes/?{query}"))


def test_a_document_has_its_history(it: World) -> None:
    first = it.say(it.in_review(), Verb.REJECT, "ben")
    second, other = it.in_review(body={**it.suspend, "state": "disabled"}), retention(it)
    here = browser(it, "ada")
    assert "history of this document" in text(here.get(f"/changes/{second.key}/"))
    rows = here.get("/changes/", {"subject": second.subject})
    assert "The history of Acme: state" in text(rows)
    assert first.key in table(rows)
    assert second.key in table(rows)
    assert other.key not in table(rows)


def test_the_list_is_a_file_with_the_same_filter(it: World) -> None:
    retention(it)
    row, here = it.in_review(), browser(it, "ada")
    lines = b"".join(here.get("/changes/?state=in_review&format=jsonl").streaming_content).decode().splitlines()  # type: ignore[attr-defined]  # a file
    assert [json.loads(line)["id"] for line in lines] == [row.key]
    sheet = b"".join(here.get("/changes/?view=all&format=csv").streaming_content).decode().splitlines()  # type: ignore[attr-defined]  # a file
    assert sheet[0].startswith("id,type,subject,tenant,state")
    assert len(sheet) == 3


def test_the_call_beside_the_list_has_the_same_filters_and_answers_them(it: World) -> None:
    draft, review, here = retention(it), it.in_review(), browser(it, "ada")
    page = text(here.get("/changes/?state=in_review&kind=tenant.state"))
    assert "GET /api/v1/changes/?state=in_review&amp;type=tenant.state" in page
    for query, found in (("type=tenant.state", review), ("type=stream.retention", draft)):
        items = here.get(f"/api/v1/changes/?{query}").json()["items"]
        assert [one["id"] for one in items] == [found.key]
    items = here.get("/api/v1/changes/", {"subject": review.subject, "author": it["ada"].id}).json()["items"]
    assert [one["id"] for one in items] == [review.key]


def test_revisions_stand_side_by_side(it: World) -> None:
    row = it.in_review()
    by = it["ada"].principal()
    edit_change(
        row.key, {**it.suspend, "state": "disabled"}, "Worse than it looked.", revision=1, by=by, at=moment(it.now)
    )
    shown = text(browser(it, "ben").get(f"/changes/{row.key}/"))
    assert "Revision 1 against 2, by Ada" in shown
    assert "<del>suspended</del>" in shown
    assert "<ins>disabled</ins>" in shown
    assert "New reason: Worse than it looked." in shown


def test_a_change_tells_its_way_back_and_until_when_it_is_signed_in_time(it: World) -> None:
    row = it.in_review()
    shown = text(browser(it, "ben").get(f"/changes/{row.key}/"))
    assert "The last approval has to come by" in shown
    assert "If it has to be undone" in shown
    assert "For 1 h after it took effect one executor applies exactly this" in shown


def test_a_word_in_advance_is_told_before_and_after_it_is_given(it: World) -> None:
    row = it.approved(it.in_review())
    here = browser(it, "eva")
    assert "Signed in advance, your word is kept" in text(here.get(f"/changes/{row.key}/"))
    it.pass_time(5)
    it.say(row, Verb.EXECUTE, "eva", advance=True)
    assert "Eva signed in advance." in text(here.get(f"/changes/{row.key}/"))


@pytest.mark.usefixtures("ledger_db")
def test_a_bound_says_how_much_of_it_is_used() -> None:
    capped = rule("*", name="everything", caps=(Cap("payload_days", 30, 86_400),))
    it = world(Policy((capped,)))
    row = it.in_review("stream.retention", {"stream": it.acme.stream.origin, "attrs_days": None, "payload_days": 9})
    shown = text(browser(it, "ben").get(f"/changes/{row.key}/"))
    assert "payload_days: 0 of 30 used within 1 d; this adds" in shown


def test_people_say_what_they_can_do_in_changes(it: World) -> None:
    olga = person("olga@gov.test", Role.PLATFORM_OPERATOR, None, decided=True)
    here = signed_in(olga)
    listed = text(here.get("/people/"))
    assert "Approves for ops and science." in listed
    assert "Carries out." in listed
    assert "Signs no changes." in listed
    ben = it["ben"].row
    assert "Approves for ops." in text(here.get(f"/people/{ben.public_id}/"))
    ben.barred_until = it.now.replace(year=it.now.year + 1)
    ben.save()
    assert "a cool-down after lost factors." in text(here.get(f"/people/{ben.public_id}/"))


def test_a_role_that_ends_says_until_when_its_renewal_is_submitted_in_time(it: World) -> None:
    olga = person("olga@gov.test", Role.PLATFORM_OPERATOR, None, decided=True)
    ends = it.now.replace(year=it.now.year + 1)
    Membership.objects.filter(person=it["ben"].row).update(expires=ends)
    shown = text(signed_in(olga).get(f"/people/{it['ben'].row.public_id}/"))
    assert "The renewal is submitted in time until" in shown
    assert "Prepare the renewal" in shown
