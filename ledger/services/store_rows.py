"""What stands beside the leaves, a thousand leaves at a time: columns, receipts, objects, search columns, places.

Everything is computed from the leaves' bytes and what opens their commitments. Rows are read by range and not by
what the leaves ask for, so that a row too many is found as well as one too few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from ledger.core import ed25519
from ledger.core.commitment import open_commitment
from ledger.core.dsse import pae
from ledger.core.envelope import Envelope
from ledger.core.event import lookup_of
from ledger.core.head import head_of
from ledger.core.keys import DelegatedKey
from ledger.core.receipt import PAYLOAD_TYPE, promise
from ledger.core.strict_json import parse
from ledger.core.times import parse_time
from ledger.core.types import JSONObject
from ledger.errors import KeyUnusable, LedgerError
from ledger.models import EventIndex, LeafObject, LoggedHead, Receipt
from ledger.selectors.heads import is_log_of_heads
from ledger.selectors.leaves import ObjectView
from ledger.services.drafts import claimed_time
from ledger.services.lookup import lookup_key
from ledger.services.store_findings import StoreFindings
from ledger.services.store_fingerprints import Print, check_fingerprint
from ledger.services.store_frozen import Frozen
from ledger.services.store_notices import check_notices

ROLES = {"attrs": "attrs_digest_mismatch", "payload": "payload_digest_mismatch"}
WORDS = ("type", "source", "event_id", "subject", "claimed_time", "recorded")
_moment = lru_cache(maxsize=4096)(parse_time)


@dataclass(frozen=True, slots=True)
class Row:
    """A leaf that could be read, with the columns beside it."""

    leaf: Envelope
    kind: str
    recorded: datetime
    kid: str | None
    lookup: bytes | None


@dataclass(slots=True)
class Beside:
    """What was opened, and what is gone: (index, role) that no object answers to."""

    attrs: dict[int, JSONObject] = field(default_factory=dict)
    gone: list[tuple[int, str]] = field(default_factory=list)


class Rows:
    """The checks of one stream; call `check` with the readable rows of leaves [first, last)."""

    def __init__(self, frozen: Frozen, found: StoreFindings) -> None:
        self._frozen, self._found, self._stream = frozen, found, frozen.stream
        spans = [(one.key, one) for one in (frozen.history.keys if frozen.history else ())]
        self._keys = {
            key.kid: (key.public, span) for key, span in spans if isinstance(key, DelegatedKey) and key.use == "receipt"
        }
        self._lookup_key = opened_lookup_key(frozen)

    def check(self, first: int, last: int, rows: Sequence[Row]) -> Beside:
        """Compare everything beside these leaves; returns what was opened and what is gone."""
        events = [row for row in rows if row.leaf.kind == "event"]
        beside = self.opened(first, last, rows, events)
        for row in rows:
            self._columns(row, beside.attrs.get(int(row.leaf.index)))
        self._receipts(first, last, rows, events)
        self._index(first, last, rows, events, beside)
        check_notices(self._found, self._stream.id, first, last, [row.leaf for row in rows])
        if is_log_of_heads(self._stream):
            self._places(first, last, rows)
        return beside

    def _columns(self, row: Row, attrs: JSONObject | None) -> None:
        leaf, wrong = row.leaf, []
        if row.kind != leaf.kind:
            wrong.append("kind")
        if row.recorded != _moment(leaf.recorded):
            wrong.append("recorded")
        if leaf.kind != "event" and (row.kid is not None or row.lookup is not None):
            wrong.append("kid" if row.kid is not None else "lookup")
        if leaf.kind == "event" and self._keys and not self._may_sign(row.kid, int(leaf.index)):
            wrong.append("kid")
        if attrs is not None and self._lookup_key is None:
            self._found.count("lookups not compared")
        elif attrs is not None and row.lookup != self._lookup(attrs):
            wrong.append("lookup")
        if wrong:
            self._found.problem("leaf_columns_mismatch", f"leaf {leaf.index}", f"Another {', '.join(wrong)} is stored.")

    def _lookup(self, attrs: JSONObject) -> bytes:
        return lookup_of(self._lookup_key or b"", str(attrs["source"]), str(attrs["id"]))

    def _may_sign(self, kid: str | None, index: int) -> bool:
        known = self._keys.get(kid or "")
        return known is not None and known[1].covers(index)

    def _receipts(self, first: int, last: int, rows: Sequence[Row], events: Sequence[Row]) -> None:
        found = Receipt.objects.filter(stream_id=self._stream.id, index__gte=first, index__lt=last)
        stored = {
            index: (kid, bytes(sig), issued)
            for index, kid, sig, issued in found.values_list("index", "kid", "signature", "issued")
        }
        for row in events:
            self._receipt(row.leaf, stored.pop(int(row.leaf.index), None))
        for index in stored.keys() & {int(row.leaf.index) for row in rows}:
            self._found.problem("receipt_mismatch", f"receipt {index}", "The leaf is no event, and has no receipt.")

    def _receipt(self, leaf: Envelope, stored: tuple[str, bytes, int | None] | None) -> None:
        path, known = f"receipt {leaf.index}", self._frozen.history
        if stored is None:
            if leaf.index < self._frozen.signed:
                self._found.problem("receipt_missing", path, "No receipt is stored for a published event.")
            return
        kid, signature, issued = stored
        if known is None or (leaf.index >= self._frozen.signed and kid not in self._keys):
            return  # told by the check of the control chain; or sealed since, by a key that came since
        body = promise(known.genesis.leaf_hash, leaf, kid, known.max_merge_delay, issued).body()
        may = self._may_sign(kid, int(leaf.index) if issued is None else max(issued, int(leaf.index)))
        if not may or not ed25519.verify(self._keys[kid][0], pae(PAYLOAD_TYPE, body), signature):
            self._found.problem("receipt_signature_wrong", path, f"The signature by {kid} does not verify.")
        self._found.count("receipts")

    def opened(self, first: int, last: int, rows: Sequence[Row], events: Sequence[Row]) -> Beside:
        """Open the commitments of `events` with the objects of leaves [first, last)."""
        (held, prints), beside = _objects(self._stream.id, first, last), Beside()
        for row in events:
            index = int(row.leaf.index)
            both: dict[str, bytes | None] = {}
            for role in ROLES:
                thing = held.pop((index, role), None)
                both[role] = None if thing is None else self._open(row.leaf, role, thing)
                if thing is None:
                    beside.gone.append((index, role))
            check_fingerprint(self._found, row.leaf, prints.get(index), both["attrs"], both["payload"])
            beside.attrs.update(_read(index, both["attrs"]))
        readable = {int(row.leaf.index) for row in rows}
        for index, role in held:
            if index in readable:
                self._found.problem(ROLES[role], f"{role} {index}", "No leaf commits to this object.")
        return beside

    def _open(self, leaf: Envelope, role: str, thing: ObjectView) -> bytes | None:
        """The bytes, if they open the commitment; what does not is told."""
        path = f"{role} {leaf.index}"
        self._found.count("objects")
        try:
            data = thing.data
            open_commitment(bytes.fromhex(str(leaf.fields[role])), thing.salt, thing.media_type, data)
        except LedgerError as error:
            self._found.refused(error, path, "payload_missing" if error.code == "payload_erased" else ROLES[role])
            return None
        if thing.size != len(data):
            self._found.problem(ROLES[role], path, "Another size is stored beside the bytes.")
        return data

    def _index(self, first: int, last: int, rows: Sequence[Row], events: Sequence[Row], beside: Beside) -> None:
        found = EventIndex.objects.filter(stream_id=self._stream.id, index__gte=first, index__lt=last)
        stored = {row[0]: row[1:] for row in found.values_list("index", *WORDS)}
        gone = {index for index, role in beside.gone if role == "attrs"}
        for row in events:
            index = int(row.leaf.index)
            self._indexed(row.leaf, stored.pop(index, None), beside.attrs.get(index), erased=index in gone)
        for index in stored.keys() & {int(row.leaf.index) for row in rows}:
            self._found.problem("index_mismatch", f"index {index}", "The leaf is no event, and has no search columns.")

    def _indexed(self, leaf: Envelope, row: tuple[Any, ...] | None, attrs: JSONObject | None, *, erased: bool) -> None:
        path = f"index {leaf.index}"
        self._found.count("indexed", row is not None)
        if row is None:
            if not erased:
                self._found.problem("index_mismatch", path, "The event has no search columns.")
            return
        if attrs is None and not erased:
            return  # the attributes do not open, and that is told
        expected = columns_of(leaf, attrs)
        wrong = [name for name, held, told in zip(WORDS, row, expected, strict=True) if held != told]
        if wrong:
            self._found.problem("index_mismatch", path, f"Another {', '.join(wrong)} is stored than the event says.")

    def _places(self, first: int, last: int, rows: Sequence[Row]) -> None:
        found = LoggedHead.objects.filter(index__gte=first, index__lt=last, log__isnull=True)
        stored = {row[0]: row[1:] for row in found.values_list("index", "stream__origin", "size")}
        for row in rows:
            path = f"logged head {row.leaf.index}"
            place = stored.pop(int(row.leaf.index), None)
            head = head_of(row.leaf) if row.leaf.kind == "head" else None
            if head is not None and place != (head.origin, head.size):
                told = "no place" if place is None else f"the place of {place[0]}, {place[1]}"
                self._found.problem("logged_head_mismatch", path, f"{head.origin}, {head.size} has {told}.")
            elif head is None and place is not None:
                self._found.problem("logged_head_mismatch", path, "The leaf at this place is no head.")
            self._found.count("logged heads", head is not None)


def columns_of(leaf: Envelope, attrs: JSONObject | None) -> tuple[Any, ...]:
    """The search columns of an event in the order of `WORDS`; those of erased attributes are None."""
    told = attrs or {}
    claimed = claimed_time(str(told["time"])) if "time" in told else None
    words = (told.get("source"), told.get("id"), told.get("subject"), claimed)
    return (str(leaf.fields["type"]), *words, _moment(leaf.recorded))


def _read(index: int, data: bytes | None) -> dict[int, JSONObject]:
    value = None if data is None else parse(data)
    return {index: value} if isinstance(value, dict) else {}


def _objects(stream_id: int, first: int, last: int) -> tuple[dict[tuple[int, str], ObjectView], dict[int, Print]]:
    """Objects, and the fingerprints of payloads, of one moment: an erasure takes both in one transaction."""
    rows = LeafObject.objects.filter(stream_id=stream_id, index__gte=first, index__lt=last, salt__isnull=False)
    columns = ("index", "role", "media_type", "size", "salt", "data", "blob", "fingerprint_key", "fingerprint")
    objects: dict[tuple[int, str], ObjectView] = {}
    prints: dict[int, Print] = {}
    for index, role, media, size, salt, data, blob, key, held in rows.values_list(*columns):
        if data is not None or blob is not None:
            objects[index, role] = ObjectView(media, size, bytes(salt), None if data is None else bytes(data), blob)
        if role == "payload":
            prints[index] = Print(media, key and bytes(key), held and bytes(held))
    return objects, prints


def opened_lookup_key(frozen: Frozen) -> bytes | None:
    """None where it does not open here: lookups are not compared then, and that is counted. Whether the row was
    altered, or this machine has not the key that seals keys, is for `check_stream` to say.
    """
    try:
        return lookup_key(frozen.stream.origin, frozen.stream.lookup_key)
    except KeyUnusable:
        return None
