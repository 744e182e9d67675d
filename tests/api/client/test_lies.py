"""A server that lies in any part of an answer is caught, the evidence is kept, and the events stay."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from nacl.signing import SigningKey

import countersign_client as client
from ledger.core.canonical import canonical
from ledger.core.commitment import commit
from ledger.core.dsse import sign_envelope
from ledger.core.receipt import PAYLOAD_TYPE
from ledger.core.strict_json import parse
from tests.support.live import Exchange

if TYPE_CHECKING:
    from tests.api.client.conftest import Scene

Lie = Callable[[dict[str, Any]], object]


def telling(lie: Lie) -> Callable[[Exchange], None]:
    """Change the answer to a batch, wherever it is asked for."""

    def after(exchange: Exchange) -> None:
        if exchange.method == "POST" and exchange.path.endswith("/events/") and exchange.status in {200, 201}:
            value = json.loads(exchange.answer)
            lie(value)
            exchange.answer = json.dumps(value).encode()

    return after


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def changed(text: str, change: Callable[[dict[str, Any]], object]) -> bytes:
    value: Any = parse(base64.b64decode(text))
    change(value)
    return canonical(value)


def edit_receipt(change: Callable[[dict[str, Any]], object]) -> Lie:
    """Change what the first receipt says and leave its signature."""

    def lie(answer: dict[str, Any]) -> None:
        envelope = answer["receipts"][0]
        envelope["payload"] = b64(changed(envelope["payload"], change))

    return lie


def edit_leaf(change: Callable[[dict[str, Any]], object]) -> Lie:
    def lie(answer: dict[str, Any]) -> None:
        answer["leaves"][0] = b64(changed(answer["leaves"][0], change))

    return lie


def forge(answer: dict[str, Any]) -> None:
    """A leaf with other content, and a receipt for it that agrees in everything but the key."""
    payload = commit(base64.b64decode(answer["salts"][0]["payload"]), "application/json", b'"denied"')
    leaf = changed(answer["leaves"][0], lambda value: value.update(payload=payload.hex()))
    edit_receipt(lambda value: value.update(leaf_hash=client._leaf_hash(leaf).hex()))(answer)
    body = base64.b64decode(answer["receipts"][0]["payload"])
    key = SigningKey(b"k" * 32)
    kid = str(answer["receipts"][0]["signatures"][0]["keyid"])
    envelope = sign_envelope(PAYLOAD_TYPE, body, kid, lambda message: key.sign(message).signature)
    answer["leaves"][0], answer["receipts"][0] = b64(leaf), envelope.to_json()


def resign(answer: dict[str, Any]) -> None:
    """Everything true, signed by a stranger under the true kid."""
    key, envelope = SigningKey(b"k" * 32), answer["receipts"][0]
    body = base64.b64decode(envelope["payload"])
    made = sign_envelope(PAYLOAD_TYPE, body, "", lambda message: key.sign(message).signature)
    answer["receipts"][0] = made.to_json()


def turn(answer: dict[str, Any]) -> None:
    for name in ("leaves", "receipts", "salts", "indices"):
        answer[name].reverse()


def repeat(answer: dict[str, Any]) -> None:
    for name in ("leaves", "receipts", "salts", "indices"):
        answer[name][1] = answer[name][0]


def drop(answer: dict[str, Any]) -> None:
    for name in ("leaves", "receipts", "salts", "indices"):
        answer[name].pop()
    answer["accepted"] -= 1


LIES: dict[str, Lie] = {
    "another leaf hash": edit_receipt(lambda value: value.update(leaf_hash="0" * 64)),
    "another index": edit_receipt(lambda value: value.update(index=7)),
    "another prev": edit_receipt(lambda value: value.update(prev="0" * 64)),
    "another time": edit_receipt(lambda value: value.update(recorded="2020-01-01T00:00:00.000000Z")),
    "a later promise": edit_receipt(lambda value: value.update(promised_by="2099-01-01T00:00:00.000000Z")),
    "another log": edit_receipt(lambda value: value.update(log="0" * 64)),
    "another origin": edit_receipt(lambda value: value.update(origin="evil/log/acme/decisions")),
    "a field more": edit_receipt(lambda value: value.update(note="trust me")),
    "issued before its leaf": edit_receipt(lambda value: value.update(issued=0)),
    "another signature": lambda answer: answer["receipts"][0]["signatures"][0].update(sig=b64(b"\1" * 64)),
    "no signature": lambda answer: answer["receipts"][0].update(signatures=[]),
    "another payload type": lambda answer: answer["receipts"][0].update(payloadType="application/json"),
    "another leaf": edit_leaf(lambda value: value.update(recorded="2020-01-01T00:00:00.000000Z")),
    "another type": edit_leaf(lambda value: value.update(type="other")),
    "a leaf of another kind": edit_leaf(lambda value: value.update(kind="hold")),
    "a leaf that is not canonical": lambda answer: answer["leaves"].__setitem__(
        0, b64(base64.b64decode(answer["leaves"][0]).replace(b",", b", ", 1))),
    "another index beside it": lambda answer: answer["indices"].__setitem__(0, answer["indices"][0] + 1),
    "another salt": lambda answer: answer["salts"][0].update(payload=b64(b"s" * 32)),
    "another salt of the attributes": lambda answer: answer["salts"][0].update(attrs=b64(b"s" * 32)),
    "a short salt": lambda answer: answer["salts"][0].update(payload=b64(b"s")),
    "no salts": lambda answer: answer.pop("salts"),
    "other content under a stranger's key": forge,
    "a stranger's signature": resign,
    "the order turned round": turn,
    "one receipt for two events": repeat,
    "an event dropped": drop,
    "nothing of what was asked": lambda answer: answer.clear(),
}  # fmt: skip


@pytest.fixture
def told(scene: Scene) -> Scene:
    """The scene after an honest event, so that keys are known, with two more waiting."""
    with scene.client() as ours:
        ours.append("t", "approved")
        ours.flush()
        ours.append("t", "approved")
        ours.append("t", "approved")
    return scene


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_lie_is_caught_and_its_evidence_kept(told: Scene, lie: Lie) -> None:
    before = (told.spool / "receipts.ndjson").read_bytes()
    told.line.after = telling(lie)
    with told.client() as ours:
        with pytest.raises(client.MisbehaviourError) as caught:
            ours.flush()
        assert ours.status()["pending"] == 2
        assert (told.spool / "receipts.ndjson").read_bytes() == before
        assert caught.value.evidence is not None
        evidence = json.loads(caught.value.evidence.read_bytes())
        assert evidence["answer"] == told.line.posts()[-1].answer.decode()
        assert evidence["request"] == told.line.posts()[-1].body.decode()


def test_a_key_that_nobody_vouches_for_is_waited_for_until_a_checkpoint_could(told: Scene) -> None:
    """Just after a rotation an honest ledger uses a key that no checkpoint covers yet."""
    told.line.after = telling(edit_receipt(lambda value: value.update(kid="0" * 32)))
    with told.client() as ours:
        with pytest.raises(client.Temporary, match="no checkpoint vouches"):
            ours.flush(timeout=0)
        assert ours.status()["evidence"] == []
        time.sleep(1.1)
        told.seal()
        with pytest.raises(client.MisbehaviourError, match="not delegated"):
            ours.flush(timeout=0)
        assert ours.status()["pending"] == 2


def test_a_lie_is_not_retried_away_and_the_truth_is_taken_afterwards(told: Scene) -> None:
    told.line.after = telling(drop)
    with told.client() as ours, pytest.raises(client.MisbehaviourError):
        ours.flush()
    told.line.after = lambda _: None
    asked = len(told.line.seen)
    with told.client() as ours:
        with pytest.raises(client.MisbehaviourError) as caught:
            ours.flush()
        assert len(told.line.seen) == asked
        assert caught.value.evidence is not None
        caught.value.evidence.unlink()
        assert ours.flush() == 2


def test_the_background_says_what_stopped_it(told: Scene) -> None:
    told.line.after = telling(drop)
    with told.client() as ours:
        ours.start(every=0.01)
        while ours.error is None:
            pass
        assert isinstance(ours.error, client.MisbehaviourError)
        assert ours.status()["evidence"]


def test_a_duplicate_of_an_old_answer_is_no_answer(told: Scene) -> None:
    """A replayed answer, true in itself, is about other events than those that were sent."""
    old = told.line.posts()[0].answer

    def replay(exchange: Exchange) -> None:
        if exchange.method == "POST":
            exchange.answer = old

    told.line.after = replay
    with (
        told.client(batch_size=1) as ours,
        pytest.raises(client.MisbehaviourError, match="commit to the attrs"),
    ):
        ours.flush()


def test_leaves_that_do_not_follow_each_other_are_a_lie_even_when_signed() -> None:
    one, two = client.Leaf(4, "aa", "00"), client.Leaf(5, "bb", "aa")
    client.check_chain([two, one, one])
    with pytest.raises(client.MisbehaviourError, match="does not follow"):
        client.check_chain([one, client.Leaf(5, "bb", "ab")])
    with pytest.raises(client.MisbehaviourError, match="two leaves"):
        client.check_chain([one, client.Leaf(4, "ab", "00")])
