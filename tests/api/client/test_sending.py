"""An honest ledger, a live server: what is appended arrives once, and only a verified receipt ends it."""

from __future__ import annotations

import json
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import countersign_client as client
from ledger.core.dsse import parse_envelope
from ledger.core.receipt import parse_receipt
from ledger.models import Leaf
from tests.support.live import Exchange

if TYPE_CHECKING:
    from tests.api.client.conftest import Scene


def kept(scene: Scene) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (scene.spool / "receipts.ndjson").read_bytes().splitlines()]


def events_of(scene: Scene) -> int:
    return Leaf.objects.filter(stream_id=scene.place.stream.id, kind="event").count()


def test_every_event_is_receipted_and_leaves_the_spool(scene: Scene) -> None:
    with scene.client() as ours:
        ids = [ours.append("t", {"n": number, "x": 1.5e-7}, subject="case \u20ac") for number in range(25)]
        assert ours.flush() == 25
        assert ours.status()["pending"] == ours.status()["bytes"] == 0
    lines = kept(scene)
    assert [line["id"] for line in lines] == ids
    for line in lines:
        receipt = parse_receipt(parse_envelope(line["receipt"]).payload)
        assert bytes(Leaf.objects.get(stream_id=scene.place.stream.id, index=line["index"]).hash) == receipt.leaf_hash


def test_what_is_kept_is_for_the_owner_alone(scene: Scene) -> None:
    with scene.client() as ours:
        ours.append("t", None)
        ours.flush()
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in scene.spool.iterdir() if path.name != "lock"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(scene.spool.stat().st_mode) == 0o700


def test_the_delegated_keys_are_fetched_once(scene: Scene) -> None:
    with scene.client() as ours:
        ours.append("t", 1)
        ours.flush()
    scene.line.seen.clear()
    with scene.client() as ours:
        ours.append("t", 2)
        ours.flush()
    assert [one.method for one in scene.line.seen] == ["POST"]


def test_batches_have_the_size_that_was_asked_for(scene: Scene) -> None:
    with scene.client(batch_size=10) as ours:
        for number in range(25):
            ours.append("t", number)
        assert ours.flush() == 25
    sizes = [len(one.body.splitlines()) for one in scene.line.posts()]
    assert sizes[-2:] == [10, 5]
    assert len({one.key for one in scene.line.posts()}) == 3


def test_a_lost_answer_is_asked_for_again_under_the_same_key(scene: Scene) -> None:
    answers = iter([503, 503])

    def lose(exchange: Exchange) -> None:
        if exchange.path.endswith("/events/"):
            exchange.status = next(answers, exchange.status)

    scene.line.after = lose
    with scene.client() as ours:
        ours.append("t", 1)
        assert ours.flush() == 1
    assert len({(one.key, one.body) for one in scene.line.posts()}) == 1
    assert len(scene.line.posts()) >= 3
    assert (events_of(scene), len(kept(scene))) == (1, 1)


def test_the_refused_event_goes_to_the_dead_letters_and_the_rest_goes_on(scene: Scene) -> None:
    with scene.client() as ours:
        ids = [ours.append("t", number, id=f"e-{number}", source="urn:x") for number in range(5)]
        ours.append("t", "another content", id="e-3", source="urn:x")
        ids += [ours.append("t", number, id=f"e-{number}", source="urn:x") for number in range(5, 10)]
        assert ours.flush() == 10
    assert [line["id"] for line in kept(scene)] == ids
    (dead,) = [json.loads(line) for line in (scene.spool / "dead.ndjson").read_bytes().splitlines()]
    assert (dead["event"]["payload"], dead["problem"]["code"]) == ("another content", "event_conflict")
    assert events_of(scene) == 10


def test_an_event_that_the_server_cannot_read_is_isolated_by_its_line(scene: Scene) -> None:
    with scene.client() as ours:
        for number in range(20):
            # A year that does not exist passes our form and not the calendar.
            ours.append("t", number, time="2026-02-31T00:00:00Z" if number in {0, 7, 19} else None)
        assert ours.flush() == 17
    dead = [json.loads(line) for line in (scene.spool / "dead.ndjson").read_bytes().splitlines()]
    assert [one["event"]["payload"] for one in dead] == [0, 7, 19]
    assert events_of(scene) == 17


def test_the_same_event_twice_is_one_leaf_and_two_receipts_of_it(scene: Scene) -> None:
    with scene.client() as ours:
        for _ in range(2):
            ours.append("t", 1, id="e-1")
        assert ours.flush() == 2
    first, second = kept(scene)
    assert first == second
    assert events_of(scene) == 1


def test_wrong_credentials_bury_nothing(scene: Scene) -> None:
    scene.place.token = scene.place.token[:-4] + "AAAA"
    with scene.client() as ours:
        ours.append("t", 1)
        with pytest.raises(client.Refused, match="credentials_invalid"):
            ours.flush()
        assert ours.status()["pending"] == 1


def test_refusals_by_somebody_else_bury_nothing(scene: Scene) -> None:
    def firewall(exchange: Exchange) -> None:
        exchange.status, exchange.answer = 422, b"<html>blocked</html>"

    scene.line.before = firewall
    with scene.client() as ours:
        ours.append("t", 1)
        with pytest.raises(client.Refused):
            ours.flush()
        assert ours.status()["pending"] == 1


def test_without_a_pinned_key_nothing_is_sent(scene: Scene) -> None:
    with scene.client(vkey=None) as ours:
        ours.append("t", 1)
        with pytest.raises(client.Unpinned):
            ours.flush()
        with pytest.raises(client.Unpinned):
            ours.check_head()
    assert scene.line.seen == []
    with scene.client() as ours:
        assert ours.flush() == 1


def test_the_background_sends_what_is_appended(scene: Scene) -> None:
    with scene.client(ambient=client.Ambient()) as ours:
        ours.start(every=0.05, head_every=0.05)
        for number in range(50):
            ours.append("t", number)
        until = time.monotonic() + 20
        while ours.status()["pending"] and time.monotonic() < until:
            time.sleep(0.02)
    assert len(kept(scene)) == events_of(scene) == 50


@pytest.mark.parametrize("count", [1, 3])
def test_a_disk_that_fails_between_receipts_and_state_doubles_nothing(scene: Scene, count: int) -> None:
    def fail(exchange: Exchange) -> None:
        if exchange.status == 201:
            (scene.spool / "state.json.tmp").mkdir()

    with scene.client() as ours:
        ours.append("t", "first")
        ours.flush()
        for number in range(count):
            ours.append("t", number)
        scene.line.after = fail
        with pytest.raises(OSError, match="directory"):
            ours.flush()
        (scene.spool / "state.json.tmp").rmdir()
        scene.line.after = lambda _: None
        ours.flush()
        assert ours.status()["pending"] == 0
    assert len({line["id"] for line in kept(scene)}) == len(kept(scene)) == events_of(scene) == count + 1


def test_many_threads_append_while_the_background_sends(scene: Scene) -> None:
    with scene.client(batch_size=20, max_spool_bytes=40_000) as ours, ThreadPoolExecutor(8) as pool:
        ours.start(every=0.01)
        ids = list(pool.map(lambda number: ours.append("t", number), range(200)))
        until = time.monotonic() + 30
        while ours.status()["pending"] and time.monotonic() < until:
            time.sleep(0.02)
        assert ours.error is None
    assert sorted(line["id"] for line in kept(scene)) == sorted(ids)
    assert events_of(scene) == 200


def test_large_payloads_and_awkward_numbers_open_their_commitments(scene: Scene) -> None:
    with scene.client() as ours:
        ours.append("t", {"big": "x" * 1_000_000, "\U0001f600": [1e-6, 1e-7, 1e22, -0.0, 2**53 - 1], "\ufb33": None})
        assert ours.flush() == 1
