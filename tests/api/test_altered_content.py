"""Content that does not open its leaf's commitment is answered as a fault of this server, and never handed out."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client

from ledger.models import StreamHead
from ledger.selectors import leaves, streams
from ledger.services.append import append_events
from ledger.services.seal import seal_window
from tests.support.streams import events
from tests.support.tampering import replace_object
from tests.support.world import Place

CODE = "payload_digest_mismatch"


@pytest.fixture
def address(acme: Place) -> str:
    """An event of acme, sealed."""
    cache.clear()
    append_events(acme.stream, events("abc"), actor="key:tests")
    seal_window(acme.stream.id, reason="request")
    return f"{acme.path}events/2/"


@pytest.mark.parametrize("role", ["attrs", "payload"])
def test_altered_content_is_a_problem_and_leaves_a_record(client: Client, acme: Place, address: str, role: str) -> None:
    before = client.get(address, headers=acme.bearer)
    assert before.status_code == 200
    replace_object(acme.stream.id, 2, role, data=b'{"a":2}', size=7)
    for path in [address, *([f"{address}payload/"] if role == "payload" else [])]:
        answer = client.get(path, headers=acme.bearer)
        assert (answer.status_code, answer.json()["code"]) == (500, CODE)
        assert "this leaf commits to" in answer.json()["detail"]
        assert "ledger_verify" in answer.json()["next"]
    system = streams.stream("_system", "events")
    told = leaves.event(system, system.size - 1)
    assert (told.type, b'"index":2' in (told.payload or b"")) == ("ledger:object:altered", True)


def test_the_other_half_and_the_proof_are_still_given(client: Client, acme: Place, address: str) -> None:
    replace_object(acme.stream.id, 2, "attrs", salt=bytes(32))
    assert client.get(f"{address}payload/", headers=acme.bearer).content == b'{"a":1}'
    for path in ("proof/", "receipt/"):
        assert client.get(f"{address}{path}", headers=acme.bearer).status_code == 200


def test_the_paths_of_a_stopped_stream_fail_with_the_code_and_the_next_step(client: Client, acme: Place) -> None:
    StreamHead.objects.filter(pk=acme.stream.id).update(stopped="integrity")
    told = client.get(acme.path, headers=acme.bearer).json()
    found = {path["path"]: path for path in told["health"]}
    for name in ("receipt", "window", "checkpoint"):
        assert found[name]["state"] == "fail"
        assert "stopped (integrity)" in found[name]["sentence"]
        assert found[name]["next"]
