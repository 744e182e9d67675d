"""What a caller of the API is told where the head guard refuses, and what stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from ledger.selectors import streams
from tests.support.world import Place


def guard() -> Path:
    return Path(settings.COUNTERSIGN_HEAD_GUARD.removeprefix("file://"))


def posted(client: Client, acme: Place, event_id: str) -> tuple[int, dict[str, Any]]:
    body = json.dumps({"type": "t.test", "id": event_id, "source": "urn:t", "payload": 1})
    answer = client.post(f"{acme.path}events/", body, content_type="application/json", headers=acme.bearer)
    return answer.status_code, json.loads(answer.content)


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda: guard().rename(guard().with_suffix(".away")), "head_guard_unreachable"),
        (lambda: [one.rename(one.with_suffix(".away")) for one in guard().glob("*.json")], "head_guard_missing"),
        (lambda: [one.write_bytes(b"{}") for one in guard().glob("*.json")], "head_guard_corrupt"),
    ],
)
def test_append_seal_and_fresh_receipts_are_503_and_reads_go_on(
    client: Client, acme: Place, damage: Any, code: str
) -> None:
    assert posted(client, acme, "a")[0] == 201
    damage()
    assert [posted(client, acme, "b")[1]["code"], posted(client, acme, "c")[1]["code"]] == [code, code]
    assert client.post(f"{acme.path}seal/", headers=acme.bearer).json()["code"] == code
    assert client.get(f"{acme.path}events/1/receipt/", headers=acme.bearer).json()["code"] == code
    assert client.get(f"{acme.path}events/1/", headers=acme.bearer).status_code == 200
    assert streams.stream("acme", "decisions").stopped is None


def test_the_state_of_a_stream_says_stopped_while_the_guard_refuses_it_and_no_longer(
    client: Client, acme: Place
) -> None:
    def told() -> object:
        cache.clear()
        return client.get(acme.path, headers=acme.bearer).json()["stopped"]

    posted(client, acme, "a")
    assert told() is None
    here = guard()
    away = here.rename(here.with_suffix(".away"))
    assert told() == "head_guard_unreachable"
    away.rename(here)
    documents = {one: one.read_bytes() for one in here.glob("*.json")}
    for one in documents:
        one.unlink()
    assert told() == "head_guard_missing"
    for one, data in documents.items():
        one.write_bytes(data)
    assert told() is None


def test_an_event_that_was_committed_is_receipted_by_the_retry(client: Client, acme: Place) -> None:
    posted(client, acme, "a")
    here = guard()
    away = here.rename(here.with_suffix(".away"))
    status, told = posted(client, acme, "b")
    assert (status, told["code"], bool(told["next"])) == (503, "head_guard_unreachable", True)
    away.rename(here)
    assert posted(client, acme, "b")[0] in {200, 201}
    assert streams.stream("acme", "decisions").size <= 3
