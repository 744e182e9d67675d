"""Whose session it is, and what it may see (attacks 18 to 21).

Attack 18 over every route with another tenant's ids is `tests/web/test_every_door_hides_others.py`; here stand the
tricks with headers and queries. Attack 19's gestures of a passkey are `tests/db/identity` and `tests/e2e`; there is no
websocket. `__Host-` cookies and session fixation are `tests/web/test_sessions.py`. Attack 21's pages are looked at in a
browser by `tests/e2e/test_attacks_on_the_signing_page.py`; here stands what the API makes of such text.
"""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.test import Client

from governance.change.core.rendering import lines
from governance.change.core.statement import parsed
from governance.change.core.verbs import Verb
from governance.change.models import Change, Comment
from governance.identity.core.roles import Role
from governance.identity.factors import ASSURANCE, VERIFIED_AT, Assurance
from tests.support.attacks import Doors, effects
from tests.support.governed import denials
from tests.support.world import person, signed_in

pytestmark = pytest.mark.db
NONE = "00000000-0000-7000-8000-000000000000"


@pytest.fixture
def row(doors: Doors) -> Change:
    return doors.in_review()


@pytest.fixture
def tess(doors: Doors) -> Client:
    """An admin of acme, to whom changes of the platform do not exist."""
    return signed_in(person("tess@acme.test", Role.TENANT_ADMIN, doors.it.acme.tenant, decided=True))


@pytest.mark.parametrize("path", ["", "statement/?verb=approve&key=" + "0" * 32])
def test_18_a_change_of_others_answers_as_none(doors: Doors, tess: Client, path: str) -> None:
    hidden = platforms(doors)
    with doors.attack("not_found", 404, times=2):
        seen = [doors.get(tess, f"changes/{one}/{path}") for one in (hidden.key, NONE)]
    assert without_id(seen[0]) == without_id(seen[1])


def platforms(doors: Doors) -> Change:
    """A change that concerns the platform, and no tenant."""
    body = {"person": str(doors.it["eva"].row.public_id), "role": "author", "tenant": None, "expires": None}
    return doors.it.draft("role.grant", {**body, "group": None})


def without_id(answer: Any) -> Any:
    return {key: value for key, value in answer.json().items() if key not in {"request_id", "instance"}}


@pytest.mark.parametrize("step", ["revisions", "submit", "withdraw", "hold", "comments", "decisions", "revert"])
def test_18_no_step_reaches_a_change_of_others(doors: Doors, tess: Client, step: str) -> None:
    hidden = platforms(doors)
    with doors.attack("not_found", 404):
        doors.post(tess, f"changes/{hidden.key}/{step}/", {})


@pytest.mark.parametrize("asked", ["?tenant=platform", "?author=ada", "?sort=-id", "?state=draft"])
def test_18_no_query_and_no_header_widens_the_list(doors: Doors, tess: Client, asked: str) -> None:
    hidden = platforms(doors)
    answer = doors.get(tess, f"changes/{asked}", headers={"X-Tenant": "platform", "X-Original-URL": "/admin/"})
    assert answer.status_code == 200
    assert hidden.key not in answer.content.decode()


def stale_session(doors: Doors, who: str, **changed: Any) -> Client:
    client = doors.session(who)
    session = client.session
    for name, value in changed.items():
        session[{"at": VERIFIED_AT, "how": ASSURANCE}[name]] = value
    session.save()
    return client


def test_19_a_second_factor_of_six_minutes_ago_decides_nothing(doors: Doors, row: Change) -> None:
    envelope = doors.envelope("ben", row, Verb.APPROVE)
    client = stale_session(doors, "ben", at=doors.it.now.timestamp() - 360)
    with doors.attack("step_up", 403):
        doors.hand_in(client, row, envelope)


def test_19_a_recovery_code_signs_nothing(doors: Doors, row: Change) -> None:
    envelope = doors.envelope("ben", row, Verb.APPROVE)
    client = stale_session(doors, "ben", how=Assurance.RECOVERY.value)
    with doors.attack("step_up", 403):
        doors.hand_in(client, row, envelope)


def test_19_where_a_passkey_is_asked_for_a_code_is_not_enough(doors: Doors, row: Change, settings: Any) -> None:
    envelope = doors.envelope("ben", row, Verb.APPROVE)
    settings.COUNTERSIGN_STEP_UP = "passkey"
    with doors.attack("step_up", 403):
        doors.hand_in("ben", row, envelope)


def test_19_a_session_without_its_second_factor_is_nobody(doors: Doors, row: Change) -> None:
    envelope = doors.envelope("ben", row, Verb.APPROVE)
    before = effects()
    answer = doors.hand_in(doors.session("ben", verified=False), row, envelope)
    assert (answer.status_code, answer.json()["code"]) == (401, "second_factor_missing")
    assert effects() == before


@pytest.mark.parametrize("step", ["submit", "withdraw", "release", "rebase", "hold", "revert"])
def test_19_a_step_without_a_signature_takes_a_fresh_factor_too(doors: Doors, row: Change, step: str) -> None:
    client = stale_session(doors, "ada", at=doors.it.now.timestamp() - 360)
    bodies: dict[str, Any] = {
        "submit": {"revision": 1}, "rebase": {"revision": 1}, "hold": {"reason": "x"}, "revert": {"reason": "x"},
    }  # fmt: skip
    with doors.attack("step_up", 403):
        doors.post(client, f"changes/{row.key}/{step}/", bodies.get(step, {}))


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}],
    ids=["no token", "cross-site", "same-site", "origin"],
)
def test_20_a_foreign_page_decides_nothing(doors: Doors, row: Change, headers: dict[str, str]) -> None:
    envelope = doors.envelope("ben", row, Verb.APPROVE)
    client = doors.session("ben", strict=True)
    with doors.attack("csrf_failed", 403, summed=True):
        doors.post(client, f"changes/{row.key}/decisions/", {"envelope": envelope}, headers=headers)


@pytest.mark.parametrize("step", ["submit", "withdraw", "hold", "comments", "decisions", "revisions", "revert"])
@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_20_a_step_takes_no_other_method(doors: Doors, row: Change, step: str, method: str) -> None:
    client = doors.session("ada")
    with doors.attack("method_not_allowed", 405):
        doors.answers.keep(getattr(client, method)(f"/api/v1/changes/{row.key}/{step}/"))


@pytest.mark.parametrize("trick", [{"X-HTTP-Method-Override": "POST"}, {"X-Method-Override": "POST"}])
def test_20_a_method_is_what_the_request_line_says(doors: Doors, row: Change, trick: dict[str, str]) -> None:
    with doors.attack("method_not_allowed", 405):
        doors.get("ada", f"changes/{row.key}/withdraw/?_method=POST", headers=trick)


HOSTILE = "<img src=x onerror=alert(1)> javascript:alert(1) \u202egnp.exe a\u200bb =HYPERLINK(1)"


def test_21_hostile_text_is_kept_as_text_and_shown_as_text(doors: Doors, row: Change) -> None:
    doors.done(doors.post("ben", f"changes/{row.key}/comments/", {"text": HOSTILE}))
    answer = doors.get("ben", f"changes/{row.key}/")
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["comments"][-1]["text"] == HOSTILE
    page = doors.session("ben").get(f"/changes/{row.key}/").content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


@pytest.mark.parametrize(
    ("text", "code", "status"),
    [("", "change_body_malformed", 422), (" ", "change_body_malformed", 422),
     ("x" * 5_000, "change_body_malformed", 422),
     ("x" * 1_000_000, "body_too_large", 413)],
    ids=["empty", "blank", "long", "huge"],
)  # fmt: skip
def test_21_text_without_bounds_is_refused(doors: Doors, row: Change, text: str, code: str, status: int) -> None:
    before, said = effects(), len(denials())
    answer = doors.post("ben", f"changes/{row.key}/comments/", {"text": text})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert effects() == before
    assert len(denials()) - said <= 1
    assert not Comment.objects.exists()


def test_21_a_hidden_character_in_a_reason_is_written_out_where_it_is_signed(doors: Doors) -> None:
    body = {"type": "tenant.state", "body": doors.it.suspend, "reason": "Pay \u202e001 to acme"}
    made = doors.done(doors.post("ada", "changes/", body))
    doors.done(doors.post("ada", f"changes/{made['id']}/submit/", {"revision": 1}))
    told = doors.statement("ben", Change.objects.get(public_id=made["id"]), Verb.APPROVE)
    shown = " ".join(line.text for line in lines(parsed(base64.b64decode(told["statement"]))))
    assert "\u202e" not in shown
    assert "<U+202E>" in shown
