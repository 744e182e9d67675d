"""Event profiles can be read and tried; what is tried leaves nothing behind."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from console.profile_samples import sample
from console.profile_trial import fields_of, tried
from ledger.services.profiles import PROFILES
from tests.support.counts import rows_of
from tests.web.house import House


def payload(name: str = "ai.decision") -> dict[str, object]:
    held: dict[str, object] = json.loads(sample(name))["payload"]
    return held


@pytest.mark.parametrize("name", PROFILES)
def test_every_sample_conforms_to_its_profile(name: str) -> None:
    assert tried(name, sample(name)).state == "pass"
    assert tried(name, json.dumps(payload(name))).state == "pass"
    needed = {row.name for row in fields_of(name) if row.needed}
    assert needed <= set(payload(name))
    assert all(row.what for row in fields_of(name))


@pytest.mark.parametrize("name", PROFILES)
def test_each_has_a_page_and_the_list_leads_there(admin: Client, name: str) -> None:
    assert f"/profiles/{name}/" in admin.get("/profiles/").content.decode()
    text = admin.get(f"/profiles/{name}/").content.decode()
    assert "Nothing of it is stored." in text
    assert f"urn:countersign:profile:{name}:1" in text


def test_everything_that_does_not_conform_is_told_with_its_path(admin: Client) -> None:
    wrong = {"type": "ai.decision", "payload": {**payload(), "confidence": 7, "subject": "ada@acme.test"}}
    text = admin.post("/profiles/ai.decision/", {"event": json.dumps(wrong)}).content.decode()
    assert "It does not conform to ai.decision, in 2 places" in text
    assert "<code>$.payload.confidence</code>" in text
    assert "7 is greater than the maximum of 1" in text
    assert "<code>$.payload.subject</code>" in text


@pytest.mark.parametrize(
    ("text", "path"),
    [('{"a":1,"a":2}', "$.a"), ("{", "$"), ('{"type":"x","payload":1,"more":2}', "$.more"), ('{"n":NaN}', "$.n"),
     ('{"specversion":"1.0","type":"ai.decision"}', "$")],
)  # fmt: skip
def test_what_the_api_refuses_is_refused_before_the_profile(text: str, path: str) -> None:
    trial = tried("ai.decision", text)
    assert trial.state == "fail"
    assert trial.answer.startswith("This is refused before any profile is asked")
    assert trial.faults[0].path.startswith(path)


def test_an_event_of_another_type_is_tried_against_its_own_profile() -> None:
    other = tried("ai.decision", sample("incident"))
    assert other.state == "pass"
    assert "that profile was asked and not ai.decision" in other.answer
    unknown = tried("ai.decision", '{"type":"note.written","payload":{}}')
    assert unknown.state == "not_evaluated"


def test_a_cloudevent_is_tried_by_its_data() -> None:
    event = {"specversion": "1.0", "id": "1", "source": "urn:a", "type": "ai.decision", "data": {"outcome": 1}}
    paths = {fault.path for fault in tried("ai.decision", json.dumps(event)).faults}
    assert {"$.data", "$.data.outcome"} <= paths


def test_trying_writes_no_row(house: House, admin: Client) -> None:
    admin.get("/profiles/ai.decision/")
    before = rows_of("acme")
    with CaptureQueriesContext(connection) as queries:
        admin.post("/profiles/ai.decision/", {"event": sample("ai.decision")})
    assert rows_of("acme") == before
    written = [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert [sql for sql in written if "django_session" not in sql] == []


def test_markup_in_what_is_tried_stays_text(admin: Client) -> None:
    text = admin.post("/profiles/ai.decision/", {"event": '{"model":"<script>alert(1)</script>"}'}).content.decode()
    assert "<script>alert" not in text


def test_too_much_is_refused_and_an_unknown_profile_is_a_404(admin: Client) -> None:
    assert "longer than 64 KiB" in admin.post("/profiles/ai.decision/", {"event": "x" * 70_000}).content.decode()
    assert admin.post("/profiles/ai.decision/", {"event": ""}).status_code == 422
    assert admin.get("/profiles/no.such/").status_code == 404
