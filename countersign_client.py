"""Countersign client: one file to embed. Python 3.11 on POSIX, standard library; PyNaCl where it is.

    with Client("https://evidence.example", "acme", "decisions", token, spool_dir="spool", vkey=VKEY) as ours:
        ours.start()                              # sends in the background; or ours.flush()
        ours.append("ai.decision", {"model": "m-3", "outcome": "refer"})       # on the disk when it returns

Guarantees
- `append` returns after the event is on disk: a frame of length, CRC-32 and bytes in an append-only segment,
  file and directory synced. The spool is bounded (`SpoolFull`). Id and source are fixed there, so that every
  retry is the same event.
- A batch and its Idempotency-Key are on disk before the first attempt, and the same in every later one.
- An event leaves the spool only with a receipt that was verified and kept (`receipts.ndjson`), with a refusal
  of the content of this one event, sent alone, by the API itself (`dead.ndjson`), or by `move_to`, once it lies
  in the spool of the client that it was moved to.
- What an honest server cannot say raises MisbehaviourError. The evidence is kept in `misbehaviour-*.json`;
  while such a file lies in the spool nothing is sent: a person takes it away. Appending goes on.

How receipts are verified against the pinned `vkey` (C2SP signed-note; its name is the origin of the log)
1. The newest checkpoint must be signed by the pinned key, and extend the head remembered before.
2. Its last leaf is the manifest of a window: fetched, and proved by inclusion in the checkpoint.
3. The manifest names the newest control leaf, and each control leaf the one before it, by hash, down to the
   genesis leaf. They say which receipt keys are delegated from which index to which, and which log keys
   follow the pinned one. Fetched once, cached in `head.json`, continued when a later head names newer ones.
4. A receipt must be signed under DSSE by the receipt key it names, delegated at its index, over exactly the
   fields that the leaf demands; the leaf must be canonical, of this origin, and hash to `leaf_hash`; both its
   commitments must open with the salts of the answer to the very bytes that were sent; neighbouring leaves
   must be chained by `prev`. `check_head` also demands that the newest receipted leaf is in the tree.
Before a stream's first checkpoint nothing can be verified: events are sent, a seal is asked for, and they
stay in the spool until a checkpoint exists. Without a `vkey` a client only appends to its spool.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import fcntl
import hashlib
import hmac
import http.client
import itertools
import json
import logging
import math
import os
import re
import struct
import sys
import threading
import time
import uuid
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, Self
from urllib.parse import quote, urlsplit

sodium: Any = None
with contextlib.suppress(ImportError):  # without PyNaCl the pure equation takes its place
    import nacl.bindings
    import nacl.exceptions

    sodium = nacl

__all__ = ["Ambient", "Client", "ClientError", "EventRefused", "Head", "MisbehaviourError", "Refused",
           "SpoolCorrupt", "SpoolFull", "SpoolInUse", "StreamClosed", "Temporary", "Unpinned"]  # fmt: skip

log = logging.getLogger("countersign_client")
VERSION: Final = "countersign/1"
MAX_BATCH: Final = 1_000
MAX_BATCH_BYTES: Final = 8 * 2**20
MAX_EVENT_BYTES: Final = 16 * 2**20
MAX_ANSWER_BYTES: Final = 64 * 2**20
MAX_RETRY_AFTER_S: Final = 3_600.0
BACKOFF_S: Final = (0.5, 60.0)


# --- errors: what, and what to do next


class ClientError(Exception):
    """Base of everything raised here on purpose; `next` tells a person what to do."""

    next = "Read the reason."


class EventRefused(ClientError, ValueError):
    """The event cannot be evidence; nothing was kept."""

    next = "Correct the event."


class SpoolFull(ClientError):
    """The event was not kept: the spool has reached its bound."""

    next = "Find out why nothing is sent (status), or allow more bytes."


class SpoolCorrupt(ClientError):
    """The spool is not as this client left it."""

    next = "Keep a copy of the directory and look at the named file."


class SpoolInUse(ClientError):
    """Another client holds this spool."""

    next = "Give each process a spool of its own."


class Unpinned(ClientError):
    """Sending needs a verifier key: without one a receipt says nothing."""

    next = "Take the stream's verifier key from its trust sheet and pass it as vkey."


class Temporary(ClientError):
    """Not now; `retry_after` is what the server asked for, in seconds. Nothing is lost."""

    next = "It is tried again; if it stays, look at the server."

    def __init__(self, what: str, retry_after: float = 0.0) -> None:
        super().__init__(what)
        self.retry_after = retry_after


class Refused(ClientError):
    """The server refuses us (credentials, address), not an event. Nothing is lost."""

    next = "Correct token, address or stream; the events stay in the spool."

    def __init__(self, what: str, next_step: str = "") -> None:
        super().__init__(what)
        self.next = next_step or self.next


class StreamClosed(Refused):
    """Another log continues this one: `successor` is its origin as the server tells it, "" where it does not."""

    def __init__(self, what: str, successor: str) -> None:
        name = successor.partition("/log/")[2] or "the stream that continues it"
        following = f"Make a client for {name}, with its verifier key and a spool of its own, and move_to it."
        super().__init__(what, f"{following} Until then the events stay in the spool.")
        self.successor = successor


class MisbehaviourError(ClientError):
    """The server said what an honest one cannot say; `evidence` is the file that holds it."""

    next = "Keep the evidence file and show it to an auditor; nothing is sent while it lies in the spool."

    def __init__(self, what: str, evidence: Path | None = None) -> None:
        super().__init__(what)
        self.evidence = evidence


def _demand(truth: bool, lie: str) -> None:  # noqa: FBT001 - reads as a sentence: demand that ..., or it is a lie
    if not truth:
        raise MisbehaviourError(lie)


@dataclass(frozen=True)
class Ambient:
    """Seconds since 1970, monotonic seconds, random bytes, and a wait that an event can end."""

    now: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    random: Callable[[int], bytes] = os.urandom
    wait: Callable[[threading.Event, float], object] = threading.Event.wait

    def uuid7(self) -> str:
        """RFC 9562, section 5.7."""
        bits = (int(self.now() * 1000) & (2**48 - 1)) << 80 | int.from_bytes(self.random(10), "big")
        return str(uuid.UUID(int=bits & ~(0xF << 76 | 0x3 << 62) | 0x7 << 76 | 0x2 << 62))


# --- JSON: I-JSON in, RFC 8785 out

_MAX_INT: Final = 2**53 - 1
_MAX_DEPTH: Final = 64
_EXPONENT_FROM: Final = 1e21


def canonical(value: Any) -> bytes:
    """The RFC 8785 bytes of a JSON value; raises EventRefused with the path of what a ledger would refuse."""
    return _written(value, "$", _MAX_DEPTH).encode()


def _written(value: Any, path: str, depth: int) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return _quoted(value, path)
    if isinstance(value, int | float):
        return _number(value, path)
    if not isinstance(value, dict | list) or not depth:
        raise EventRefused(f"{path}: {type(value).__name__} is no JSON, or is nested deeper than {_MAX_DEPTH}")
    if isinstance(value, list):
        return f"[{','.join(_written(one, f'{path}[{at}]', depth - 1) for at, one in enumerate(value))}]"
    quoted = {name: _quoted(name, path) for name in value}
    names = sorted(value, key=lambda name: str(name).encode("utf-16-be"))
    members = (f"{quoted[name]}:{_written(value[name], f'{path}.{name}', depth - 1)}" for name in names)
    return f"{{{','.join(members)}}}"


def _quoted(text: Any, path: str) -> str:
    if not isinstance(text, str):
        raise EventRefused(f"{path}: a name that is no text")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise EventRefused(f"{path}: a lone surrogate") from error
    return json.dumps(str(text), ensure_ascii=False)


def _number(number: float, path: str) -> str:
    size = abs(number)
    if size <= _MAX_INT and number == int(number):
        return int.__repr__(int(number))
    if isinstance(number, int) or not (size < _MAX_INT or _EXPONENT_FROM <= size < math.inf):
        raise EventRefused(f"{path}: not finite, or an integer beyond 2^53-1")
    mantissa, small, exponent = float.__repr__(number).partition("e-")
    if not small:
        return mantissa
    places, digits = int(exponent), mantissa.lstrip("-").replace(".", "")
    sign = "-" if number < 0 else ""
    return f"{mantissa}e-{places}" if places > 6 else f"{sign}0.{'0' * (places - 1)}{digits}"


def _parsed(data: bytes) -> Any:
    """The value of one JSON text without duplicate names, NaN and infinities; raises ValueError."""
    return json.loads(data.decode(), object_pairs_hook=_unique, parse_constant=_refuse)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return dict(pairs)


def _refuse(literal: str) -> None:
    raise ValueError(f"{literal} is no JSON")


def _decoded(text: Any) -> bytes:
    """Standard base64 in its one spelling; raises ValueError."""
    data = base64.b64decode(str(text), validate=True)
    if _encoded(data) != text:
        raise ValueError("not the canonical base64 of its bytes")
    return data


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


# --- Ed25519 verification (RFC 8032, 5.1.7, without cofactor); small orders and second encodings are refused

_P: Final = 2**255 - 19
_L: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, -1, _P) % _P
_I: Final = pow(2, (_P - 1) // 4, _P)
_EIGHTH: Final = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL: Final = frozenset({0, 1, _P - 1, _EIGHTH, _P - _EIGHTH})
_BASE: Final = bytes([0x58]) + bytes([0x66]) * 31
_Point = tuple[int, int, int, int]


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is the key's over the message; one verdict with and without PyNaCl."""
    if len(public) != 32 or len(signature) != 64 or int.from_bytes(signature[32:], "little") >= _L:
        return False
    ordinates = [int.from_bytes(half, "little") & 2**255 - 1 for half in (public, signature[:32])]
    if ordinates[0] >= _P or any(y % _P in _SMALL for y in ordinates):
        return False
    return _equation(public, message, signature)


def _point(encoded: bytes) -> _Point | None:
    y, sign = int.from_bytes(encoded, "little") & 2**255 - 1, encoded[31] >> 7
    u, v = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x = u * v**3 * pow(u * v**7, (_P - 5) // 8, _P) % _P
    if v * x * x % _P != u:
        x = x * _I % _P
    if v * x * x % _P != u:
        return None
    x = x if x & 1 == sign else _P - x
    return x, y, 1, x * y % _P


def _add(one: _Point, two: _Point) -> _Point:
    a, b = (one[1] - one[0]) * (two[1] - two[0]), (one[1] + one[0]) * (two[1] + two[0])
    c, d = 2 * one[3] * two[3] * _D, 2 * one[2] * two[2]
    e, f, g, h = (b - a) % _P, (d - c) % _P, (d + c) % _P, (b + a) % _P
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _pure_equation(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether S*B - h*A is encoded exactly as R. Variable in time: everything here is public."""
    key, base = _point(public), _point(_BASE)
    if key is None or base is None:
        return False
    minus = (_P - key[0], key[1], 1, _P - key[3])
    table = {1: minus, 2: base, 3: _add(minus, base)}
    scalar, total = int.from_bytes(signature[32:], "little"), (0, 1, 1, 0)
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    for bit in range(252, -1, -1):
        total, pick = _add(total, total), challenge >> bit & 1 | (scalar >> bit & 1) << 1
        total = _add(total, table[pick]) if pick else total
    inverse = pow(total[2], -1, _P)
    return (total[1] * inverse % _P | (total[0] * inverse % _P & 1) << 255).to_bytes(32, "little") == signature[:32]


def _sodium_equation(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        sodium.bindings.crypto_sign_open(signature + message, public)
    except sodium.exceptions.BadSignatureError:
        return False
    return True


# Accepted only by a libsodium that multiplies by the cofactor: it would take receipts that others refuse.
_PROBE: Final = ("82388247a0899a251cbefc006f5dba17d1f4e0cae1415e918460276784a74035"
                 "2493e1ef00bb2e39ab54ca0e37ab6ae545a02c773f6cedb203ae5fb6c05df5d4"
                 "d36a5e4da91002e33f36580ca29c2a84f70da7ae793d4b543d66a416c0381606")  # fmt: skip


def _chosen_equation() -> Callable[[bytes, bytes, bytes], bool]:
    probe = bytes.fromhex(_PROBE)
    if sodium is None or _sodium_equation(probe[:32], b"countersign", probe[32:]):
        return _pure_equation
    return _sodium_equation


_equation = _chosen_equation()


# --- notes, checkpoints and proofs (C2SP signed-note, tlog-checkpoint; RFC 6962)


class VKey(NamedTuple):
    """An Ed25519 verifier key of a log."""

    name: str
    key_id: bytes
    public: bytes


def parse_vkey(text: str) -> VKey:
    """Read `<name>+<8 hex digits>+<base64(0x01 || public)>`; raises ValueError."""
    parts = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+(\S+)", text)
    if parts is None:
        raise ValueError("a verifier key is <name>+<8 hex digits>+<base64>")
    name, stated, raw = parts[1], parts[2], _decoded(parts[3])
    key_id = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    ordinate = int.from_bytes(raw[1:], "little") & 2**255 - 1
    if key_id.hex() != stated or len(raw) != 33 or raw[0] != 1:
        raise ValueError("not an Ed25519 verifier key, or its key ID does not follow from it")
    if ordinate >= _P or ordinate in _SMALL or _point(raw[1:]) is None:
        raise ValueError("the public key of the verifier key is weak")
    return VKey(name, key_id, raw[1:])


@dataclass(frozen=True)
class Head:
    """A checkpoint whose signature was verified, and its verbatim note."""

    size: int
    root: bytes
    note: str


def verified_head(note: str, origin: str, vkeys: Sequence[VKey]) -> Head:
    """Read a checkpoint of `origin` that one of `vkeys` signed, none wrongly; raises MisbehaviourError."""
    text, separator, signatures = note.rpartition("\n\n")
    text += "\n"
    _demand(bool(separator) and signatures.endswith("\n"), "a checkpoint is no signed note")
    verdicts = [_signed(line, text, vkeys) for line in signatures[:-1].split("\n")]
    _demand(False not in verdicts, "a signature of the log's key on a checkpoint does not verify")
    _demand(True in verdicts, "no trusted key signed the checkpoint (after a rotation, pin the new verifier key)")
    form = re.fullmatch(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([^\n]+)\n", text)
    if form is None or form[1] != origin or int(form[2]) < 1:
        raise MisbehaviourError("the signed text is no checkpoint of this log")
    root = _decoded(form[3])
    _demand(len(root) == 32, "the root of a checkpoint has not 32 bytes")
    return Head(int(form[2]), root, note)


def _signed(line: str, text: str, vkeys: Sequence[VKey]) -> bool | None:
    """The verdict on one signature line; None for keys that are not ours (C2SP: ignored)."""
    name, _, body = line.removeprefix("\u2014 ").partition(" ")
    raw = _decoded(body)
    known = [key for key in vkeys if (key.name, key.key_id) == (name, raw[:4])]
    return any(verify(key.public, text.encode(), raw[4:]) for key in known) if known else None


def _leaf_hash(raw: bytes) -> bytes:
    return hashlib.sha256(b"\0" + raw).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def included(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162, 2.1.3.2: the leaf hash stands at `index` of the tree of `size` leaves."""
    if not 0 <= index < size or len(proof) > 63:
        return False
    node, last, path = leaf, size - 1, list(proof)
    while last:
        if index & 1 or index < last:
            sibling = path.pop(0) if path else b""
            node = _node(sibling, node) if index & 1 else _node(node, sibling)
        index, last = index >> 1, last >> 1
    return not path and node == root


def consistent(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """RFC 9162, 2.1.4.2: the tree of `new` leaves extends that of `old` leaves, for 0 < old < new."""
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    path = list(proof) if node else [old_root, *proof]
    if not 0 < old < new or not path or any(len(one) != 32 for one in path):
        return False
    small = large = path.pop(0)
    while last:
        if node & 1 or node < last:
            sibling = path.pop(0) if path else b""
            large = _node(sibling, large) if node & 1 else _node(large, sibling)
            small = _node(sibling, small) if node & 1 else small
        node, last = node >> 1, last >> 1
    return not path and (small, large) == (old_root, new_root)


# --- leaves, delegated keys and receipts

_CONTROL: Final = frozenset({"genesis", "key", "policy", "reliance", "segment", "terms", "closed"})
_EVENT_FIELDS: Final = frozenset({"v", "kind", "origin", "index", "prev", "recorded", "type", "attrs", "payload"})
_ATTRS: Final = ("id", "source", "time", "subject", "sequence")
_MEDIA: Final = {"attrs": "application/vnd.countersign.attrs.v1+json", "payload": "application/json"}
_RECEIPT: Final = "application/vnd.countersign.receipt.v1+json"
_COMMITMENT: Final = b"countersign/payload/1\0"
_MOMENT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True)
class Span:
    """A key, valid from leaf `start` on and before leaf `stop`; of a checkpoint the last leaf counts."""

    public: Any
    start: int
    stop: int | None = None

    def covers(self, index: int) -> bool:
        """Whether the key was in force there."""
        return self.start <= index and (self.stop is None or index < self.stop)


@dataclass(frozen=True)
class History:
    """The control leaves from genesis on, and the keys in them: receipt keys by kid, log keys by vkey."""

    raw: tuple[bytes, ...]
    log: str
    delay: timedelta
    receipt: Mapping[str, Span]
    logs: Mapping[str, Span]

    def log_keys(self, size: int) -> list[VKey]:
        """The log's keys that are in force for a checkpoint of this size."""
        return [parse_vkey(text) for text, span in self.logs.items() if span.covers(size - 1)]


def history(raw: Sequence[bytes], origin: str) -> History:
    """What proved control leaves say, genesis first."""
    leaves = [read_leaf(one, origin) for one in raw]
    _demand(
        leaves[0]["kind"] == "genesis" and leaves[0]["index"] == 0,
        "the control leaves do not begin with genesis",
    )
    receipt: dict[str, Span] = {}
    logs: dict[str, Span] = {}
    for leaf in leaves:
        first = leaf["kind"] == "genesis"
        for key in leaf["delegated"] if first else leaf.get("add", ()):
            if key["use"] == "receipt":
                receipt.setdefault(_checked_kid(key, origin), Span(_decoded(key["public"]), leaf["index"]))
        for text in leaf["log_keys"] if first else leaf.get("add_log_keys", ()):
            logs.setdefault(text, Span(text, leaf["index"]))
        for spans, name in ((receipt, "retire"), (logs, "retire_log_keys")):
            for key in leaf.get(name, ()):
                if key in spans:
                    spans[key] = replace(spans[key], stop=leaf["index"])
    delay = timedelta(seconds=leaves[0]["max_merge_delay"])
    return History(tuple(raw), _leaf_hash(raw[0]).hex(), delay, receipt, logs)


def _checked_kid(key: Mapping[str, Any], origin: str) -> str:
    parts = (b"countersign/kid/1", b"receipt", origin.encode(), _decoded(key["public"]))
    _demand(key["alg"] == "ed25519", "a receipt key has an unknown algorithm")
    _demand(
        key["kid"] == hashlib.sha256(b"\0".join(parts)).digest()[:16].hex(),
        "a kid does not follow from its key",
    )
    return str(key["kid"])


def read_leaf(raw: bytes, origin: str) -> dict[str, Any]:
    """The fields of a leaf of `origin`, whose bytes must be canonical."""
    value = _parsed(raw)
    _demand(isinstance(value, dict) and canonical(value) == raw, "a leaf is not in canonical form")
    _demand((value["v"], value["origin"]) == (VERSION, origin), "a leaf belongs to another log or version")
    _demand(type(value["index"]) is int and value["index"] >= 0, "a leaf has no index")
    return dict(value)


@dataclass(frozen=True, order=True)
class Leaf:
    """Where a verified leaf stands, what it hashes to, and what it says of the one before."""

    index: int
    hash: str
    prev: str


KeyOf = Callable[[str, int], bytes]


def verified_event(sent: Mapping[str, Any], row: Mapping[str, Any], origin: str, known: History, key_of: KeyOf) -> Leaf:
    """Hold one row of an answer against the event that was sent; raises MisbehaviourError."""
    raw = _decoded(row["leaf"])
    leaf = read_leaf(raw, origin)
    _demand(leaf.keys() == _EVENT_FIELDS and leaf["kind"] == "event", "the leaf is no event")
    _demand(leaf["type"] == sent["type"], "the leaf has another type")
    _demand(canonical(leaf["index"]) == canonical(row["index"]), "the leaf has another index")
    attrs = canonical({name: sent[name] for name in _ATTRS if name in sent})
    for role, data in (("attrs", attrs), ("payload", canonical(sent["payload"]))):
        opened = commitment(_decoded(row["salts"][role]), _MEDIA[role], data)
        _demand(
            hmac.compare_digest(opened, str(leaf[role])),
            f"the leaf does not commit to the {role} that was sent",
        )
    _check_receipt(row["receipt"], leaf, _leaf_hash(raw).hex(), known, key_of)
    return Leaf(leaf["index"], _leaf_hash(raw).hex(), str(leaf["prev"]))


def commitment(salt: bytes, media_type: str, data: bytes) -> str:
    """SHA-256("countersign/payload/1" 0 || salt || u64 size || u8 length || media type || bytes), in hex."""
    _demand(len(salt) == 32, "a salt has not 32 bytes")
    head = struct.pack(">QB", len(data), len(media_type))
    return hashlib.sha256(b"".join((_COMMITMENT, salt, head, media_type.encode(), data))).hexdigest()


def _check_receipt(
    envelope: Mapping[str, Any], leaf: Mapping[str, Any], digest: str, known: History, key_of: KeyOf
) -> None:
    body = _decoded(envelope["payload"])
    receipt = _parsed(body)
    due = _moment(leaf["recorded"]) + known.delay
    told = {name: leaf[name] for name in ("v", "origin", "index", "prev", "recorded")}
    told |= {
        "log": known.log,
        "leaf_hash": digest,
        "promised_by": due.strftime(_MOMENT),
        "kid": receipt["kid"],
    }
    issued = {"issued": receipt["issued"]} if "issued" in receipt else {}
    _demand(
        canonical(told | issued) == body,
        f"the receipt of leaf {leaf['index']} does not say what the leaf demands",
    )
    at = issued.get("issued", leaf["index"])
    _demand(type(at) is int and at >= leaf["index"], "a receipt was issued before its leaf")
    kind = envelope["payloadType"]
    signed = b"DSSEv1 %d %b %d %b" % (len(kind), kind.encode(), len(body), body)
    public = key_of(receipt["kid"], at)
    valid = any(verify(public, signed, _decoded(one["sig"])) for one in envelope["signatures"][:100])
    _demand(kind == _RECEIPT and valid, f"the receipt of leaf {leaf['index']} is not signed by the key it names")


def _moment(text: str) -> datetime:
    found = datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)
    _demand(found.strftime(_MOMENT) == text, "a time has another spelling than a ledger's")
    return found


def check_chain(leaves: Sequence[Leaf]) -> None:
    """One leaf at one index, and `prev` of each the hash of the one directly before it."""
    for before, after in itertools.pairwise(sorted(leaves)):
        _demand(
            before.index < after.index or before.hash == after.hash,
            f"two leaves stand at index {after.index}",
        )
        chained = after.index - before.index != 1 or after.prev == before.hash
        _demand(chained, f"leaf {after.index} does not follow leaf {before.index}")


# --- files: what is said to be written is on the disk

FAILPOINT: Final = "COUNTERSIGN_CLIENT_FAILPOINT"
STEPS: Final = (
    "segment.created", "spool.torn", "spool.written", "spool.synced", "segment.removed",
    "state.written", "state.renamed", "state.synced", "request.sent", "answer.read",
    "receipts.torn", "receipts.written", "receipts.synced", "dead.torn", "dead.written", "dead.synced",
    "head.written", "head.renamed", "head.synced", "torn.written", "torn.renamed", "torn.synced",
    "evidence.written", "evidence.renamed", "evidence.synced",
)  # fmt: skip
"""Every point at which a crash is different from one a moment earlier. `<step>:<n>` in the variable that
FAILPOINT names ends the process there at the n-th time: tests kill a client so."""
_times: Counter[str] = Counter()


def _due(step: str) -> bool:
    wanted, _, number = os.environ.get(FAILPOINT, "").partition(":")
    if wanted != step:
        return False
    _times[step] += 1
    return _times[step] == int(number or 1)


def _reached(step: str) -> None:
    if _due(step):
        os._exit(137)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _replace(path: Path, data: bytes, step: str) -> None:
    """Either the old content or the new, whatever happens."""
    temporary = path.with_name(f"{path.name}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        _write(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    _reached(f"{step}.written")
    temporary.replace(path)
    _reached(f"{step}.renamed")
    _sync_directory(path.parent)
    _reached(f"{step}.synced")


class _Log:
    """An append-only file; `size` counts the bytes that are certainly on the disk."""

    def __init__(self, path: Path, step: str) -> None:
        self.path, self._step = path, step
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self.size, self._doubtful = os.fstat(self._descriptor).st_size, False
        _sync_directory(path.parent)

    def append(self, data: bytes) -> None:
        """Write and sync; what cannot be written whole is taken back, at the latest before the next."""
        if self._doubtful:
            self.cut(self.size)
        if _due(f"{self._step}.torn"):
            _write(self._descriptor, data[: len(data) // 2])
            os._exit(137)
        self._doubtful = True
        try:
            _write(self._descriptor, data)
            _reached(f"{self._step}.written")
            os.fsync(self._descriptor)
        except OSError:
            self.cut(self.size)
            raise
        self.size, self._doubtful = self.size + len(data), False
        _reached(f"{self._step}.synced")

    def cut(self, size: int) -> None:
        """Take away what stands beyond `size`."""
        os.ftruncate(self._descriptor, size)
        os.fsync(self._descriptor)
        self.size, self._doubtful = size, False

    def after(self, offset: int) -> bytes:
        """What stands beyond `offset`."""
        return os.pread(self._descriptor, max(self.size - offset, 0), offset)

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._descriptor)


# --- the spool

_FRAME: Final = struct.Struct(">II")
_SEGMENT_BYTES: Final = 4 * 2**20


def framed(body: bytes) -> bytes:
    """Length, CRC-32 over length and bytes, bytes. A length of 0 is no frame, so zeros never are."""
    size = len(body).to_bytes(4, "big")
    return size + zlib.crc32(size + body).to_bytes(4, "big") + body


def frame_at(data: bytes, offset: int) -> bytes | None:
    """The bytes of the whole and undamaged frame at `offset`, or None."""
    if len(data) - offset <= _FRAME.size:
        return None
    length, crc = _FRAME.unpack_from(data, offset)
    if not 0 < length <= len(data) - offset - _FRAME.size:
        return None
    body = data[offset + _FRAME.size : offset + _FRAME.size + length]
    return body if zlib.crc32(data[offset : offset + 4] + body) == crc else None


def scan(data: bytes) -> tuple[list[int], int]:
    """The offsets of the frames from the start, and where they end."""
    offsets, end = [], 0
    while (body := frame_at(data, end)) is not None:
        offsets.append(end)
        end += _FRAME.size + len(body)
    return offsets, end


@dataclass
class _Segment:
    path: Path
    first: int
    count: int
    size: int


class Spool:
    """Events in the order of `append`, numbered for ever; those below `done` have left. Thread-safe."""

    def __init__(self, root: Path, limit: int, done: int) -> None:
        self._root, self._limit, self.done = root, limit, done
        self._segment_bytes = max(1, min(_SEGMENT_BYTES, limit // 8))
        self._lock = threading.RLock()
        self._active: _Log | None = None
        self._closed = False
        paths = sorted(root.glob("events-*.seg"))
        self._segments = [self._opened(path, path == paths[-1]) for path in paths]
        self._offset = 0
        self._settle()

    @property
    def end(self) -> int:
        """The number that the next event gets."""
        with self._lock:
            return self._segments[-1].first + self._segments[-1].count if self._segments else self.done

    @property
    def pending(self) -> int:
        """How many events wait."""
        with self._lock:
            return self.end - self.done

    @property
    def used(self) -> int:
        """Bytes on the disk."""
        with self._lock:
            return sum(segment.size for segment in self._segments)

    def append(self, body: bytes) -> None:
        """Keep an event; on the disk when this returns. Raises SpoolFull, OSError, ValueError once closed."""
        frame = framed(body)
        with self._lock:
            if self._closed:
                raise ValueError("the client is closed")
            if self.used + len(frame) > self._limit:
                raise SpoolFull(f"{self.used:,} of {self._limit:,} bytes are in use")
            self._room().append(frame)
            self._segments[-1].count += 1
            self._segments[-1].size += len(frame)

    def read(self, most: int) -> list[bytes]:
        """Up to `most` events from the oldest on, in at most 8 MiB unless the first alone is larger."""
        found: list[bytes] = []
        room = MAX_BATCH_BYTES
        for body in itertools.islice(self._waiting(), most):
            room -= len(body)
            if found and room < 0:
                break
            found.append(body)
        return found

    def _waiting(self) -> Iterator[bytes]:
        with self._lock:
            places, offset = [(one.path, one.size) for one in self._segments], self._offset
        for path, size in places:
            data = path.read_bytes()[:size]
            while offset < size:
                body = frame_at(data, offset)
                if body is None:
                    raise SpoolCorrupt(f"{path} is damaged at byte {offset}")
                yield body
                offset += _FRAME.size + len(body)
            offset = 0

    def drop(self, bodies: Sequence[bytes]) -> None:
        """The oldest events, just read, have left."""
        with self._lock:
            for body in bodies:
                self.done, self._offset = self.done + 1, self._offset + _FRAME.size + len(body)
                if self._offset == self._segments[0].size:
                    self._retire()

    def close(self) -> None:
        """No more events."""
        with self._lock:
            self._closed = True
            self._release()

    def _release(self) -> None:
        if self._active is not None:
            self._active.close()
            self._active = None

    def _room(self) -> _Log:
        if self._segments and self._segments[-1].size >= self._segment_bytes:
            self._release()
        if self._active is None:
            path = self._root / f"events-{self.end:016x}.seg"
            self._active = _Log(path, "spool")
            self._segments.append(_Segment(path, self.end, 0, 0))
            _reached("segment.created")
        return self._active

    def _retire(self) -> None:
        segment = self._segments.pop(0)
        if not self._segments:
            self._release()
        with contextlib.suppress(OSError):  # what has left is removed at the next opening
            segment.path.unlink()
        self._offset = 0
        _reached("segment.removed")

    def _opened(self, path: Path, newest: bool) -> _Segment:  # noqa: FBT001 - told once, in the line above
        data = path.read_bytes()
        offsets, end = scan(data)
        if end < len(data):
            if not newest or any(frame_at(data, at) for at in range(end + 1, len(data))):
                raise SpoolCorrupt(f"{path} is damaged at byte {end}, and events follow")
            log.warning("%s: the torn end of an append that did not return is set aside", path)
            _replace(path.with_suffix(f".torn-{end}"), data[end:], "torn")
        if newest:
            self._active = _Log(path, "spool")
            self._active.cut(end)
        return _Segment(path, int(path.stem.removeprefix("events-"), 16), len(offsets), end)

    def _settle(self) -> None:
        """Remove what has left, find the oldest event that waits, and refuse gaps."""
        while self._segments and self._segments[0].first + self._segments[0].count <= self.done:
            self._retire()
        expected = self.done
        for at, segment in enumerate(self._segments):
            if segment.first > expected or (at and segment.first < expected):
                raise SpoolCorrupt(f"events {expected} to {segment.first - 1} are missing before {segment.path}")
            expected = segment.first + segment.count
        if self._segments:
            offsets, _ = scan(self._segments[0].path.read_bytes())
            self._offset = offsets[self.done - self._segments[0].first]


# --- the outbox: what is to be sent, and what came of it


@dataclass(frozen=True)
class _State:
    """`done` events have left. The batch under way, if any: the next `count` events, under `key`; `awaited` is
    where its receipt will be, once it was accepted without one. `receipts` and `dead` are the sizes that those
    files had then; `last` is the newest receipted leaf.
    """

    stream: str
    done: int = 0
    key: str = ""
    count: int = 0
    digest: str = ""
    receipts: int = 0
    dead: int = 0
    last: Leaf | None = None
    awaited: str = ""


class Outbox:
    """Everything durable about sending. A method returns after its effect is on the disk."""

    def __init__(self, root: Path, stream: str, limit: int) -> None:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync_directory(root.parent)
        self.root, self._lock = root, (root / "lock").open("wb")
        try:
            self._open(stream, limit)
        except BaseException:
            self._lock.close()
            raise

    def _open(self, stream: str, limit: int) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SpoolInUse(f"{self.root} is in use") from error
        self.state = self._loaded(stream)
        self.spool = Spool(self.root, limit, self.state.done)
        self._receipts = _Log(self.root / "receipts.ndjson", "receipts")
        self._dead = _Log(self.root / "dead.ndjson", "dead")
        self.recover()

    def batch(self, most: int, fresh_key: Callable[[], str]) -> list[bytes]:
        """The events of the batch under way; a new one is fixed, with its key, where there is none."""
        if not self.state.key:
            self.fix(self.spool.read(most), fresh_key())
        bodies = self.spool.read(self.state.count)
        if _digest(bodies) != self.state.digest:
            raise SpoolCorrupt(f"{self.root}: the events are not those of the batch under way")
        return bodies

    def fix(self, bodies: Sequence[bytes], key: str) -> None:
        """These oldest events are the batch under way, under this key, before anything of it is sent."""
        self._save(replace(self.state, key=key, count=len(bodies), digest=_digest(bodies), awaited=""))

    def accepted(self, place: str) -> None:
        """The batch under way is kept by the server; its first receipt will be at this place below the stream."""
        self._save(replace(self.state, awaited=place))

    def keep(self, bodies: Sequence[bytes], lines: Sequence[bytes], newest: Leaf) -> None:
        """The receipts of the whole batch, verified; only then the events leave."""
        self._receipts.append(b"".join(lines))
        self._advance(bodies, newest)

    def bury(self, bodies: Sequence[bytes], line: bytes) -> None:
        """The only event of the batch was refused for good."""
        self._dead.append(line)
        self._advance(bodies, self.state.last)

    def hand_over(self, bodies: Sequence[bytes]) -> None:
        """The oldest events lie in another spool now; a batch under way ends."""
        self._advance(bodies, self.state.last)

    def evidence(self) -> list[Path]:
        """What is held against the server; nothing may be sent while there is any."""
        return sorted(self.root.glob("misbehaviour-*.json"))

    def accuse(self, name: str, record: Mapping[str, Any]) -> Path:
        """Keep evidence."""
        path = self.root / f"misbehaviour-{name}.json"
        _replace(path, json.dumps(record, indent=1).encode(), "evidence")
        return path

    def close(self) -> None:
        """Let go of the spool."""
        self.spool.close()
        self._receipts.close()
        self._dead.close()
        self._lock.close()

    def _loaded(self, stream: str) -> _State:
        path = self.root / "state.json"
        if not path.exists():
            if any(self.root.glob("events-*.seg")) or (self.root / "receipts.ndjson").exists():
                raise SpoolCorrupt(f"{path} is missing beside what belongs to it")
            self._save(_State(stream))
            return self.state
        value = json.loads(path.read_bytes())
        state = _State(**{**value, "last": Leaf(**value["last"]) if value["last"] else None})
        if state.stream != stream:
            raise SpoolCorrupt(f"{self.root} belongs to {state.stream}, not to {stream}")
        return state

    def _save(self, state: _State) -> None:
        _replace(self.root / "state.json", json.dumps(asdict(state)).encode(), "state")
        self.state = state

    def _advance(self, bodies: Sequence[bytes], newest: Leaf | None) -> None:
        done, receipts, dead = self.state.done + len(bodies), self._receipts.size, self._dead.size
        self._save(_State(self.state.stream, done, receipts=receipts, dead=dead, last=newest))
        self.spool.drop(bodies)

    def recover(self) -> None:
        """Receipts kept before a crash, or a failed write of the state, stay kept, and their events leave: they
        were verified one by one.
        """
        if (self._receipts.size, self._dead.size) == (self.state.receipts, self.state.dead):
            return
        for file, size in ((self._receipts, self.state.receipts), (self._dead, self.state.dead)):
            if file.size < size:
                raise SpoolCorrupt(f"{file.path} is shorter than it was")
        self._dead.cut(self.state.dead)
        tail = self._receipts.after(self.state.receipts)
        whole = tail[: tail.rfind(b"\n") + 1]
        self._receipts.cut(self.state.receipts + len(whole))
        lines = [json.loads(line) for line in whole.splitlines()]
        bodies = self.spool.read(len(lines))
        if [line["id"] for line in lines] != [json.loads(body)["id"] for body in bodies]:
            raise SpoolCorrupt(f"{self._receipts.path} ends in receipts of other events than the next ones")
        if lines:
            self._advance(bodies, _newest(self.state.last, [_kept_leaf(line) for line in lines]))


def _digest(bodies: Sequence[bytes]) -> str:
    return hashlib.sha256(b"\n".join(bodies)).hexdigest()


def _kept_leaf(line: Mapping[str, Any]) -> Leaf:
    raw = _decoded(line["leaf"])
    return Leaf(line["index"], _leaf_hash(raw).hex(), json.loads(raw)["prev"])


def _newest(last: Leaf | None, leaves: Sequence[Leaf]) -> Leaf:
    return max([*leaves, *([last] if last else [])])


# --- the API

_TEMPORARY: Final = frozenset({202, 408, 425, 429})
_OF_AN_EVENT: Final = frozenset({
    "event_conflict", "payload_erased", "body_too_large", "json_invalid", "event_invalid", "profile_refused",
    "leaf_too_large",
})  # fmt: skip
"""The codes that are about what one event says, and stay when it is sent alone: no others make a dead letter."""
_OF_A_BATCH: Final = _OF_AN_EVENT | {"batch_too_large"}


@dataclass(frozen=True)
class Answer:
    """What came back, whole."""

    status: int
    retry_after: str
    body: bytes

    @property
    def problem(self) -> dict[str, Any]:
        """The problem of the API's own (RFC 9457); empty where something else answered."""
        with contextlib.suppress(ValueError, RecursionError):
            value = _parsed(self.body)
            if isinstance(value, dict) and str(value.get("type")).startswith("urn:countersign:problem:"):
                return value
        return {}

    def json(self) -> Any:
        """The value; half an answer, or another page under our address, is no answer."""
        try:
            return _parsed(self.body)
        except (ValueError, RecursionError) as error:
            raise Temporary(f"the answer is not JSON: {error}") from error


class Api:
    """One stream's address. Never follows a redirect: the token is for this host alone."""

    def __init__(self, base_url: str, stream: str, token: str, timeout: float, ambient: Ambient) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or parts.query:
            raise ValueError("base_url is http(s)://host[:port][/prefix]")
        self._kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port = parts.hostname, parts.port
        self._path = f"{parts.path.rstrip('/')}/api/v1/streams/{quote(stream)}/"
        self._headers = {"Authorization": f"Bearer {token}", "User-Agent": "countersign-client/1"}
        self._timeout, self._ambient = timeout, ambient

    def post_events(self, body: bytes, key: str) -> Answer:
        """Send one batch."""
        return self._call("POST", "events/", body, {"Content-Type": "application/x-ndjson", "Idempotency-Key": key})

    def seal(self) -> None:
        """Ask for a checkpoint; whatever comes back, the next look will tell."""
        self._call("POST", "seal/", b"", {"Content-Type": "application/json"})

    def get(self, path: str) -> Any:
        """The JSON below the stream's address; raises Temporary or Refused."""
        answer = self._call("GET", path, None, {})
        if answer.status != 200:
            raise self.failure(answer)
        return answer.json()

    def await_receipt(self, place: str) -> None:
        """Return when the receipt there can be had (then the same request is answered with all of them).

        Raises Temporary while it is pending, and what `failure` gives; one that is gone is asked for anew.
        """
        answer = self._call("GET", place, None, {})
        if answer.status == 202:
            raise self.pending(answer)
        if answer.status not in {200, 404}:
            raise self.failure(answer)

    def pending(self, answer: Answer) -> Temporary:
        """Accepted, without receipts yet."""
        return Temporary(
            "202 receipt_pending: the events are kept, their receipts come", self._wait(answer.retry_after)
        )

    def failure(self, answer: Answer) -> Temporary | Refused:
        """What an answer that is no success means for us."""
        problem = answer.problem
        what = f"{answer.status} {problem.get('code', '')}: {problem.get('detail', 'no detail')}"
        if answer.status in _TEMPORARY or answer.status >= 500 or problem.get("code") == "body_truncated":
            return Temporary(what, self._wait(answer.retry_after))
        if problem.get("code") == "stream_closed":
            return StreamClosed(what, _successor(str(problem.get("detail"))))
        return Refused(what, str(problem.get("next", "")))

    def _wait(self, text: str) -> float:
        """Retry-After in seconds: a number or a date (RFC 9110, 10.2.3)."""
        with contextlib.suppress(ValueError, OverflowError):
            seconds = int(text) if text.isdigit() else parsedate_to_datetime(text).timestamp() - self._ambient.now()
            return min(max(float(seconds), 0.0), MAX_RETRY_AFTER_S)
        return 0.0

    def _call(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        connection = self._kind(self._host, self._port, timeout=self._timeout)
        try:
            connection.request(method, self._path + path, body, {**self._headers, **headers})
            if method == "POST":
                _reached("request.sent")
            response = connection.getresponse()
            answer = Answer(response.status, response.headers.get("Retry-After", ""), self._read(response))
        except (OSError, http.client.HTTPException) as error:
            raise Temporary(f"{method} {path}: {type(error).__name__} {error}") from error
        finally:
            connection.close()
        return answer

    def _read(self, response: http.client.HTTPResponse) -> bytes:
        """The whole body, never more than the bound, and not for ever where it drips."""
        deadline = self._ambient.monotonic() + 10 * self._timeout
        parts: list[bytes] = []
        while part := response.read1(2**20):
            parts.append(part)
            if sum(map(len, parts)) > MAX_ANSWER_BYTES or self._ambient.monotonic() > deadline:
                raise Temporary("the answer is too long or too slow")
        if response.length:
            raise Temporary("the answer ended early")
        return b"".join(parts)


def _successor(detail: str) -> str:
    named = re.search(r"continued by ([!-:<-~]+)", detail)
    return named[1].rstrip(".") if named else ""


# --- trust: the pinned key, the remembered head, the delegated keys


class Trust:
    """What the pinned key has signed so far, in `head.json`; every receipt is verified against this."""

    def __init__(self, path: Path, vkey: str, stream: str, api: Api) -> None:
        self._path, self._vkey, self._api = path, vkey, api
        self.origin = parse_vkey(vkey).name
        if not self.origin.endswith(f"/log/{stream}"):
            raise ValueError(f"the verifier key is that of {self.origin}, not of {stream}")
        self.head: Head | None = None
        self._known: History | None = None
        if path.exists():
            self._load(json.loads(path.read_bytes()))

    def _load(self, value: Mapping[str, Any]) -> None:
        """A head stays remembered whatever key is pinned now; keys are learned anew under another."""
        self.head = Head(value["size"], bytes.fromhex(value["root"]), value["note"])
        if value["vkey"] == self._vkey:
            self._known = history([_decoded(one) for one in value["control"]], self.origin)

    @property
    def known(self) -> History:
        """What the proved control leaves say; raises Temporary while no checkpoint covers them."""
        if self._known is None:
            raise Temporary("no checkpoint vouches for the receipt keys yet")
        return self._known

    def receipt_key(self, kid: str, index: int) -> bytes | None:
        """The key that may sign receipts at that index, as far as is proved."""
        span = self.known.receipt.get(kid)
        return bytes(span.public) if span and span.covers(index) else None

    def refresh(self, note: str, last: Leaf | None) -> Head:
        """Take a newer checkpoint: verified, grown from the remembered one, its control leaves followed."""
        head = verified_head(note, self.origin, self._signers(note))
        if self._known and self.head and (head.size, head.root) == (self.head.size, self.head.root):
            return self.head
        self._check_growth(head)
        known = self._followed(head)
        if last is not None and last.index < head.size:
            self._check_included(head, last.index, bytes.fromhex(last.hash))
        self._store(head, known)
        return head

    def newest_note(self) -> str:
        """The newest checkpoint as the server shows it; raises Temporary while there is none."""
        items = self._api.get("checkpoints/?limit=1")["items"]
        if not items:
            raise Temporary("the stream has no checkpoint yet")
        return str(items[0]["note"])

    def _signers(self, note: str) -> list[VKey]:
        size = note.split("\n", 2)[1]
        return self._known.log_keys(int(size)) if self._known else [parse_vkey(self._vkey)]

    def _check_growth(self, head: Head) -> None:
        old = self.head
        if old is None:
            return
        _demand(head.size >= old.size, f"the log went back from {old.size} to {head.size} leaves")
        _demand(head.size > old.size or head.root == old.root, f"two signed roots for {old.size} leaves")
        if head.size > old.size:
            proof = self._proof(f"consistency/?from={old.size}&to={head.size}")["proof"]
            path = [_decoded(one) for one in proof]
            grown = consistent(old.size, head.size, path, old.root, head.root)
            _demand(grown, f"the log of {head.size} leaves does not extend the one of {old.size}")

    def _followed(self, head: Head) -> History:
        """Control leaves from the newest one, which the manifest names, down to what is known already."""
        manifest = self._leaf(head.size - 1)
        if manifest[1]["kind"] != "window":
            raise Temporary("the last leaf of the checkpoint is no manifest, which is all this client can follow")
        self._check_included(head, head.size - 1, _leaf_hash(manifest[0]))
        before = self._known.raw if self._known else ()
        added: list[bytes] = []
        link, bound = manifest[1]["control"], head.size - 1
        while link and not (before and link["leaf_hash"] == _leaf_hash(before[-1]).hex()):
            raw, leaf = self._leaf(link["index"])
            _demand(_leaf_hash(raw).hex() == link["leaf_hash"], "a control leaf was replaced")
            _demand(leaf["kind"] in _CONTROL and leaf["index"] < bound, "the control leaves do not go back")
            added.append(raw)
            link, bound = leaf["control_prev"], leaf["index"]
        _demand(bool(link) or not before, "the control leaves lead to another genesis")
        known = history([*before, *reversed(added)], self.origin)
        pinned = known.logs.get(self._vkey)
        _demand(bool(before or (pinned and pinned.covers(head.size - 1))), "the pinned key is not the log's")
        return known

    def _leaf(self, index: int) -> tuple[bytes, dict[str, Any]]:
        raw = _decoded(self._proof(f"events/{index}/")["leaf"])
        return raw, read_leaf(raw, self.origin)

    def _check_included(self, head: Head, index: int, leaf: bytes) -> None:
        proof = self._proof(f"events/{index}/proof/?size={head.size}")["hashes"]
        inside = included(index, head.size, leaf, [_decoded(one) for one in proof], head.root)
        _demand(inside, f"leaf {index} is not in the log of {head.size} leaves")

    def _proof(self, path: str) -> Any:
        """A server that cannot prove is not believed, and not yet accused."""
        try:
            return self._api.get(path)
        except Refused as error:
            raise Temporary(f"the server does not prove what it says: {path}: {error}") from error

    def _store(self, head: Head, known: History) -> None:
        value = {"vkey": self._vkey, "size": head.size, "root": head.root.hex(), "note": head.note}
        control = [_encoded(one) for one in known.raw]
        _replace(self._path, json.dumps({**value, "control": control}).encode(), "head")
        self.head, self._known = head, known


# --- the client

_LIMITS: Final = {"type": 256, "id": 256, "source": 2_048, "subject": 1_024, "sequence": 256, "time": 64}
_FOREIGN: Final = re.compile("[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _checked_event(event: Mapping[str, Any]) -> bytes:
    for name in _LIMITS.keys() & event.keys():
        text = event[name]
        if not isinstance(text, str) or not text or _FOREIGN.search(text):
            raise EventRefused(f"$.{name}: a text without control characters is needed")
        if len(text.encode(errors="replace")) > _LIMITS[name]:
            raise EventRefused(f"$.{name}: at most {_LIMITS[name]:,} bytes are taken")
    if "time" in event and not _RFC3339.fullmatch(event["time"]):
        raise EventRefused("$.time: RFC 3339 is needed")
    body = canonical(event)
    if len(body) > MAX_EVENT_BYTES:
        raise EventRefused(f"an event has at most {MAX_EVENT_BYTES:,} bytes")
    return body


class Client:
    """One stream, one spool, one process. `source` names this program in its events; `timeout` is a
    connection's, in seconds; plain http is for this machine unless allowed, since the token travels in it.
    """

    def __init__(  # noqa: PLR0913 - a client has this many things to be told, all but four by name
        self, base_url: str, namespace: str, stream: str, token: str, *, spool_dir: str | os.PathLike[str],
        vkey: str | None = None, source: str | None = None, max_spool_bytes: int = 256 * 2**20,
        batch_size: int = MAX_BATCH, timeout: float = 30.0, ambient: Ambient | None = None,
        allow_plain_http: bool = False,
    ) -> None:  # fmt: skip
        address = urlsplit(base_url)
        if address.scheme == "http" and address.hostname not in _THIS_MACHINE and not allow_plain_http:
            raise ValueError("over plain http everybody reads the token: use https, or say allow_plain_http")
        if not 1 <= batch_size <= MAX_BATCH:
            raise ValueError(f"a batch has 1 to {MAX_BATCH:,} events")
        name, root = f"{namespace}/{stream}", Path(spool_dir)
        self._ambient, self._batch_size = ambient or Ambient(), batch_size
        self._source = source or f"urn:countersign:client:{namespace}:{stream}"
        self._api = Api(base_url, name, token, timeout, self._ambient)
        self._outbox = Outbox(root, name, max_spool_bytes)
        self._trust = Trust(root / "head.json", vkey, name, self._api) if vkey else None
        self._sending, self._stop, self._wake = threading.RLock(), threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self.error: ClientError | OSError | None = None

    def append(
        self, type: str, payload: Any, id: str | None = None, source: str | None = None,  # noqa: A002 - the event's
        time: str | None = None, subject: str | None = None, sequence: str | None = None,
    ) -> str:  # fmt: skip
        """Keep an event until it is receipted; returns its id, and is on the disk then.

        An append that did not return, or raised OSError, may have happened: give an `id` where you repeat it.
        Raises EventRefused, SpoolFull, OSError.
        """
        given = {"id": id or self._ambient.uuid7(), "source": source or self._source, "time": time}
        given |= {"subject": subject, "sequence": sequence, "type": type}
        event = {name: value for name, value in given.items() if value is not None}
        self._outbox.spool.append(_checked_event({**event, "payload": payload}))
        self._wake.set()
        return str(event["id"])

    def flush(self, timeout: float = 60.0) -> int:
        """Send until the spool is empty; returns how many events were receipted. Raises Temporary when time
        runs out (seconds), and Refused, Unpinned, SpoolCorrupt or MisbehaviourError at once: the events stay.
        """
        with self._sending:
            self._outbox.recover()
            deadline, sent, failures = self._ambient.monotonic() + timeout, 0, 0
            while self._outbox.spool.pending:
                try:
                    sent, failures = sent + self._send(), 0
                except Temporary as error:
                    pause = max(self._pause(failures), error.retry_after)
                    if self._stop.is_set() or self._ambient.monotonic() + pause > deadline:
                        raise
                    failures += 1
                    self._ambient.wait(self._stop, pause)
            return sent

    def move_to(self, successor: Client) -> int:
        """Hand what a closed stream no longer takes to the client of the stream that continues it; returns how many.

        What the old log holds is receipted first. Ids and sources stay; an event leaves only once it is on the disk
        there, so that after a crash it may lie in both spools, and is one event of the new stream all the same. Moves
        nothing while the stream is open. Raises as `flush` does, SpoolFull where the other spool has no room, and
        ValueError for the client itself.
        """
        if successor is self:
            raise ValueError("a client moves its events to another client")
        with self._sending:
            try:
                self._outbox.accepted("")  # a closed log may never sign again: ask with the batch itself
                self.flush()
            except StreamClosed:
                return self._moved(successor)
            return 0

    def _moved(self, successor: Client) -> int:
        before = self._outbox.spool.done
        while bodies := self._outbox.spool.read(MAX_BATCH):
            taken: list[bytes] = []
            try:
                for body in bodies:
                    successor._outbox.spool.append(body)
                    taken.append(body)
            finally:
                self._outbox.hand_over(taken)
                successor._wake.set()
        return self._outbox.spool.done - before

    def check_head(self) -> Head:
        """Verify the newest checkpoint, hold it against the remembered one, and remember it.

        Raises as `flush` does, Temporary also where the server does not prove what it says.
        """
        evidence: dict[str, str] = {}
        with self._sending, self._witnessed(evidence):
            trust = self._trusted()
            evidence["checkpoint"] = trust.newest_note()
            return trust.refresh(evidence["checkpoint"], self._outbox.state.last)

    def status(self) -> dict[str, Any]:
        """What waits, what is remembered, and what is wrong."""
        spool, state = self._outbox.spool, self._outbox.state
        head = self._trust.head if self._trust else None
        return {
            "pending": spool.pending, "bytes": spool.used, "sent": state.done, "under_way": state.count,
            "accepted_without_receipt": state.count if state.awaited else 0,
            "receipted_to": state.last.index if state.last else None, "head": head.size if head else None,
            "dead_bytes": state.dead, "evidence": [str(path) for path in self._outbox.evidence()],
            "error": str(self.error) if self.error else None,
        }  # fmt: skip

    def start(self, every: float = 1.0, head_every: float = 60.0) -> None:
        """Send in the background, at least every `every` seconds; look at the head every `head_every`."""
        if self._thread is None:
            times = (every, head_every)
            self._thread = threading.Thread(target=self._run, args=times, name="countersign", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End the background thread and let go of the spool; what was not sent stays in it."""
        self._stop.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()
        with self._sending:
            self._outbox.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, every: float, head_every: float) -> None:
        look = self._ambient.monotonic()
        while not self._stop.is_set():
            try:
                self.flush()
                if self._ambient.monotonic() >= look:
                    look = self._ambient.monotonic() + head_every
                    self.check_head()
                self.error = None
                self._wake.wait(every)
                self._wake.clear()
            except (ClientError, OSError) as error:
                self.error = error
                log.error("%s: %s", type(error).__name__, error)  # noqa: TRY400 - not a bug
                again = max(every, error.retry_after) if isinstance(error, Temporary) else BACKOFF_S[1]
                self._ambient.wait(self._stop, again)

    def _pause(self, failures: int) -> float:
        """Exponential back-off, of which a random half is left out."""
        least, most = BACKOFF_S
        jitter = int.from_bytes(self._ambient.random(4), "big") / 2**32
        return min(most, least * 2.0 ** min(failures, 20)) * (0.5 + jitter / 2)

    def _trusted(self) -> Trust:
        if self._outbox.evidence():
            raise MisbehaviourError("evidence against the server is kept", self._outbox.evidence()[0])
        if self._trust is None:
            raise Unpinned("no verifier key was given")
        return self._trust

    def _send(self) -> int:
        self._trusted()
        bodies = self._outbox.batch(self._batch_size, self._ambient.uuid7)
        if self._outbox.state.awaited:
            self._api.await_receipt(self._outbox.state.awaited)
        answer = self._api.post_events(b"\n".join(bodies), self._outbox.state.key)
        _reached("answer.read")
        if answer.status in {200, 201}:
            return self._accept(bodies, answer)
        if answer.status == 202:
            self._outbox.accepted(_first_place(answer))
            raise self._api.pending(answer)
        if answer.problem.get("code") == "idempotency_conflict":
            self._outbox.fix(bodies, self._ambient.uuid7())
            raise Temporary("the idempotency key stands for another request; a new one is taken")
        return self._isolate(bodies, answer)

    def _accept(self, bodies: Sequence[bytes], answer: Answer) -> int:
        """Every row verified, then kept, then gone from the spool."""
        value, trust, last = answer.json(), self._learned(), self._outbox.state.last
        with self._witnessed({"request": b"\n".join(bodies).decode(), "answer": answer.body.decode()}):
            events, rows = [_parsed(body) for body in bodies], _rows(value, len(bodies))
            leaves = [
                verified_event(event, row, trust.origin, trust.known, self._receipt_key)
                for event, row in zip(events, rows, strict=True)
            ]
            check_chain([*leaves, *([last] if last else [])])
            lines = [_kept_line(event, row) for event, row in zip(events, rows, strict=True)]
        self._outbox.keep(bodies, lines, _newest(last, leaves))
        return len(bodies)

    def _learned(self) -> Trust:
        """Trust with the control leaves; where no checkpoint covers them yet, one is asked for."""
        trust = self._trusted()
        with contextlib.suppress(Temporary):
            trust.known  # noqa: B018 - asked whether it is known
            return trust
        try:
            self.check_head()
        except Temporary:
            self._api.seal()
            self.check_head()
        return trust

    def _receipt_key(self, kid: str, index: int) -> bytes:
        """The key that may sign receipts there; a newer head is asked before the server is accused."""
        trust = self._trusted()
        key = trust.receipt_key(kid, index)
        if key is None:
            head = self.check_head()
            key = trust.receipt_key(kid, index)
            if key is None and head.size <= index:
                raise Temporary(f"no checkpoint vouches for the receipt key {kid} yet")
        if key is None:
            raise MisbehaviourError(f"the receipt key {kid} is not delegated at index {index}")
        return key

    def _isolate(self, bodies: Sequence[bytes], answer: Answer) -> int:
        """Send fewer until the refused event is alone; only what is refused alone, for what it says, is given up.

        Raises what `failure` gives for every other refusal: the events stay.
        """
        problem = answer.problem
        if str(problem.get("code")) not in (_OF_A_BATCH if len(bodies) > 1 else _OF_AN_EVENT):
            raise self._api.failure(answer)
        if len(bodies) > 1:
            line = re.match(r"\$\[([0-9]{1,4})\]", str(problem.get("path")))
            fewer = int(line[1]) if line else len(bodies) // 2
            self._outbox.fix(bodies[: min(max(fewer, 1), len(bodies) - 1)], self._ambient.uuid7())
            return 0
        told = {name: problem[name] for name in ("code", "detail", "path", "request_id") if name in problem}
        record = {"status": answer.status, "problem": told, "event": _parsed(bodies[0])}
        log.error("an event was refused for good: %s", told)
        self._outbox.bury(bodies, canonical(record) + b"\n")
        return 0

    @contextlib.contextmanager
    def _witnessed(self, evidence: Mapping[str, str]) -> Iterator[None]:
        """Whatever turns out to be a lie here is kept in a file with `evidence` before it is raised."""
        try:
            yield
        except (
            ValueError,
            KeyError,
            TypeError,
            IndexError,
            AttributeError,
            OverflowError,
            RecursionError,
        ) as error:
            raise self._accused(f"an answer has not the form that was promised: {error!r}", evidence) from error
        except MisbehaviourError as error:
            if error.evidence is not None:
                raise
            raise self._accused(str(error), evidence) from error

    def _accused(self, what: str, evidence: Mapping[str, str]) -> MisbehaviourError:
        now = datetime.fromtimestamp(self._ambient.now(), UTC)
        remembered = self._trust.head.note if self._trust and self._trust.head else None
        record: dict[str, Any] = {"what": what, "at": now.isoformat(), "remembered": remembered, **evidence}
        record |= {"state": asdict(self._outbox.state)}
        name = f"{now:%Y%m%dT%H%M%SZ}-{hashlib.sha256(what.encode()).hexdigest()[:8]}"
        return MisbehaviourError(what, self._outbox.accuse(name, record))


def _first_place(answer: Answer) -> str:
    """Where the first receipt of a batch that was accepted without them will be."""
    with contextlib.suppress(ValueError, KeyError, TypeError, IndexError, Temporary):
        return f"events/{int(answer.json()['indices'][0])}/receipt/"
    raise Temporary("an answer 202 does not say where the events stand")


def _rows(value: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    """The columns of an answer as one row for each event that was sent."""
    names = {"index": "indices", "leaf": "leaves", "receipt": "receipts", "salts": "salts"}
    columns = [value[name] for name in names.values()]
    _demand({len(column) for column in columns} == {count}, "the answer is not about the events that were sent")
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _kept_line(event: Mapping[str, Any], row: Mapping[str, Any]) -> bytes:
    return canonical({"id": event["id"], "source": event["source"], **row}) + b"\n"


# --- command line


_EPILOG: Final = """\
The token is read from COUNTERSIGN_TOKEN.
exit codes: 0 done, 1 the server misbehaved, 2 refused, 75 try again later

example:
  python countersign_client.py append ai.decision --payload '{"outcome": "refer"}'
"""


_TOLD: Final = {
    "url": "https://host[/prefix]",
    "stream": "namespace/stream",
    "spool": "a directory",
    "vkey": "the log's verifier key, from its trust sheet",
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="countersign_client.py",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Append events to a durable spool, send them, and verify what the ledger answers.",
        epilog=_EPILOG,
    )
    for name, words in _TOLD.items():
        variable = f"COUNTERSIGN_{name.upper()}"
        parser.add_argument(f"--{name}", default=os.environ.get(variable), help=f"{words} (or {variable})")
    commands = parser.add_subparsers(dest="command", required=True)
    append = commands.add_parser("append", help="keep one event on the disk; prints its id")
    append.add_argument("type")
    append.add_argument("--payload", default="-", help="JSON; - reads standard input (default)")
    for name in _ATTRS:
        append.add_argument(f"--{name}")
    flush = commands.add_parser("flush", help="send what waits and verify the receipts; prints how many")
    flush.add_argument("--timeout", type=float, default=60.0, help="seconds (default 60)")
    commands.add_parser("status", help="what waits, what is remembered, what is wrong")
    commands.add_parser("head", help="verify the newest checkpoint against the remembered one")
    move = commands.add_parser("move", help="hand what a closed stream no longer takes to the stream that continues it")
    for name in ("stream", "spool", "vkey"):
        move.add_argument(f"--to-{name}", required=True, help=f"{_TOLD[name]}, of the stream that continues it")
    return parser


def _ran(client: Client, given: argparse.Namespace) -> Any:
    if given.command == "append":
        text = sys.stdin.buffer.read() if given.payload == "-" else given.payload.encode()
        try:
            payload = _parsed(text)
        except ValueError as error:
            raise EventRefused(f"the payload is not JSON: {error}") from error
        return {"id": client.append(given.type, payload, **{name: getattr(given, name) for name in _ATTRS})}
    if given.command == "flush":
        return {"receipted": client.flush(given.timeout), **client.status()}
    if given.command == "head":
        head = client.check_head()
        return {"size": head.size, "root": head.root.hex()}
    if given.command == "move":
        with _client(given.url, given.to_stream, given.to_spool, given.to_vkey) as successor:
            return {"moved": client.move_to(successor), **successor.status()}
    return client.status()


def _client(url: str, stream: str, spool: str, vkey: str | None) -> Client:
    namespace, _, name = stream.partition("/")
    return Client(url, namespace, name, os.environ.get("COUNTERSIGN_TOKEN", ""), spool_dir=spool, vkey=vkey or None)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; prints JSON, and errors as one line: what, and what next."""
    given = _parser().parse_args(arguments)
    try:
        if not (given.url and given.stream and given.spool):
            raise ValueError("--url, --stream and --spool are needed")
        with _client(given.url, given.stream, given.spool, given.vkey) as client:
            sys.stdout.write(json.dumps(_ran(client, given)) + "\n")
    except (ClientError, ValueError, OSError) as error:
        following = error.next if isinstance(error, ClientError) else "See --help."
        sys.stderr.write(f"countersign_client: {error} Next: {following}\n")
        return 75 if isinstance(error, Temporary) else 1 if isinstance(error, MisbehaviourError) else 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
