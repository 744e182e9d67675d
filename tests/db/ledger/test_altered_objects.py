"""Content that the runtime role put in place of other content is found wherever it is read, and written down."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache

from ledger.errors import CommitmentMismatch
from ledger.selectors import bundles, leaves
from ledger.selectors.leaves import opened
from ledger.selectors.streams import StreamView
from ledger.services.alterations import opened_or_recorded
from ledger.services.exports import request_bundle, run_export
from ledger.services.seal import seal_window
from ledger.services.streams import ensure_platform
from tests.support.streams import append, event, events, fresh, new_stream
from tests.support.tampering import replace_object

pytestmark = pytest.mark.db
CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("payload", {"data": b'{"a":2}'}),
    ("payload", {"salt": bytes(32)}),
    ("payload", {"salt": b"short"}),
    ("payload", {"media_type": "text/plain"}),
    ("payload", {"size": 8}),
    ("attrs", {"data": b'{"id":"z"}'}),
    ("attrs", {"salt": bytes(32)}),
]


@pytest.fixture
def stream(ledger_db: object) -> StreamView:
    cache.clear()
    ensure_platform()
    made = new_stream()
    append(made, *events("abc"))
    seal_window(made.id, reason="request")
    return fresh(made)


def records() -> list[Any]:
    system = ensure_platform()[2]
    found = (leaves.event(system, row.index) for row in leaves.events_in(system, limit=500))
    return [one.payload for one in found if one.type == "ledger:object:altered"]


@pytest.mark.parametrize(("role", "columns"), CHANGES)
def test_what_the_leaf_does_not_commit_to_is_not_handed_out(
    stream: StreamView, role: str, columns: dict[str, Any]
) -> None:
    assert leaves.event(stream, 2).payload == b'{"a":1}'
    replace_object(stream.id, 2, role, **columns)
    found = leaves.event(stream, 2)
    with pytest.raises(CommitmentMismatch, match="this leaf commits to") as refused:
        _ = found.payload if role == "payload" else found.attrs
    assert (refused.value.code, refused.value.path) == ("payload_digest_mismatch", role)
    assert leaves.event(stream, 1).attrs


def test_a_blob_that_was_changed_is_found_too(stream: StreamView) -> None:
    append(stream, event("large", b"x" * 40_000))
    held = leaves.event(stream, 5).payload_object
    assert held is not None
    assert opened(leaves.leaf(stream, 5), "payload", held) == b"x" * 40_000
    replace_object(stream.id, 5, "payload", blob=None, data=b"y" * 40_000)
    with pytest.raises(CommitmentMismatch):
        _ = leaves.event(stream, 5).payload


def test_it_is_recorded_once_however_often_it_is_read(stream: StreamView) -> None:
    replace_object(stream.id, 2, "payload", data=b'{"a":2}')
    view = leaves.event(stream, 2)
    assert view.payload_object is not None
    for _ in range(3):
        with pytest.raises(CommitmentMismatch):
            opened_or_recorded(stream, view.leaf, "payload", view.payload_object, door="test", request_id="r-1")
    (told,) = records()
    assert told == b'{"door":"test","index":2,"request_id":"r-1","role":"payload","stream":%d}' % stream.id


def test_an_export_of_it_is_rejected_by_the_verifier_and_recorded(stream: StreamView) -> None:
    replace_object(stream.id, 2, "payload", data=b'{"a":2}')
    asked, job = request_bundle(stream, 0, 4, actor="key:tests", disclose=True)
    run_export(job.public_id)
    made = bundles.bundle(asked.public_id)
    assert made.outcome == "rejected"
    assert "payload_digest_mismatch" in {problem["code"] for problem in (made.report or {})["problems"]}
    assert len(records()) == 1
