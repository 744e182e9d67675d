"""Events that the server keeps without receipts stay in the spool until their receipts are fetched and verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import countersign_client as client
from ledger.models import Leaf
from ledger.services.pauses import set_pause

if TYPE_CHECKING:
    from tests.api.client.conftest import Scene


def paused(scene: Scene, *, now: bool) -> None:
    set_pause(scene.place.stream, paused=now, reason="drill", actor="person:tests")


def once(ours: client.Client) -> None:
    """One attempt, which leaves the events where they are."""
    with pytest.raises(client.Temporary, match="receipt_pending"):
        ours.flush(timeout=0.0)


def events_of(scene: Scene) -> int:
    return Leaf.objects.filter(stream_id=scene.place.stream.id, kind="event").count()


def asked(scene: Scene) -> list[Any]:
    found = [(one.method, one.path.rpartition("/decisions/")[2]) for one in scene.line.seen]
    scene.line.seen.clear()
    return found


@pytest.fixture
def waiting(scene: Scene) -> Scene:
    """One event receipted, two more kept while the signer is paused."""
    with scene.client() as ours:
        ours.append("t", 0)
        ours.flush()
        paused(scene, now=True)
        ours.append("t", 1)
        ours.append("t", 2)
        once(ours)
        assert {name: ours.status()[name] for name in ("pending", "accepted_without_receipt")} == {
            "pending": 2,
            "accepted_without_receipt": 2,
        }
    scene.line.seen.clear()
    return scene


def test_while_it_waits_it_asks_for_the_receipt_and_sends_nothing_again(waiting: Scene) -> None:
    with waiting.client() as ours:
        once(ours)
        assert asked(waiting) == [("GET", "events/3/receipt/")]
        assert ours.status()["receipted_to"] == 1
    assert events_of(waiting) == 3


def test_the_receipts_are_fetched_and_verified_when_they_are_there(waiting: Scene) -> None:
    paused(waiting, now=False)
    with waiting.client() as ours:
        assert ours.flush() == 2
        found = ours.status()
    assert asked(waiting) == [("GET", "events/3/receipt/"), ("POST", "events/")]
    assert (found["pending"], found["accepted_without_receipt"], found["evidence"]) == (0, 0, [])
    assert (events_of(waiting), len((waiting.spool / "receipts.ndjson").read_bytes().splitlines())) == (3, 3)
