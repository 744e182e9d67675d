"""A signed word takes a fresh factor of the wanted kind, whatever headers come with it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from governance.change.core.verbs import Verb
from governance.identity.factors import VERIFIED_AT
from tests.support.clones import Clone
from tests.support.governed import World, world
from tests.support.world import signed_in

pytestmark = pytest.mark.db
HEADERS: tuple[dict[str, str], ...] = ({}, {"Authorization": ""}, {"Authorization": "x"})
"""None that names a token."""


@pytest.fixture
def it(ledger_db: Clone, settings: Any) -> World:
    settings.COUNTERSIGN_STEP_UP = "totp"
    return world()


def an_hour_ago(it: World) -> Client:
    """Ben's browser, an hour after his second factor."""
    client = signed_in(it["ben"].row)
    session = client.session
    session[VERIFIED_AT] = (timezone.now() - timedelta(hours=1)).timestamp()
    session.save()
    return client


def decided(client: Client, key: str, envelope: bytes, headers: dict[str, str]) -> Any:
    text = json.dumps({"envelope": json.loads(envelope)})
    return client.post(f"/api/v1/changes/{key}/decisions/", text, content_type="application/json", headers=headers)


@pytest.mark.parametrize("headers", HEADERS)
def test_an_old_session_decides_nothing_over_the_api(it: World, headers: dict[str, str]) -> None:
    row = it.in_review()
    envelope = it.signed(row, Verb.APPROVE, "ben")
    answer = decided(an_hour_ago(it), row.key, envelope, headers)
    assert answer.json()["code"] == ("credentials_invalid" if headers.get("Authorization") else "step_up")
    assert not row.words.exists()
    assert decided(signed_in(it["ben"].row), row.key, envelope, {}).status_code == 200


@pytest.mark.parametrize("headers", HEADERS)
@pytest.mark.parametrize("assurance", ["totp", "passkey"])
def test_a_weak_or_old_session_decides_nothing_on_a_page(
    it: World, headers: dict[str, str], assurance: str, settings: Any
) -> None:
    settings.COUNTERSIGN_STEP_UP = assurance
    row = it.in_review()
    envelope = SimpleUploadedFile("envelope.json", it.signed(row, Verb.APPROVE, "ben"))
    client = an_hour_ago(it) if assurance == "totp" else signed_in(it["ben"].row)
    client.post(f"/changes/{row.key}/words/", {"envelope": envelope}, headers=headers)
    assert not row.words.exists()
    settings.COUNTERSIGN_STEP_UP = "totp"
    envelope.seek(0)
    signed_in(it["ben"].row).post(f"/changes/{row.key}/words/", {"envelope": envelope})
    assert row.words.count() == 1
