"""Keys change in the log itself: what is proved under the pinned key says which keys follow."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from nacl.signing import SigningKey

import countersign_client as client
from ledger.core import merkle
from ledger.core.checkpoint import Checkpoint
from ledger.core.control import Link
from ledger.core.envelope import Envelope, build
from ledger.core.keys import DelegatedKey
from ledger.core.note import Note, make_vkey, sign_note
from ledger.core.types import Hash, JSONObject, LeafIndex, TreeSize
from ledger.core.window import Window
from tests.support.live import Between, Exchange, listening

ORIGIN = "example.org/log/acme/decisions"
RECORDED = "2026-11-21T09:16:58.000001Z"


class Key:
    """A key pair of the log, or a delegated one."""

    def __init__(self, letter: str) -> None:
        self.secret = SigningKey(letter.encode() * 32)
        self.public = bytes(self.secret.verify_key)
        self.vkey = make_vkey(ORIGIN, self.public)
        self.delegated = DelegatedKey.of("receipt", ORIGIN, self.public)

    def sign(self, message: bytes) -> bytes:
        return self.secret.sign(message).signature


OLD, NEW, RECEIPT, NEXT, EXPORT = (Key(letter) for letter in "abcde")


@dataclass
class MadeLog:
    """A log in memory that answers like the API."""

    leaves: list[Envelope] = field(default_factory=list)
    signers: tuple[Key, ...] = (OLD,)
    note: str = ""

    def __post_init__(self) -> None:
        delegated = [
            RECEIPT.delegated.to_json(),
            DelegatedKey.of("export", ORIGIN, EXPORT.public).to_json(),
        ]
        self.add("genesis", log_keys=[str(OLD.vkey)], delegated=delegated, max_merge_delay=60,
                 recovery_key=None, policy="aa" * 32, continues=None, control_prev=None)  # fmt: skip

    @property
    def control(self) -> Link:
        return Link.to([leaf for leaf in self.leaves if leaf.is_control][-1])

    def add(self, kind: str, **fields: object) -> Envelope:
        prev = self.leaves[-1].leaf_hash if self.leaves else None
        told: JSONObject = dict(fields)  # type: ignore[arg-type]  # JSON by construction, checked by build
        self.leaves.append(build(kind, ORIGIN, len(self.leaves), prev, RECORDED, told))
        return self.leaves[-1]

    def event(self) -> Envelope:
        return self.add("event", type="t", attrs="aa" * 32, payload="bb" * 32)

    def key(self, control: Link | None = None, **changes: list[object]) -> Envelope:
        none: dict[str, list[object]] = {"add": [], "add_log_keys": [], "retire": [], "retire_log_keys": []}
        signatures = [{"keyid": "k", "sig": base64.b64encode(bytes(64)).decode()}]
        return self.add("key", **{**none, **changes}, signatures=signatures, decision=None,
                        control_prev=(control or self.control).to_json())  # fmt: skip

    def seal(self, control: Link | None = None) -> None:
        end = LeafIndex(len(self.leaves) - 1)
        window = Window(0, LeafIndex(0), end, Hash(b"r" * 32), RECORDED, RECORDED, "age", control or self.control)
        self.add("window", **window.fields())
        hashes = [leaf.leaf_hash for leaf in self.leaves]
        text = Checkpoint(ORIGIN, TreeSize(len(hashes)), merkle.root(hashes)).text()
        self.note = Note(text, tuple(sign_note(text, key.vkey, key.sign) for key in self.signers)).to_bytes().decode()

    def answer(self, exchange: Exchange) -> None:
        exchange.status = 200
        for form, told in self._routes().items():
            found = re.search(form, exchange.path)
            if found:
                exchange.answer = json.dumps(told(*map(int, found.groups()))).encode()
                return
        exchange.status = 404

    def _routes(self) -> dict[str, Callable[..., object]]:
        reader = merkle.reader_of([leaf.leaf_hash for leaf in self.leaves])
        return {
            r"/checkpoints/": lambda: {"items": [{"note": self.note}]},
            r"/events/(\d+)/proof/\?size=(\d+)$": lambda index, size: {
                "hashes": _b64(merkle.inclusion_proof(index, size, reader))
            },
            r"/events/(\d+)/$": lambda index: {"leaf": _b64([self.leaves[index].raw])[0]},
            r"/consistency/\?from=(\d+)&to=(\d+)$": lambda old, new: {
                "proof": _b64(merkle.consistency_proof(old, new, reader))
            },
        }


def _b64(parts: list[Hash] | list[bytes]) -> list[str]:
    return [base64.b64encode(part).decode() for part in parts]


@dataclass
class Scene:
    made: MadeLog
    line: Between
    url: str
    root: Path

    def client(self, vkey: object = OLD.vkey) -> client.Client:
        return client.Client(self.url, "acme", "decisions", "token", spool_dir=self.root, vkey=str(vkey))


def nobody(_environ: object, _start: object) -> list[bytes]:
    raise AssertionError("the log answers everything")


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    made, line = MadeLog(), Between(nobody)
    line.before = made.answer
    with listening(line) as url:
        yield Scene(made, line, url, tmp_path)


def known(ours: client.Client) -> client.Trust:
    assert ours._trust is not None
    return ours._trust


def test_receipt_keys_count_between_the_leaves_that_delegate_and_retire_them(scene: Scene) -> None:
    scene.made.event()
    scene.made.key(add=[NEXT.delegated.to_json()], retire=[RECEIPT.delegated.kid])
    scene.made.event()
    scene.made.seal()
    with scene.client() as ours:
        ours.check_head()
        keys = {key.delegated.kid: [known(ours).receipt_key(key.delegated.kid, at) for at in range(4)]
                for key in (RECEIPT, NEXT, EXPORT)}  # fmt: skip
    assert keys[RECEIPT.delegated.kid] == [RECEIPT.public, RECEIPT.public, None, None]
    assert keys[NEXT.delegated.kid] == [None, None, NEXT.public, NEXT.public]
    assert keys[EXPORT.delegated.kid] == [None] * 4


def test_a_later_head_adds_what_is_new_and_asks_for_no_more(scene: Scene) -> None:
    scene.made.event()
    scene.made.seal()
    with scene.client() as ours:
        ours.check_head()
    added = scene.made.key(add=[NEXT.delegated.to_json()])
    scene.made.seal()
    scene.line.seen.clear()
    with scene.client() as ours:
        ours.check_head()
        assert known(ours).receipt_key(NEXT.delegated.kid, added.index) == NEXT.public
    asked = [one.path.rpartition("/events/")[2] for one in scene.line.seen if re.search(r"/events/\d+/$", one.path)]
    assert asked == [f"{len(scene.made.leaves) - 1}/", f"{added.index}/"]


def test_the_log_key_that_follows_the_pinned_one_is_trusted_in_its_turn(scene: Scene) -> None:
    scene.made.key(add_log_keys=[str(NEW.vkey)])
    scene.made.signers = (OLD, NEW)
    scene.made.seal()
    with scene.client() as ours:
        ours.check_head()
    scene.made.key(retire_log_keys=[str(OLD.vkey)])
    scene.made.signers = (NEW,)
    scene.made.seal()
    with scene.client() as ours:
        ours.check_head()
        scene.made.event()
        scene.made.signers = (OLD,)
        scene.made.seal()
        with pytest.raises(client.MisbehaviourError, match="no trusted key"):
            ours.check_head()


def test_a_client_that_missed_the_overlap_pins_anew_and_still_remembers_its_head(scene: Scene) -> None:
    scene.made.seal()
    with scene.client() as ours:
        first = ours.check_head()
    scene.made.key(add_log_keys=[str(NEW.vkey)], retire_log_keys=[str(OLD.vkey)])
    scene.made.signers = (NEW,)
    scene.made.seal()
    with scene.client() as ours, pytest.raises(client.MisbehaviourError, match="pin the new verifier key") as caught:
        ours.check_head()
    assert caught.value.evidence is not None
    caught.value.evidence.unlink()
    with scene.client(NEW.vkey) as ours:
        assert ours.status()["head"] == first.size
        assert ours.check_head().size > first.size
    assert any("/consistency/" in one.path for one in scene.line.seen)


def test_a_key_that_signs_checkpoints_but_is_not_the_logs_is_refused(scene: Scene) -> None:
    scene.made.signers = (NEW,)
    scene.made.seal()
    with scene.client(NEW.vkey) as ours, pytest.raises(client.MisbehaviourError, match="not the log's"):
        ours.check_head()


def test_another_genesis_under_the_same_key_is_misbehaviour(scene: Scene) -> None:
    scene.made.seal()
    with scene.client() as ours:
        ours.check_head()
    other = MadeLog()
    other.leaves.clear()
    other.add("genesis", log_keys=[str(OLD.vkey)], delegated=[RECEIPT.delegated.to_json()] * 2, max_merge_delay=1,
              recovery_key=None, policy="aa" * 32, continues=None, control_prev=None)  # fmt: skip
    other.event()
    other.seal()
    scene.line.before = other.answer
    with scene.client() as ours, pytest.raises(client.MisbehaviourError, match="does not extend"):
        ours.check_head()


def test_two_signed_roots_for_one_size_are_misbehaviour(scene: Scene) -> None:
    scene.made.event()
    scene.made.seal()
    with scene.client() as ours:
        ours.check_head()
    fork = MadeLog()
    fork.add("event", type="another", attrs="aa" * 32, payload="bb" * 32)
    fork.seal()
    scene.line.before = fork.answer
    with scene.client() as ours, pytest.raises(client.MisbehaviourError, match="two signed roots for 3 leaves"):
        ours.check_head()


def test_a_control_leaf_that_was_replaced_is_misbehaviour(scene: Scene) -> None:
    scene.made.event()
    scene.made.seal()
    other = MadeLog()
    other.leaves.clear()
    other.add("genesis", log_keys=[str(OLD.vkey)], delegated=[NEXT.delegated.to_json()] * 2, max_merge_delay=60,
              recovery_key=None, policy="aa" * 32, continues=None, control_prev=None)  # fmt: skip

    def replace(exchange: Exchange) -> None:
        (other if exchange.path.endswith("/events/0/") else scene.made).answer(exchange)

    scene.line.before = replace
    with scene.client() as ours, pytest.raises(client.MisbehaviourError, match="was replaced"):
        ours.check_head()


def test_a_manifest_that_names_no_control_leaf_is_misbehaviour(scene: Scene) -> None:
    event = scene.made.event()
    scene.made.seal(Link.to(event))
    with scene.client() as ours, pytest.raises(client.MisbehaviourError, match="do not go back"):
        ours.check_head()


def test_control_leaves_that_pass_over_a_known_one_are_misbehaviour(scene: Scene) -> None:
    genesis = scene.made.control
    scene.made.key(retire=[RECEIPT.delegated.kid])
    scene.made.seal()
    with scene.client() as ours:
        ours.check_head()
    scene.made.key(control=genesis)
    scene.made.seal()
    with scene.client() as ours, pytest.raises(client.MisbehaviourError, match="another genesis"):
        ours.check_head()
