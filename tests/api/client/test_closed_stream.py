"""A log ends and another continues it: the client loses no event, accuses nobody, and moves what waits."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

import countersign_client as client
from console.api.problems import PROBLEMS
from ledger.models import Leaf
from ledger.selectors.streams import stream, stream_by_id
from ledger.services.successor import continue_stream
from tests.api.client.conftest import genesis_key
from tests.api.client.test_command_line import run
from tests.support.live import Exchange

if TYPE_CHECKING:
    from tests.api.client.conftest import Scene

OF_AN_EVENT = {
    "event_conflict", "payload_erased", "body_too_large", "json_invalid", "event_invalid", "profile_refused",
    "leaf_too_large",
}  # fmt: skip


def closed(scene: Scene) -> Scene:
    """The stream is continued by `next`, whose scene is returned."""
    continue_stream(stream_by_id(scene.place.stream.id), "next", actor="command:tests", reason="drill")
    place = replace(scene.place, stream=stream("acme", "next"))
    return replace(scene, place=place, vkey=genesis_key(place), spool=scene.spool.with_name("next"))


def kept(scene: Scene) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (scene.spool / "receipts.ndjson").read_bytes().splitlines()]


def events_of(scene: Scene) -> int:
    return Leaf.objects.filter(stream_id=scene.place.stream.id, kind="event").count()


def dead(scene: Scene) -> bytes:
    return (scene.spool / "dead.ndjson").read_bytes()


def test_what_waits_when_the_stream_is_closed_stays_and_the_error_names_the_successor(scene: Scene) -> None:
    with scene.client() as ours:
        ours.append("t", "before")
        ours.flush()
        for number in range(5):
            ours.append("t", number)
        following = closed(scene)
        with pytest.raises(client.StreamClosed, match="stream_closed") as caught:
            ours.flush()
        assert caught.value.successor == following.place.stream.origin
        assert "acme/next" in caught.value.next
        assert (ours.status()["pending"], dead(scene)) == (5, b"")
        ours.append("t", "kept all the same")
    with scene.client() as ours:
        assert ours.status()["pending"] == 6


def test_the_head_of_the_closed_log_passes_and_receipts_from_before_verify(scene: Scene) -> None:
    with scene.client() as ours:
        sent = {ours.append("t", number): number for number in range(3)}
        ours.flush()
        scene.seal()
        before = ours.check_head()
        closed(scene)
        after = ours.check_head()
        assert after.size > before.size
        assert ours.status()["evidence"] == []
        trust = ours._trusted()
        assert [json.loads(raw)["kind"] for raw in trust.known.raw][-1] == "closed"
        for row in kept(scene):
            event = {"type": "t", "id": row["id"], "source": row["source"], "payload": sent[row["id"]]}
            client.verified_event(event, row, trust.origin, trust.known, ours._receipt_key)


def test_a_client_that_meets_the_log_closed_learns_its_keys_and_accuses_nobody(scene: Scene) -> None:
    closed(scene)
    with scene.client() as ours:
        assert ours.check_head().size > 1
        assert ours.status()["evidence"] == []


def test_what_waits_is_moved_to_the_successor_with_its_ids(scene: Scene) -> None:
    with scene.client() as ours:
        ids = [ours.append("t", number) for number in range(5)]
        following = closed(scene)
        with following.client() as successor:
            assert ours.move_to(successor) == 5
            assert (ours.status()["pending"], ours.status()["bytes"], ours.move_to(successor)) == (0, 0, 0)
            assert successor.flush() == 5
    assert [line["id"] for line in kept(following)] == ids
    assert (events_of(scene), events_of(following), dead(scene)) == (0, 5, b"")
    with scene.client() as ours:
        assert ours.status()["pending"] == 0


def test_events_whose_answer_was_lost_get_their_receipts_and_are_not_moved(scene: Scene) -> None:
    def lose(exchange: Exchange) -> None:
        if exchange.path.endswith("/events/"):
            exchange.status = 503

    with scene.client(batch_size=2) as ours:
        for number in range(3):
            ours.append("t", number)
        scene.line.after = lose
        with pytest.raises(client.Temporary):
            ours.flush(timeout=0.0)
        scene.line.after = lambda _: None
        following = closed(scene)
        with following.client() as successor:
            assert ours.move_to(successor) == 1
            assert successor.flush() == 1
    assert (len(kept(scene)), events_of(scene), events_of(following)) == (2, 2, 1)


def test_an_open_stream_moves_nothing(scene: Scene) -> None:
    with scene.client() as ours, scene.beside("other").client() as other:
        ours.append("t", 1)
        assert ours.move_to(other) == 0
        assert (other.status()["pending"], len(kept(scene))) == (0, 1)
        with pytest.raises(ValueError, match="another client"):
            ours.move_to(ours)


def test_a_spool_without_room_takes_what_it_can_and_the_rest_stays(scene: Scene) -> None:
    with scene.client() as ours:
        for number in range(5):
            ours.append("t", number)
        with closed(scene).client(max_spool_bytes=500) as successor:
            with pytest.raises(client.SpoolFull):
                ours.move_to(successor)
            moved = successor.status()["pending"]
            assert 0 < moved < 5
            assert ours.status()["pending"] == 5 - moved
            while ours.status()["pending"]:
                successor.flush()
                try:
                    ours.move_to(successor)
                except client.SpoolFull:
                    continue
            successor.flush()
            assert successor.status()["sent"] == 5


def test_the_command_line_moves_what_waits(scene: Scene) -> None:
    assert run(scene, "append", "t", "--payload", "1").returncode == 0
    following = closed(scene)
    refused = run(scene, "flush")
    assert (refused.returncode, "acme/next" in refused.stderr) == (2, True)
    told = ("--to-stream", "acme/next", "--to-spool", str(following.spool), "--to-vkey", following.vkey)
    moved = json.loads(run(scene, "move", *told).stdout)
    assert (moved["moved"], moved["pending"]) == (1, 1)


@pytest.mark.parametrize("count", [1, 3])
def test_only_a_refusal_of_what_an_event_says_buries_it(scene: Scene, count: int) -> None:
    buried = set()
    for code, row in PROBLEMS.items():

        def refuse(exchange: Exchange, code: str = code, status: int = row.status) -> None:
            told = {"type": f"urn:countersign:problem:{code}", "code": code, "detail": "no", "next": "Do this."}
            exchange.status, exchange.answer = status, json.dumps(told).encode()

        scene.line.before = refuse
        with replace(scene, spool=scene.spool / code).client() as ours:
            for number in range(count):
                ours.append("t", number)
            try:
                ours.flush(timeout=0.0)
            except (client.Refused, client.Temporary):
                assert ours.status()["pending"] == count
                continue
            assert ours.status()["pending"] == 0
            buried.add(code)
    assert buried == OF_AN_EVENT


def test_a_code_that_is_not_known_buries_nothing_and_its_next_step_is_told(scene: Scene) -> None:
    def refuse(exchange: Exchange) -> None:
        told = {"type": "urn:countersign:problem:new", "code": ["new"], "detail": "no", "next": "Do this."}
        exchange.status, exchange.answer = 422, json.dumps(told).encode()

    scene.line.before = refuse
    with scene.client() as ours:
        ours.append("t", 1)
        with pytest.raises(client.Refused) as caught:
            ours.flush()
        assert (caught.value.next, ours.status()["pending"]) == ("Do this.", 1)
