"""Lies under the true keys: a ledger that signs what it should not is caught by what was signed."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from nacl.signing import SigningKey

import countersign_client as client
from ledger.core.canonical import canonical
from ledger.core.commitment import ATTRS_MEDIA_TYPE, commit
from ledger.core.dsse import sign_envelope
from ledger.core.keys import DelegatedKey
from ledger.core.note import make_vkey
from ledger.core.receipt import PAYLOAD_TYPE

ORIGIN = "example.org/log/acme/decisions"
RECORDED = "2026-11-21T09:16:58.000001Z"
KEY = SigningKey(b"r" * 32)
DELEGATED = DelegatedKey.of("receipt", ORIGIN, bytes(KEY.verify_key)).to_json()
LOG = client.History((), "ab" * 32, timedelta(seconds=60), {}, {})
SENT = {"type": "t", "id": "e-1", "source": "urn:x", "payload": {"n": 1}}
SALTS = {"attrs": b"a" * 32, "payload": b"p" * 32}
Change = Callable[[dict[str, Any]], object]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def same(_: dict[str, Any]) -> None:
    """The truth."""


def row(leaf: Change = same, receipt: Change = same, kind: str = PAYLOAD_TYPE, spoil: str = "") -> dict[str, Any]:
    """One row of an answer; leaf and receipt changed before they are signed, the leaf spoilt in its spelling."""
    told: dict[str, Any] = {
        "v": "countersign/1", "kind": "event", "origin": ORIGIN, "index": 4, "prev": "cd" * 32, "recorded": RECORDED,
        "type": "t", "attrs": commit(SALTS["attrs"], ATTRS_MEDIA_TYPE, b'{"id":"e-1","source":"urn:x"}').hex(),
        "payload": commit(SALTS["payload"], "application/json", b'{"n":1}').hex(),
    }  # fmt: skip
    leaf(told)
    raw = canonical(told) + spoil.encode()
    body = {name: told[name] for name in ("v", "origin", "index", "prev", "recorded")} | {
        "log": LOG.log, "leaf_hash": client._leaf_hash(raw).hex(), "kid": DELEGATED["kid"],
        "promised_by": told["recorded"].replace("09:16:58", "09:17:58"),
    }  # fmt: skip
    receipt(body)
    envelope = sign_envelope(kind, canonical(body), "", lambda message: KEY.sign(message).signature)
    salts = {name: b64(salt) for name, salt in SALTS.items()}
    return {"leaf": b64(raw), "index": told["index"], "receipt": envelope.to_json(), "salts": salts}


def verified(given: dict[str, Any]) -> client.Leaf:
    return client.verified_event(SENT, given, ORIGIN, LOG, lambda _kid, _index: bytes(KEY.verify_key))


def test_the_truth_passes() -> None:
    assert verified(row()).index == 4
    assert verified(row(receipt=lambda body: body.update(issued=9))).index == 4


SIGNED: dict[str, dict[str, Any]] = {
    "another origin": row(leaf=lambda told: told.update(origin="example.org/log/acme/others")),
    "another version": row(leaf=lambda told: told.update(v="countersign/2")),
    "another kind": row(leaf=lambda told: told.update(kind="hold")),
    "a field more": row(leaf=lambda told: told.update(note="x")),
    "another type": row(leaf=lambda told: told.update(type="u")),
    "a negative index": row(leaf=lambda told: told.update(index=-1)),
    "an index that is no number": row(leaf=lambda told: told.update(index=True)),
    "other attributes": row(leaf=lambda told: told.update(attrs="ee" * 32)),
    "another payload": row(leaf=lambda told: told.update(payload="ee" * 32)),
    "a leaf with a space": row(spoil=" "),
    "a time of another spelling": row(leaf=lambda told: told.update(recorded="2026-11-21T09:16:58.1Z")),
    "a time of another spelling, promised in ours": row(
        leaf=lambda told: told.update(recorded="2026-11-21T09:16:58.1Z"),
        receipt=lambda body: body.update(promised_by="2026-11-21T09:17:58.100000Z"),
    ),
    "a promise too late": row(receipt=lambda body: body.update(promised_by="2026-11-21T09:17:59.000001Z")),
    "another log": row(receipt=lambda body: body.update(log="00" * 32)),
    "another leaf": row(receipt=lambda body: body.update(leaf_hash="00" * 32)),
    "another index": row(receipt=lambda body: body.update(index=5)),
    "another prev": row(receipt=lambda body: body.update(prev=None)),
    "a receipt with more": row(receipt=lambda body: body.update(sorry=True)),
    "issued before": row(receipt=lambda body: body.update(issued=3)),
    "issued at no number": row(receipt=lambda body: body.update(issued=True)),
    "another payload type": row(kind="application/vnd.countersign.manifest.v1+json"),
}


@pytest.mark.parametrize("given", SIGNED.values(), ids=SIGNED)
def test_what_was_signed_is_held_against_what_was_sent(given: dict[str, Any]) -> None:
    with pytest.raises((client.MisbehaviourError, ValueError)):
        verified(given)


def test_a_salt_of_another_length_opens_nothing() -> None:
    with pytest.raises(client.MisbehaviourError, match="32 bytes"):
        client.commitment(b"s" * 31, "application/json", b"1")


def genesis(**changes: object) -> bytes:
    told = {
        "v": "countersign/1", "kind": "genesis", "origin": ORIGIN, "index": 0, "prev": None, "recorded": RECORDED,
        "log_keys": [str(make_vkey(ORIGIN, bytes(KEY.verify_key)))], "delegated": [DELEGATED], "max_merge_delay": 60,
        "recovery_key": None, "policy": "aa" * 32, "continues": None, "control_prev": None, **changes,
    }  # fmt: skip
    return canonical(told)  # type: ignore[arg-type]  # JSON by construction


def test_a_genesis_leaf_delegates_its_keys() -> None:
    known = client.history([genesis()], ORIGIN)
    assert known.receipt[str(DELEGATED["kid"])].public == bytes(KEY.verify_key)
    assert (known.log, known.delay) == (client._leaf_hash(genesis()).hex(), timedelta(seconds=60))


@pytest.mark.parametrize(
    "changes",
    [{"kind": "policy"}, {"index": 1}, {"delegated": [{**DELEGATED, "alg": "rsa"}]},
     {"delegated": [{**DELEGATED, "kid": "0" * 32}]}, {"origin": "example.org/log/acme/others"}],
    ids=["no genesis", "not the first", "algorithm", "kid", "origin"],
)  # fmt: skip
def test_a_genesis_leaf_of_another_form_is_not_taken(changes: dict[str, object]) -> None:
    with pytest.raises((client.MisbehaviourError, KeyError)):
        client.history([genesis(**changes)], ORIGIN)
