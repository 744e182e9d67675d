"""A small real log in memory: leaves, receipts, windows and checkpoints made as the server makes them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from ledger.core.canonical import canonical
from ledger.core.checkpoint import Checkpoint
from ledger.core.commitment import ATTRS_MEDIA_TYPE
from ledger.core.control import KEY_PAYLOAD_TYPE, Link, key_statement
from ledger.core.cosignature import cosign
from ledger.core.dsse import Envelope as Signed
from ledger.core.dsse import pae, sign_envelope
from ledger.core.envelope import Envelope, build
from ledger.core.event import RawEvent, Salts, attrs_bytes, event_fields
from ledger.core.keys import DelegatedKey
from ledger.core.merkle import root
from ledger.core.note import KeyType, Note, NoteSignature, VKey, sign_note
from ledger.core.receipt import PAYLOAD_TYPE, promise
from ledger.core.strict_base64 import encode
from ledger.core.times import format_time
from ledger.core.types import JSON, Hash, JSONObject, LeafIndex, TreeSize
from ledger.core.window import Window
from tests.corpus.keys import EXPORT, LOG, ORIGIN, RECEIPT, RECOVERY, Key, witness_vkey

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
POLICY = b"quorum none\n"
MERGE_DELAY = 120


ERASED: JSONObject = {
    "reason_code": "subject",
    "reason": "its subject asked",
    "by": "person:1",
    "backup_horizon": "2026-12-21T00:00:00.000000Z",
    "decision": None,
}
HELD: JSONObject = {
    "ranges": [{"from": 1, "to": 2}],
    "state": "set",
    "case": "C-7",
    "reason": "audit",
    "by": "person:1",
    "decision": None,
}


@dataclass(frozen=True)
class Stored:
    """One object beside the log."""

    media_type: str
    salt: bytes
    data: bytes


@dataclass
class Log:
    """Grows leaf by leaf; one second passes between leaves."""

    origin: str = ORIGIN
    log_keys: list[Key] = field(default_factory=lambda: [LOG])
    receipt_key: Key = RECEIPT
    export_keys: tuple[Key, ...] = (EXPORT,)
    policies: list[bytes] = field(default_factory=lambda: [POLICY])
    leaves: list[Envelope] = field(default_factory=list)
    objects: dict[tuple[int, str], Stored] = field(default_factory=dict)
    receipts: dict[int, Signed] = field(default_factory=dict)
    notes: dict[int, Note] = field(default_factory=dict)
    control: Link | None = None
    window_start: int = 0
    windows: int = 0
    moments: int = 0

    @property
    def size(self) -> int:
        return len(self.leaves)

    @property
    def hashes(self) -> list[Hash]:
        return [leaf.leaf_hash for leaf in self.leaves]

    def moment(self) -> str:
        self.moments += 1
        return format_time(START + timedelta(seconds=self.moments))

    def add(self, kind: str, fields: JSONObject, *, recorded: str = "", prev: Hash | None = None) -> Envelope:
        before = self.leaves[-1].leaf_hash if self.leaves else None
        when = recorded or self.moment()
        leaf = build(kind, self.origin, self.size, prev or before, when, fields)
        self.leaves.append(leaf)
        if leaf.is_control:
            self.control = Link.to(leaf)
        return leaf

    def genesis(self, **changes: JSON) -> Envelope:
        delegated = [self.receipt_key.delegated("receipt", self.origin)]
        delegated += [key.delegated("export", self.origin) for key in self.export_keys]
        fields: JSONObject = {
            "log_keys": [str(key.vkey(self.origin)) for key in self.log_keys],
            "delegated": [key.to_json() for key in delegated],
            "max_merge_delay": MERGE_DELAY,
            "recovery_key": encode(RECOVERY.public),
            "policy": hashlib.sha256(self.policies[0]).hexdigest(),
            "continues": None,
            "control_prev": None,
        }
        return self.add("genesis", fields | changes)

    def link(self) -> JSONObject:
        assert self.control is not None
        return self.control.to_json()

    def event(self, number: int, *, kind: str = "ai.decision", receipt: bool = True, **leaf: str) -> Envelope:
        """One decision; salts come from its number."""
        payload = canonical({"model": "m-3", "outcome": "refer" if number % 3 else "approve", "case": number})
        claimed = format_time(START + timedelta(seconds=number))
        raw = RawEvent(kind, f"dec-{number}", "urn:acme:scoring", payload, time=claimed, subject=f"case-{number}")
        salts = Salts(*(hashlib.sha256(f"{role} {number}".encode()).digest() for role in ("attrs", "payload")))
        attrs = attrs_bytes(raw)
        envelope = self.add("event", event_fields(raw, attrs, salts), **leaf)  # type: ignore[arg-type]  # recorded only
        self.objects[envelope.index, "attrs"] = Stored(ATTRS_MEDIA_TYPE, salts.attrs, attrs)
        self.objects[envelope.index, "payload"] = Stored(raw.media_type, salts.payload, payload)
        if receipt:
            self.receipts[envelope.index] = self.receipt(envelope)
        return envelope

    def events(self, first: int, count: int) -> None:
        for number in range(first, first + count):
            self.event(number)

    def receipt(
        self, leaf: Envelope, *, key: Key | None = None, issued: int | None = None, **changes: object
    ) -> Signed:
        signer = key or self.receipt_key
        kid = signer.delegated("receipt", self.origin).kid
        promised = promise(self.leaves[0].leaf_hash, leaf, kid, MERGE_DELAY, issued)
        values = {name: getattr(promised, name) for name in promised.__slots__}
        body = type(promised)(**{**values, **changes}).body()
        return sign_envelope(PAYLOAD_TYPE, body, kid, signer.sign)

    def seal(self, reason: str = "count", /, **changes: JSON) -> Note:
        """Close the window over all leaves present, and sign the checkpoint that covers its manifest."""
        start, end = self.window_start, self.size - 1
        assert self.control is not None
        window = Window(
            self.windows + 1,
            LeafIndex(start),
            LeafIndex(end),
            root(self.hashes[start:]),
            self.leaves[start].recorded,
            self.leaves[end].recorded,
            reason,
            self.control,
        )
        self.add("window", window.fields() | changes)
        self.window_start, self.windows = end + 1, self.windows + 1
        return self.checkpoint()

    def checkpoint(self) -> Note:
        note = self.note(self.size)
        self.notes[self.size] = note
        return note

    def note(self, size: int, *, keys: list[Key] | None = None, head: Hash | None = None) -> Note:
        """A checkpoint of `size` leaves signed by `keys`; `head` replaces the root."""
        checkpoint = Checkpoint(self.origin, TreeSize(size), head or root(self.hashes[:size]))
        text = checkpoint.text()
        return Note(text, tuple(self.line(text, key) for key in (keys or self.log_keys)))

    def line(self, text: str, key: Key | None = None) -> NoteSignature:
        """The line by which `key`, or the log's first one, signs a note's text."""
        signer = key or self.log_keys[0]
        vkey = signer.vkey(self.origin)
        if vkey.key_type is KeyType.MLDSA44:
            return cosign(text, vkey, 0, signer.sign)
        return sign_note(text, vkey, signer.sign)

    def change_keys(
        self,
        signers: list[Key],
        *,
        add: list[DelegatedKey] | None = None,
        add_log: list[VKey] | None = None,
        retire: list[str] | None = None,
        retire_log: list[VKey] | None = None,
    ) -> Envelope:
        """A key leaf signed by `signers`."""
        fields: JSONObject = {
            "add": [key.to_json() for key in add or []],
            "add_log_keys": [str(vkey) for vkey in add_log or []],
            "retire": list(retire or []),
            "retire_log_keys": [str(vkey) for vkey in retire_log or []],
            "control_prev": self.link(),
        }
        message = pae(KEY_PAYLOAD_TYPE, key_statement(self.leaves[0].leaf_hash, self.origin, fields))
        rows: list[JSON] = [{"keyid": key.name, "sig": encode(key.sign(message))} for key in signers]
        return self.add("key", {**fields, "signatures": rows, "decision": None})


def cosigned(note: Note, time: int, key: Key) -> Note:
    """The same note with a cosignature of `key` as the corpus's witness."""
    return note.with_signatures(cosignature(note, time, key))


def cosignature(note: Note, time: int, key: Key) -> NoteSignature:
    return cosign(note.text, witness_vkey(key), time, key.sign)


def sample_log() -> Log:
    """Genesis, thirty events, three windows: 34 leaves under three checkpoints."""
    log = Log()
    log.genesis()
    log.events(0, 10)
    log.seal()
    log.events(10, 10)
    log.seal()
    log.events(20, 10)
    log.seal("request")
    return log
