"""Who was let in a moment ago is let in again without being read, and never after what let them in has changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.identity.actions.disable_system_key import disable_system_key
from governance.identity.actions.rotate_system_key import rotate_system_key
from governance.identity.actions.set_tenant_state import set_tenant_state
from governance.identity.models.system_key import SystemKey
from governance.identity.models.tenant import TenantState
from ledger.models import Stream
from tests.support.counts import rows_of
from tests.support.world import SEED, Place, moment

JSON = "application/json"


def post(client: Client, where: Place, number: int, headers: dict[str, str] | None = None, **event: Any) -> Any:
    body = json.dumps({"type": "t", "id": str(number), "payload": number, **event})
    return client.generic("POST", f"{where.path}events/", body, JSON, headers=headers or where.bearer)


def disabled(where: Place) -> None:
    disable_system_key(where.key, by=SEED, at=moment())


def without_the_scope(where: Place) -> None:
    SystemKey.objects.filter(pk=where.key.pk).update(may_append=False)


def suspended(where: Place) -> None:
    set_tenant_state(where.tenant, TenantState.SUSPENDED, "a test", by=SEED, at=moment())


def shut(where: Place) -> None:
    set_tenant_state(where.tenant, TenantState.DISABLED, "a test", by=SEED, at=moment())


CHANGES = [(disabled, 401), (without_the_scope, 403), (suspended, 403), (shut, 401)]


def test_the_second_call_asks_nothing_outside_of_its_own_transaction(client: Client, acme: Place) -> None:
    assert post(client, acme, 1).status_code == 201
    with CaptureQueriesContext(connection) as asked:
        assert post(client, acme, 2).status_code == 201
    assert [one["sql"] for one in asked.captured_queries if "identity_" in one["sql"] or "_stream " in one["sql"]] == []


@pytest.mark.parametrize(("change", "status"), CHANGES)
def test_what_was_taken_away_counts_for_the_next_call(
    client: Client, acme: Place, change: Callable[[Place], None], status: int
) -> None:
    assert {post(client, acme, number).status_code for number in (1, 2)} == {201}
    change(acme)
    before = rows_of("acme")
    told = post(client, acme, 3)
    assert told.status_code == status, told.content
    assert rows_of("acme") == before


@pytest.mark.parametrize(("change", "status"), CHANGES)
def test_a_call_that_would_be_refused_anyway_tells_no_more_than_to_a_stranger(
    client: Client, acme: Place, change: Callable[[Place], None], status: int
) -> None:
    assert {post(client, acme, number).status_code for number in (1, 2)} == {201}
    change(acme)
    assert post(client, acme, 3, type="").status_code == status
    acme_again = client.generic("POST", f"{acme.path}events/", "{}", "text/html", headers=acme.bearer)
    assert acme_again.status_code == status


def test_a_setting_of_the_stream_counts_for_the_next_call(client: Client, acme: Place) -> None:
    assert {post(client, acme, number).status_code for number in (1, 2)} == {201}
    Stream.objects.filter(pk=acme.stream.id).update(profile_mode="refuse")
    assert post(client, acme, 3, type="ai.decision").json()["code"] == "profile_refused"


def test_a_repeated_request_is_not_answered_to_who_was_shut_out(client: Client, acme: Place) -> None:
    headers = {**acme.bearer, "Idempotency-Key": "one"}
    assert {post(client, acme, 1, headers).status_code for _ in range(2)} == {201, 200}
    disabled(acme)
    assert post(client, acme, 1, headers).status_code == 401


def test_a_request_under_a_key_keeps_its_key_when_it_has_to_be_read_anew(client: Client, acme: Place) -> None:
    assert {post(client, acme, number).status_code for number in (1, 2)} == {201}
    Stream.objects.filter(pk=acme.stream.id).update(window_count=7)
    headers = {**acme.bearer, "Idempotency-Key": "two"}
    assert [post(client, acme, 3, headers).status_code for _ in range(2)] == [201, 200]


def test_a_secret_in_its_overlap_is_never_remembered(client: Client, acme: Place) -> None:
    rotate_system_key(acme.key, timedelta(hours=1), by=SEED, at=moment())
    assert post(client, acme, 1).status_code == 201
    with CaptureQueriesContext(connection) as asked:
        assert post(client, acme, 2).status_code == 201
    assert any("identity_" in one["sql"] for one in asked.captured_queries)


def test_another_stream_of_the_same_key_is_another_admission(client: Client, acme: Place) -> None:
    assert {post(client, acme, number).status_code for number in (1, 2)} == {201}
    told = client.generic("POST", "/api/v1/streams/acme/elsewhere/events/", "{}", JSON, headers=acme.bearer)
    assert told.status_code == 404
