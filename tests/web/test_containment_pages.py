"""What is frozen, in an emergency or not founded yet is told on pages of its own and above every page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from governance.change.actions.draft import draft_change
from governance.change.core.fingerprints import fingerprints
from governance.change.core.verbs import Verb
from governance.change.models import Change, Freeze, Incident, IncidentEntry
from governance.identity.core.roles import Role
from governance.identity.models import GroupMember
from governance.watching.services.raise_alarms import watch_platform
from tests.support.clones import Clone
from tests.support.governed import World, genesis_body, unfounded, world
from tests.support.world import SEED, moment, person, signed_in

pytestmark = pytest.mark.db


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    cache.clear()


@pytest.fixture
def it(ledger_db: Clone, settings: Any) -> World:
    settings.COUNTERSIGN_STEP_UP = "totp"
    return world()


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def browser(it: World, who: str) -> Client:
    return signed_in(it[who].row)


def frozen(it: World, scope: str = "platform", hours: float = 0) -> Freeze:
    at = datetime.now(UTC) - timedelta(hours=hours)
    return Freeze.objects.create(scope=scope, by=it["ben"].id, reason="A key leaked.", decision="planted", at=at)


def incident(it: World, row: Change, **more: Any) -> Incident:
    made = {
        "public_id": row.public_id,
        "change": row.key,
        "kind": "leak",
        "reason": "Keys seen outside.",
        "by": it["ada"].id,
    }
    found = Incident.objects.create(**made, opened=datetime.now(UTC), **more)
    IncidentEntry.objects.create(incident=found, by=it["ben"].id, text="Applied provisionally.", at=datetime.now(UTC))
    return found


def test_a_freeze_stands_above_every_page_and_cannot_be_dismissed(it: World) -> None:
    frozen(it)
    shown = text(browser(it, "eva").get("/streams/"))
    assert "Everything is frozen.</strong> A key leaked. No change is carried out until a change thaws it." in shown
    assert shown.index("Everything is frozen.") < shown.index("</header>")


def test_the_freeze_of_a_tenant_is_told_to_its_people_and_those_who_decide_and_to_nobody_else(it: World) -> None:
    frozen(it, f"tenant:{it.acme.tenant.public_id}", hours=73)
    viewer = person("vic@acme.test", Role.TENANT_VIEWER, it.acme.tenant, decided=True)
    stranger = person("sue@other.test", None, None)
    assert "Acme is frozen." in text(signed_in(viewer).get("/account/"))
    assert "/incidents/" not in text(signed_in(viewer).get("/account/"))
    assert "It has lasted for more than 72 hours." in text(browser(it, "ben").get("/account/"))
    assert "is frozen" not in text(signed_in(stranger).get("/account/"))


def test_recovery_is_told_above_every_page_of_those_who_decide(it: World) -> None:
    GroupMember.objects.update(revoked=it.now)
    watch_platform(moment(it.now))
    assert "This deployment is in RECOVERY." in text(browser(it, "ben").get("/changes/"))
    viewer = person("vic@acme.test", Role.TENANT_VIEWER, it.acme.tenant, decided=True)
    assert "RECOVERY" not in text(signed_in(viewer).get("/account/"))


def test_the_page_tells_freezes_and_incidents_with_their_timeline(it: World) -> None:
    here = browser(it, "dov")
    assert "Nothing is frozen. No incident is open." in text(here.get("/incidents/"))
    frozen(it)
    row = it.in_review()
    incident(it, row)
    cache.clear()
    shown = text(here.get("/incidents/"))
    assert "1 freeze is in force. 1 incident is open." in shown
    assert "Leak · Acme: state" in shown
    assert "Applied provisionally." in shown
    assert "1 incident is open." in shown


def test_an_entry_and_the_end_of_an_incident_are_posts_of_somebody_who_did_not_use_it(it: World) -> None:
    row = it.in_review()
    found = incident(it, row)
    assert browser(it, "dov").post(f"/changes/{row.key}/note/", {"text": "Keys are replaced."}).status_code == 302
    assert browser(it, "ada").post(f"/changes/{row.key}/close/", {"text": "Done."}).status_code == 422
    assert browser(it, "dov").post(f"/changes/{row.key}/close/", {"text": "Done."}).status_code == 302
    found.refresh_from_db()
    assert found.closed is not None
    assert [one.text for one in found.entries.all()] == ["Applied provisionally.", "Keys are replaced.", "Done."]


def test_an_incident_is_opened_on_the_page_and_closed_by_somebody_else(it: World) -> None:
    ben, dov = browser(it, "ben"), browser(it, "dov")
    shown = text(ben.get("/incidents/?kind=canary+drift&reason=It+is+frozen."))
    assert 'value="canary drift"' in shown
    assert "It is frozen.</textarea>" in shown
    assert ben.post("/incidents/open/", {"kind": " ", "reason": "", "tenant": ""}).status_code == 422
    answer = ben.post("/incidents/open/", {"kind": "canary drift", "reason": "It is frozen.", "tenant": ""})
    found = Incident.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/incidents/#incident-{found.public_id}")
    shown = text(dov.get("/incidents/"))
    assert "1 incident is open.</strong> Somebody looks into something." in shown
    assert "Canary drift · the platform" in shown
    assert f"<code>{found.public_id}</code>" in shown
    assert f"/events/{found.index}/" in shown
    entry = f"/incidents/{found.public_id}/entry/"
    assert dov.post(entry, {"text": "We look."}).status_code == 302
    assert ben.post(entry, {"text": "Done.", "closes": "yes"}).status_code == 422
    assert dov.post(entry, {"text": "Done.", "closes": "yes"}).status_code == 302
    assert "No incident is open." in text(dov.get("/incidents/"))


def test_an_incident_of_the_platform_is_not_there_for_a_tenant_and_opening_one_takes_a_role(it: World) -> None:
    browser(it, "ben").post("/incidents/open/", {"kind": "drift", "reason": "Odd.", "tenant": ""})
    found = Incident.objects.get()
    admin = signed_in(person("tess@acme.test", Role.TENANT_ADMIN, it.acme.tenant, decided=True))
    shown = text(admin.get("/incidents/"))
    assert "No incident is open." in shown
    assert "/incidents/open/" not in shown
    assert admin.post("/incidents/open/", {"kind": "drift", "reason": "Odd."}).status_code == 403
    assert admin.post(f"/incidents/{found.public_id}/entry/", {"text": "x"}).status_code == 404
    for path in ("/incidents/open/", f"/incidents/{found.public_id}/entry/"):
        assert admin.get(path).status_code == 405
        assert Client().post(path).status_code == 302
    assert IncidentEntry.objects.count() == 0


def test_a_call_opens_and_closes_as_the_page_does(it: World) -> None:
    ben, dov, calls = browser(it, "ben"), browser(it, "dov"), "/api/v1/incidents/"
    asked = {"kind": "drift", "reason": "Odd.", "tenant": str(it.acme.tenant.public_id)}
    made = ben.post(calls, asked, "application/json")
    assert made.status_code == 201, made.content
    entries = f"{calls}{made.json()['id']}/entries/"
    last = {"text": "Done.", "closes": True}
    answer = ben.post(entries, last, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")
    assert dov.post(entries, last, "application/json").json()["entries"][0]["text"] == "Done."
    again = dov.post(entries, last, "application/json")
    assert (again.status_code, again.json()["code"]) == (409, "incident_closed")
    assert ben.post(calls, {"kind": "drift"}, "application/json").status_code == 422
    assert [one["closed"] is None for one in dov.get(calls).json()["items"]] == [False]
    assert browser(it, "ada").post(calls, asked, "application/json").json()["code"] == "role_missing"


def test_an_incident_over_a_change_of_others_is_not_there(it: World) -> None:
    admin = person("tess@acme.test", Role.TENANT_ADMIN, it.acme.tenant, decided=True)
    incident(it, it.in_review())
    assert "No incident is open." in text(signed_in(admin).get("/incidents/"))


@pytest.mark.parametrize("path", ["/incidents/", "/founding/"])
def test_a_page_takes_a_reader_of_changes_and_no_post(it: World, path: str) -> None:
    viewer = person("vic@acme.test", Role.TENANT_VIEWER, it.acme.tenant, decided=True)
    assert signed_in(viewer).get(path).status_code == 403
    assert browser(it, "ben").post(path).status_code == 405
    assert Client().get(path).status_code == 302


def test_who_was_asked_is_told_beside_the_place_and_cannot_be_asked_again(it: World) -> None:
    row, here = it.in_review(), browser(it, "ada")
    shown = text(here.get(f"/changes/{row.key}/"))
    assert "Ask Ben to sign" in shown
    assert here.post(f"/changes/{row.key}/ask/", {"person": it["ben"].id}).status_code == 302
    shown = text(here.get(f"/changes/{row.key}/"))
    assert "Ask Ben to sign" not in shown
    assert "Ben was asked" in shown
    assert here.post(f"/changes/{row.key}/ask/", {"person": it["ben"].id}).status_code == 422
    assert here.post(f"/changes/{row.key}/ask/", {"person": it["eva"].id}).status_code == 422


def test_a_call_asks_and_notes_as_the_buttons_do(it: World) -> None:
    row, here = it.in_review(), browser(it, "ada")
    call = f"/api/v1/changes/{row.key}"
    asked = here.post(f"{call}/asks/", {"person": it["ben"].id}, "application/json")
    assert asked.status_code == 200
    again = here.post(f"{call}/asks/", {"person": it["ben"].id}, "application/json")
    assert (again.status_code, again.json()["code"]) == (409, "already_said")
    incident(it, row)
    entry = {"text": "Keys are replaced.", "closes": False}
    assert browser(it, "dov").post(f"{call}/incident/", entry, "application/json").status_code == 200
    assert [one.text for one in IncidentEntry.objects.all()] == ["Applied provisionally.", "Keys are replaced."]
    assert here.post(f"{call}/asks/", {}, "application/json").status_code == 422


def test_what_waits_for_the_reader_stands_in_the_top_bar_and_on_the_overview(it: World) -> None:
    row = it.in_review()
    ben = browser(it, "ben")
    assert 'To sign <span class="badge">1<' in text(ben.get("/account/"))
    assert "1 change waits for your signature." in text(ben.get("/changes/"))
    assert "To sign" not in text(browser(it, "eva").get("/account/"))
    it.say(row, Verb.APPROVE, "ben")
    cache.clear()
    assert "To sign" not in text(ben.get("/account/"))


@pytest.mark.usefixtures("ledger_db")
class TestBeforeTheFounding:
    """Everybody whom a genesis names compares it and signs."""

    @pytest.fixture
    def it(self) -> World:
        return unfounded()

    def test_it_shows_the_words_that_are_read_aloud_and_who_has_signed(self, it: World) -> None:
        body = genesis_body(it)
        row = draft_change("genesis", body, "The beginning.", by=SEED, at=moment(it.now))
        it.say(row, Verb.FOUND, "ben")
        shown = text(browser(it, "eva").get("/founding/"))
        assert "1 genesis drafted." in shown
        assert "1 of 2 signatures" in shown
        assert all(one.words in shown for one in fingerprints(body))
        assert "Open it to sign" in shown
        assert "Open it to sign" not in text(browser(it, "ben").get("/founding/"))
        assert 'To sign <span class="badge">1<' in shown
        it.say(row, Verb.FOUND, "eva")
        cache.clear()
        after = text(browser(it, "eva").get("/founding/"))
        assert "This deployment is founded" in after
        assert f"/changes/{row.key}/" in after

    def test_without_a_draft_it_says_how_one_is_made(self, it: World) -> None:
        shown = text(browser(it, "ben").get("/founding/"))
        assert "This deployment is not founded." in shown
        assert "./manage.py governance_found genesis.json" in shown
