"""Heads: signed by the pinned key, growing, and covering what was receipted."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

import countersign_client as client
from ledger.core.note import make_vkey
from tests.support.live import Exchange

if TYPE_CHECKING:
    from tests.api.client.conftest import Scene


def grown(scene: Scene, ours: client.Client, windows: int) -> list[client.Head]:
    """A head after each of some windows; the pace is one checkpoint a second."""
    heads = []
    for number in range(windows):
        ours.append("t", number)
        ours.flush()
        time.sleep(1.1)
        scene.seal()
        heads.append(ours.check_head())
    return heads


def shows(note: str) -> Any:
    """Somebody who always shows this checkpoint as the newest."""

    def old(exchange: Exchange) -> None:
        if "/checkpoints/" in exchange.path:
            exchange.answer = json.dumps({"items": [{"note": note}], "next": None}).encode()

    return old


def test_heads_are_remembered_and_grow(scene: Scene) -> None:
    with scene.client() as ours:
        first, second = grown(scene, ours, 2)
        assert first.size < second.size
    with scene.client() as ours:
        assert ours.status()["head"] == second.size
        assert ours.check_head() == second


def test_a_rewind_is_misbehaviour_and_stops_sending(scene: Scene) -> None:
    with scene.client() as ours:
        first, second = grown(scene, ours, 2)
        scene.line.after = shows(first.note)
        with pytest.raises(client.MisbehaviourError, match="went back") as caught:
            ours.check_head()
        assert caught.value.evidence is not None
        evidence = json.loads(caught.value.evidence.read_bytes())
        assert (evidence["checkpoint"], evidence["remembered"]) == (first.note, second.note)
        scene.line.after = lambda _: None
        ours.append("t", "kept all the same")
        with pytest.raises(client.MisbehaviourError):
            ours.flush()
        caught.value.evidence.unlink()
        assert ours.flush() == 1


def test_a_rewind_is_noticed_by_a_new_process_too(scene: Scene) -> None:
    with scene.client() as ours:
        first, _ = grown(scene, ours, 2)
    scene.line.after = shows(first.note)
    with scene.client() as ours, pytest.raises(client.MisbehaviourError, match="went back"):
        ours.check_head()


def test_growth_without_its_proof_is_not_believed(scene: Scene) -> None:
    def refuse(exchange: Exchange) -> None:
        if "/consistency/" in exchange.path:
            exchange.status, exchange.answer = 404, b"{}"

    with scene.client() as ours:
        (first,) = grown(scene, ours, 1)
        scene.line.after = refuse
        with pytest.raises(client.Temporary, match="does not prove"):
            grown(scene, ours, 1)
        assert ours.status()["head"] == first.size


def test_a_wrong_consistency_proof_is_misbehaviour(scene: Scene) -> None:
    def alter(exchange: Exchange) -> None:
        if "/consistency/" in exchange.path:
            value = json.loads(exchange.answer)
            value["proof"][0] = value["proof"][-1]
            exchange.answer = json.dumps(value).encode()

    with scene.client() as ours:
        grown(scene, ours, 1)
        scene.line.after = alter
        with pytest.raises(client.MisbehaviourError, match="does not extend"):
            grown(scene, ours, 1)


def test_a_checkpoint_by_another_key_of_the_same_name_is_not_taken(scene: Scene) -> None:
    stranger = str(make_vkey(scene.place.stream.origin, bytes.fromhex(
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")))  # fmt: skip
    with scene.client(vkey=stranger) as ours:
        ours.append("t", 1)
        with pytest.raises(client.MisbehaviourError, match="no trusted key"):
            ours.flush()
        assert ours.status()["pending"] == 1


def test_a_key_of_another_stream_is_refused_at_once(scene: Scene) -> None:
    with pytest.raises(ValueError, match="verifier key"):
        client.Client(scene.url, "acme", "others", "t", spool_dir=scene.spool, vkey=scene.vkey)


def test_an_altered_checkpoint_is_not_taken(scene: Scene) -> None:
    with scene.client() as ours:
        (head,) = grown(scene, ours, 1)
        scene.line.after = shows(head.note.replace(f"\n{head.size}\n", f"\n{head.size + 1}\n"))
        with pytest.raises(client.MisbehaviourError, match="does not verify"):
            ours.check_head()


def test_a_control_leaf_that_was_replaced_is_misbehaviour(scene: Scene) -> None:
    def another(exchange: Exchange) -> None:
        if exchange.path.endswith("/events/0/"):
            exchange.answer = exchange.answer.replace(b'"leaf":"eyJ', b'"leaf":"eyK')

    scene.line.after = another
    with scene.client() as ours:
        ours.append("t", 1)
        with pytest.raises(client.MisbehaviourError):
            ours.flush()
        assert ours.status()["pending"] == 1


def test_a_receipted_leaf_must_be_in_the_tree(scene: Scene) -> None:
    def other(exchange: Exchange) -> None:
        if f"/events/{receipted}/proof/" in exchange.path:
            value = json.loads(exchange.answer)
            value["hashes"] = value["hashes"][::-1]
            exchange.answer = json.dumps(value).encode()

    with scene.client() as ours:
        grown(scene, ours, 1)
        ours.append("t", 1)
        ours.flush()
        receipted = ours.status()["receipted_to"]
        scene.line.after = other
        time.sleep(1.1)
        scene.seal()
        with pytest.raises(client.MisbehaviourError, match=f"leaf {receipted} is not in the log"):
            ours.check_head()
