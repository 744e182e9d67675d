"""The events of one window as leaves: `Bare` by a template, `Full` through the core and with objects."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from bench.events import event_of
from bench.ours.making.binary import NULL, Table, data, moment, whole
from ledger.core.commitment import ATTRS_MEDIA_TYPE
from ledger.core.envelope import Envelope, build, parse
from ledger.core.event import RawEvent, Salts, attrs_bytes, event_fields, lookup_of
from ledger.core.ingest import Defaults, from_plain
from ledger.core.times import format_time
from ledger.core.types import Hash
from ledger.selectors.receipts import derived
from ledger.selectors.streams import StreamView
from ledger.services.lookup import lookup_key

LEAF = "stream_id, index, kind, bytes, hash, recorded, kid, batch, lookup"
OBJECT = "stream_id, index, role, media_type, size, salt, data, blob, fingerprint, fingerprint_key"
INDEX = "stream_id, index, type, source, event_id, subject, claimed_time, recorded"
RECEIPT = "stream_id, index, kid, signature"
BATCH = data(bytes(16))


@dataclass(frozen=True)
class Place:
    """Where the events of a window begin."""

    index: int
    prev: Hash
    recorded: datetime


class Maker(Protocol):
    """Makes and writes the events of a window; returns the hashes of their leaves."""

    def events(self, at: Place, count: int) -> list[Hash]:
        """Write `count` events from `at` on."""


class Bare:
    """Event leaves alone, by a template; the first of each window is held against the strict parser.

    Lookup keys are the index in 32 digits and no HMAC: an index over them is as deep, and quicker to build.
    """

    def __init__(self, stream: StreamView, kid: str, leaf: Table) -> None:
        self._table, self._stream, self._kid = leaf, stream, data(kid.encode())

    def events(self, at: Place, count: int) -> list[Hash]:
        """Some four microseconds a leaf."""
        before, recorded = whole(self._stream.id), format_time(at.recorded).encode()
        origin = self._stream.origin.encode()
        tail = moment(at.recorded) + self._kid + BATCH
        kind, rows, hashes, prev = data(b"event"), [], [], at.prev.hex().encode()
        for index in range(at.index, at.index + count):
            attrs = sha256(b"a%d" % index).hexdigest().encode()
            payload = sha256(b"p%d" % index).hexdigest().encode()
            raw = _LEAF % (attrs, index, origin, payload, prev, recorded)
            digest = sha256(b"\0" + raw)
            hashes.append(Hash(digest.digest()))
            rows.append(before + whole(index) + kind + data(raw) + data(hashes[-1]) + tail + data(b"%032d" % index))
            if index == at.index:
                assert parse(raw).leaf_hash == hashes[-1]
            prev = digest.hexdigest().encode()
        self._table.rows(rows)
        return hashes


_LEAF = (
    b'{"attrs":"%b","index":%d,"kind":"event","origin":"%b","payload":"%b","prev":"%b","recorded":"%b",'
    b'"type":"ai.decision","v":"countersign/1"}'
)


@dataclass(frozen=True)
class Tables:
    """Where full events go."""

    leaf: Table
    object: Table
    index: Table
    receipt: Table


class Full:
    """Events with objects, search columns and signed receipts, as the product writes them; without fingerprints."""

    def __init__(self, stream: StreamView, kid: str, tables: Tables) -> None:
        self._stream, self._kid, self._tables = stream, kid, tables
        self._lookup_key = lookup_key(stream.origin, stream.lookup_key)

    def events(self, at: Place, count: int) -> list[Hash]:
        """Some hundred microseconds an event."""
        recorded, prev, leaves, objects = format_time(at.recorded), at.prev, [], []
        for index in range(at.index, at.index + count):
            event = from_plain(event_of(index), Defaults("", ""))
            attrs, salts = attrs_bytes(event), Salts(os.urandom(32), os.urandom(32))
            leaf = build("event", self._stream.origin, index, prev, recorded, event_fields(event, attrs, salts))
            prev = leaf.leaf_hash
            leaves.append(leaf)
            objects.append((event, attrs, salts))
        self._write(at, leaves, objects)
        return [leaf.leaf_hash for leaf in leaves]

    def _write(self, at: Place, leaves: Sequence[Envelope], objects: Sequence[tuple[RawEvent, bytes, Salts]]) -> None:
        before, kid, when = whole(self._stream.id), data(self._kid.encode()), moment(at.recorded)
        tail = when + kid + BATCH
        self._tables.leaf.rows(
            before + whole(leaf.index) + data(b"event") + data(leaf.raw) + data(leaf.leaf_hash) + tail
            + data(lookup_of(self._lookup_key, event.source, event.id))
            for leaf, (event, _, _) in zip(leaves, objects, strict=True)
        )  # fmt: skip
        signed = derived(self._stream, [(leaf, self._kid) for leaf in leaves])
        self._tables.receipt.rows(
            before + whole(leaf.index) + kid + data(one.signatures[0].sig)
            for leaf, one in zip(leaves, signed, strict=True)
        )
        for leaf, (event, attrs, salts) in zip(leaves, objects, strict=True):
            place = before + whole(leaf.index)
            self._tables.object.rows((
                place + _object(b"attrs", ATTRS_MEDIA_TYPE, salts.attrs, attrs),
                place + _object(b"payload", event.media_type, salts.payload, event.payload),
            ))  # fmt: skip
            words = (event.type, event.source, event.id, event.subject or "")
            self._tables.index.rows((place + b"".join(data(word.encode()) for word in words) + when + when,))


def _object(role: bytes, media_type: str, salt: bytes, content: bytes) -> bytes:
    told = data(role) + data(media_type.encode()) + whole(len(content)) + data(salt) + data(content)
    return told + NULL * 3
