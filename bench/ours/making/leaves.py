"""The events of one window, as the product writes them: leaf, objects, search columns, lookup key, signed receipt.

Bytes come from templates, since ten million events have to be quick; the first event of each window is held against
the core's own functions, byte for byte. Only fingerprints of payloads are left out.
"""

from __future__ import annotations

import hmac
import os
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from bench.events import event_of
from bench.ours.making.binary import NULL, Table, data, moment, whole
from ledger.core.commitment import ATTRS_MEDIA_TYPE, DOMAIN
from ledger.core.dsse import pae
from ledger.core.envelope import build
from ledger.core.event import (
    JSON_MEDIA_TYPE,
    RawEvent,
    Salts,
    attrs_bytes,
    event_fields,
    fingerprint_of,
    lookup_of,
)
from ledger.core.ingest import Defaults, from_plain
from ledger.core.receipt import PAYLOAD_TYPE, promise
from ledger.core.times import format_time
from ledger.core.types import Hash, JSONObject
from ledger.models import KeyUse
from ledger.selectors.keys import key_in_force
from ledger.selectors.streams import StreamView
from ledger.services.lookup import lookup_key
from ledger.storage.signer import signer

LEAF = "stream_id, index, kind, bytes, hash, recorded, kid, batch, lookup"
OBJECT = "stream_id, index, role, media_type, size, salt, data, blob, fingerprint, fingerprint_key"
INDEX = "stream_id, index, type, source, event_id, subject, claimed_time, recorded"
RECEIPT = "stream_id, index, kid, signature"
BATCH = data(bytes(16))
_SALT = 32
_OUTCOMES = (b"approve", b"refer", b"decline")
_LEAF = (
    b'{"attrs":"%b","index":%d,"kind":"event","origin":"%b","payload":"%b","prev":"%b","recorded":"%b",'
    b'"type":"ai.decision","v":"countersign/1"}'
)
_ATTRS = b'{"id":"b-%d","sequence":"%d","source":"urn:acme:scoring","subject":"case-%d","time":"2026-11-21T09:16:58Z"}'
_PAYLOAD = b'{"model":"m-3","outcome":"%b","score":%d}'
_CLAIMED = moment(datetime(2026, 11, 21, 9, 16, 58, tzinfo=UTC))
_RECEIPT = (
    b'{"index":%d,"kid":"%b","leaf_hash":"%b","log":"%b","origin":"%b","prev":"%b","promised_by":"%b",'
    b'"recorded":"%b","v":"countersign/1"}'
)


@dataclass(frozen=True)
class Place:
    """Where the events of a window begin."""

    index: int
    prev: Hash
    recorded: datetime


@dataclass(frozen=True)
class Tables:
    """Where events go."""

    leaf: Table
    object: Table
    index: Table
    receipt: Table


@dataclass(frozen=True)
class _Made:
    """One event: the bytes of its leaf and objects, and where its salts stand."""

    index: int
    raw: bytes
    hash: bytes
    prev: bytes
    attrs: bytes
    payload: bytes
    salts: tuple[bytes, bytes]


class Maker:
    """Makes and writes the events of a stream, window by window: some fifty microseconds an event."""

    def __init__(self, stream: StreamView, tables: Tables) -> None:
        self._stream, self._tables = stream, tables
        self._origin = stream.origin.encode()
        self._key = key_in_force(stream.id, KeyUse.RECEIPT)
        self._lookup = hmac.new(lookup_key(stream.origin, stream.lookup_key), b"urn:acme:scoring\0", sha256)

    def events(self, at: Place, count: int) -> list[tuple[bytes, Hash]]:
        """Write `count` events from `at` on; returns the bytes and hashes of their leaves."""
        recorded, prev, made = format_time(at.recorded).encode(), bytes(at.prev), []
        salts = os.urandom(2 * _SALT * count)
        for index in range(at.index, at.index + count):
            first = 2 * _SALT * (index - at.index)
            one = self._event(index, prev, recorded, (salts[first : first + _SALT], salts[first + _SALT :][:_SALT]))
            made.append(one)
            prev = one.hash
        receipts = [self._receipt(one, recorded, at.recorded) for one in made]
        signatures = signer().sign_many(self._key, (pae(PAYLOAD_TYPE, body) for body in receipts))
        self._hold_against_the_core(made[0], receipts[0], recorded.decode())
        self._write(at, made, signatures)
        return [(one.raw, Hash(one.hash)) for one in made]

    def _event(self, index: int, prev: bytes, recorded: bytes, salts: tuple[bytes, bytes]) -> _Made:
        attrs = _ATTRS % (index, index, index % 9973)
        payload = _PAYLOAD % (_OUTCOMES[index % 3], index % 1000)
        commitments = _committed(salts[0], _ATTRS_MEDIA, attrs), _committed(salts[1], _JSON_MEDIA, payload)
        raw = _LEAF % (commitments[0], index, self._origin, commitments[1], prev.hex().encode(), recorded)
        return _Made(index, raw, sha256(b"\0" + raw).digest(), prev, attrs, payload, salts)

    def _receipt(self, one: _Made, recorded: bytes, moment: datetime) -> bytes:
        due = format_time(moment + timedelta(seconds=self._stream.max_merge_delay_s)).encode()
        told = (one.hash.hex().encode(), self._stream.log.hex().encode(), self._origin, one.prev.hex().encode())
        return _RECEIPT % (one.index, self._key.kid.encode(), *told, due, recorded)

    def _hold_against_the_core(self, one: _Made, receipt: bytes, recorded: str) -> None:
        event = from_plain(event_of(one.index), Defaults("", ""))
        assert (attrs_bytes(event), event.payload) == (one.attrs, one.payload)
        fields: JSONObject = event_fields(event, one.attrs, Salts(*one.salts))
        leaf = build("event", self._stream.origin, one.index, Hash(one.prev), recorded, fields)
        assert (leaf.raw, leaf.leaf_hash) == (one.raw, one.hash)
        assert promise(self._stream.log, leaf, self._key.kid, self._stream.max_merge_delay_s).body() == receipt
        lookup = lookup_of(lookup_key(self._stream.origin, self._stream.lookup_key), event.source, event.id)
        assert lookup == self._lookup_of(one.index)

    def _lookup_of(self, index: int) -> bytes:
        code = self._lookup.copy()
        code.update(b"b-%d" % index)
        return code.digest()

    def _write(self, at: Place, made: list[_Made], signatures: list[bytes]) -> None:
        before, kid, when = whole(self._stream.id), data(self._key.kid.encode()), moment(at.recorded)
        kind, tail, words = data(b"event"), when + kid + BATCH, data(b"ai.decision") + data(b"urn:acme:scoring")
        self._tables.leaf.rows(
            before + whole(one.index) + kind + data(one.raw) + data(one.hash) + tail + data(self._lookup_of(one.index))
            for one in made
        )
        self._tables.receipt.rows(
            before + whole(one.index) + kid + data(sig) for one, sig in zip(made, signatures, strict=True)
        )
        self._tables.object.rows(
            before + whole(one.index) + row
            for one in made
            for row in (
                _object(b"attrs", _ATTRS_MEDIA, one.salts[0], one.attrs) + NULL * 2,
                _object(b"payload", _JSON_MEDIA, one.salts[1], one.payload) + _fingerprint(one),
            )
        )
        self._tables.index.rows(
            before + whole(one.index) + words + data(b"b-%d" % one.index) + data(b"case-%d" % (one.index % 9973))
            + _CLAIMED + when
            for one in made
        )  # fmt: skip


_ATTRS_MEDIA, _JSON_MEDIA = ATTRS_MEDIA_TYPE.encode(), JSON_MEDIA_TYPE.encode()


def _committed(salt: bytes, media: bytes, content: bytes) -> bytes:
    head = struct.pack(">QB", len(content), len(media))
    return sha256(b"".join((DOMAIN, salt, head, media, content))).hexdigest().encode()


def _object(role: bytes, media: bytes, salt: bytes, content: bytes) -> bytes:
    return data(role) + data(media) + whole(len(content)) + data(salt) + data(content) + NULL


def _fingerprint(one: _Made) -> bytes:
    key = os.urandom(_SALT)
    event = RawEvent(type="ai.decision", id="", source="", payload=one.payload)
    return data(fingerprint_of(key, event, one.attrs)) + data(key)
