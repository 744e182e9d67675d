"""Pages of governed change: list, form with its effect, one change, and the steps without a signature."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from governance.change.core.states import State
from governance.change.core.verbs import Verb
from governance.change.models import Change
from governance.identity.core.roles import Role
from ledger.core.dsse import sign_envelope
from tests.support.clones import Clone
from tests.support.governed import World, denials, world
from tests.support.world import person, signed_in

pytestmark = pytest.mark.db


@pytest.fixture
def it(ledger_db: Clone, settings: Any) -> World:
    settings.COUNTERSIGN_STEP_UP = "totp"
    return world()


def browser(it: World, who: str) -> Client:
    return signed_in(it[who].row)


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_the_list_says_first_what_waits_for_me(it: World) -> None:
    row = it.in_review()
    shown = text(browser(it, "ben").get("/changes/"))
    assert "1 change waits for your signature. 1 change is open." in shown
    assert f"/changes/{row.key}/" in shown
    assert "Nothing waits for your signature. 1 change is open." in text(browser(it, "eva").get("/changes/"))


def test_the_list_says_what_each_change_is_about(it: World) -> None:
    it.draft("tenant.state", it.suspend)
    it.draft("stream.retention", {"stream": it.acme.stream.origin, "attrs_days": None, "payload_days": 9})
    shown = text(browser(it, "ada").get("/changes/?view=drafts"))
    assert "Acme: state" in shown
    assert "acme/decisions: retention" in shown


def test_each_view_of_the_list_has_its_changes_and_an_empty_one_says_what_to_do(it: World) -> None:
    row = it.draft("tenant.state", it.suspend)
    here = browser(it, "ada")
    assert row.key in text(here.get("/changes/?view=drafts"))
    assert row.key in text(here.get("/changes/?view=all"))
    ended = text(here.get("/changes/?view=ended"))
    assert row.key not in ended
    assert "No change here" in ended


def test_the_form_computes_the_effect_before_anything_is_kept(it: World) -> None:
    here = browser(it, "ada")
    assert "Suspend, disable or restore a tenant" in text(here.get("/changes/new/"))
    assert here.get("/changes/new/tenant.state/").status_code == 200
    shown = text(here.post("/changes/new/tenant.state/effect/", it.suspend))
    assert "<del>active</del>" in shown
    assert "<ins>suspended</ins>" in shown
    assert "2 people of ops sign it" in shown
    assert Change.objects.count() == 0


def test_a_body_that_has_no_effect_is_refused_in_words(it: World) -> None:
    here = browser(it, "ada")
    body = {**it.suspend, "state": "active"}
    assert "effect_refused" in text(here.post("/changes/new/tenant.state/effect/", body))
    answer = here.post("/changes/new/tenant.state/", {**body, "reason": "None."})
    assert answer.status_code == 422
    assert "The tenant is in this state already" in text(answer)
    assert Change.objects.count() == 0


def test_from_form_to_review_by_buttons(it: World) -> None:
    here = browser(it, "ada")
    answer = here.post("/changes/new/tenant.state/", {**it.suspend, "reason": "Agreed on Monday."})
    row = Change.objects.get()
    assert answer["Location"] == f"/changes/{row.key}/"
    assert "A draft by Ada." in text(here.get(answer["Location"]))
    edited = here.post(f"/changes/{row.key}/edit/", {**it.suspend, "state": "disabled", "reason": "Agreed on Tuesday."})
    assert edited.status_code == 302
    assert here.post(f"/changes/{row.key}/submit/", {"revision": 2}).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.revision) == (State.IN_REVIEW, 2)
    shown = text(here.get(f"/changes/{row.key}/"))
    assert "In review: 0 of 2 approvals are given. Can sign now:" in shown
    assert "data-sign-here" not in shown


def test_an_approver_is_offered_what_they_can_sign(it: World) -> None:
    row = it.in_review()
    shown = text(browser(it, "ben").get(f"/changes/{row.key}/"))
    assert f"/api/v1/changes/{row.key}/statement/?verb=approve&amp;key={it['ben'].kid}" in shown
    assert "verb=execute" not in shown
    it.approved(row)
    it.pass_time(3_601)
    with_time = text(browser(it, "eva").get(f"/changes/{row.key}/"))
    assert "verb=execute" in with_time
    assert "verb=approve" not in with_time


def test_a_statement_is_signed_elsewhere_and_handed_in_as_a_file(it: World) -> None:
    row, one = it.in_review(), it["ben"]
    here = browser(it, "ben")
    saved = here.get(f"/changes/{row.key}/statement/?verb=approve&key={one.kid}")
    assert saved["Content-Disposition"].startswith("attachment")
    told = json.loads(saved.content)
    raw = base64.b64decode(told["statement"])
    envelope = sign_envelope(
        told["payload_type"], raw, one.kid, lambda data: one.private.sign(data).signature
    ).to_bytes()
    answer = here.post(f"/changes/{row.key}/words/", {"envelope": SimpleUploadedFile("envelope.json", envelope)})
    assert answer.status_code == 302
    shown = text(here.get(f"/changes/{row.key}/"))
    assert "In review: 1 of 2 approvals are given." in shown
    assert told["code"] in shown
    assert "Take my approval back" in shown


def test_a_word_takes_a_second_factor_of_the_kind_that_is_asked_for(it: World, settings: Any) -> None:
    settings.COUNTERSIGN_STEP_UP = "passkey"
    row = it.in_review()
    envelope = SimpleUploadedFile("envelope.json", it.signed(row, Verb.APPROVE, "ben"))
    answer = browser(it, "ben").post(f"/changes/{row.key}/words/", {"envelope": envelope})
    assert answer.status_code == 422
    assert "Code: step_up." in text(answer)
    assert not row.words.exists()


def test_a_file_that_is_no_envelope_is_refused_with_code_and_next_step(it: World) -> None:
    row, here = it.in_review(), browser(it, "ben")
    answer = here.post(f"/changes/{row.key}/words/", {"envelope": SimpleUploadedFile("x.json", b"{}")})
    assert answer.status_code == 422
    assert "word_malformed" in text(answer)


def test_what_was_refused_says_so_and_has_no_effect(it: World) -> None:
    row = it.in_review()
    answer = browser(it, "cyd").post(f"/changes/{row.key}/withdraw/")
    assert answer.status_code == 422
    row.refresh_from_db()
    assert row.state == State.IN_REVIEW


def test_a_hold_and_a_comment_are_told_on_the_page(it: World) -> None:
    row, here = it.in_review(), browser(it, "ben")
    here.post(f"/changes/{row.key}/comment/", {"text": "Why on a Friday?"})
    here.post(f"/changes/{row.key}/hold/", {"reason": "Wait for the auditor"})
    shown = text(here.get(f"/changes/{row.key}/"))
    assert "Held by Ben: Wait for the auditor." in shown
    assert "Ben: Why on a Friday?" in shown
    here.post(f"/changes/{row.key}/release/")
    assert "In review:" in text(here.get(f"/changes/{row.key}/"))


def test_an_applied_change_says_who_did_it_and_how_long_it_can_be_reverted(it: World) -> None:
    row = it.approved(it.in_review())
    it.pass_time(3_601)
    it.say(row, Verb.EXECUTE, "eva")
    shown = text(browser(it, "eva").get(f"/changes/{row.key}/"))
    assert "by Eva." in shown
    assert "one executor can revert it without a lock." in shown


def test_a_viewer_of_a_tenant_reads_no_changes_and_is_told_which_roles_do(it: World) -> None:
    viewer = person("vic@acme.test", Role.TENANT_VIEWER, it.acme.tenant, decided=True)
    row, here = it.in_review(), signed_in(viewer)
    for address in ("/changes/", "/changes/new/", f"/changes/{row.key}/", "/policy/"):
        answer = here.get(address)
        assert answer.status_code == 403
        assert "approver" in text(answer)
    assert "Changes" not in text(here.get("/account/")).partition("</nav>")[0]


def test_a_change_of_others_is_as_unknown_as_none(it: World) -> None:
    admin = person("tess@acme.test", Role.TENANT_ADMIN, it.acme.tenant, decided=True)
    row, here = it.in_review(), signed_in(admin)
    none = "00000000-0000-7000-8000-000000000000"
    answers = [here.get(f"/changes/{one}/") for one in (row.key, none)]
    assert [one.status_code for one in answers] == [404, 404]
    assert [one.status_code for one in (here.post(f"/changes/{row.key}/hold/", {"reason": "x"}),)] == [404]


def test_the_policy_is_told_in_sentences(it: World) -> None:
    shown = text(browser(it, "ada").get("/policy/"))
    assert "Version 1 is in force with 1 rule. What no rule covers is refused." in shown
    for cell in ("2 people of ops", "1 h", "an executor who neither wrote nor approved it"):
        assert f">{cell}</td>" in shown


@pytest.mark.parametrize("step", ["submit", "hold", "comment", "withdraw", "release", "rebase", "words"])
def test_a_step_is_a_post(it: World, step: str) -> None:
    row, said = it.in_review(), len(denials())
    assert browser(it, "ada").get(f"/changes/{row.key}/{step}/").status_code == 405
    assert denials()[said:] == ["method_not_allowed"]


def test_a_change_says_what_readers_can_prove_of_it(it: World) -> None:
    row = it.approved(it.in_review())
    ahead = text(browser(it, "ben").get(f"/changes/{row.key}/"))
    assert "it travels in the governance export alone" in ahead
    assert "A reader can prove the time lock where witnesses cosign" in ahead
    it.pass_time(3_620)
    it.say(row, Verb.EXECUTE, "eva")
    applied = text(browser(it, "ben").get(f"/changes/{row.key}/"))
    assert "Not proved: no witness saw the log of decisions with these approvals in it." in applied
    kept = {"stream": it.acme.stream.origin, "attrs_days": None, "payload_days": 9}
    named = it.in_review("stream.retention", kept)
    assert "Every bundle of the stream whose leaves name this change carries it" in text(
        browser(it, "ben").get(f"/changes/{named.key}/")
    )
