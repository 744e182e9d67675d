"""Receipts as they must be: made again from their leaves, compared byte for byte, and their signatures checked.

Guarantees that a receipt is passed here only where nothing is wrong with it: its leaf is a faultless event of the range
(leaf_runs.py), its line is the one form of the one body that leaf, genesis and key give, the key covers the index, the
signature verifies, and no witness saw a later head without it. Any other line is left to receipts.py, which decides and
names the fault. `Quick.passed` reads and changes nothing outside, so that it may run beside others.
"""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from ledger.core import ed25519
from ledger.core.bundle.layout import LEAVES
from ledger.core.canonical import canonical_pure
from ledger.core.control import ControlHistory, Span
from ledger.core.dsse import pae
from ledger.core.receipt import PAYLOAD_TYPE, body_of, promised
from ledger.core.types import HASH_BYTES
from ledger.core.verify.archive import Archive
from ledger.core.verify.case import Case
from ledger.core.verify.table import LeafTable
from ledger.errors import LeafSchema

BATCH: Final = 64
_MOST_LEAF_BYTES: Final = 1 << 20
_HEAD: Final = b'{"payload":"'
_TAIL: Final = b'"}]}'
_BEGIN: Final = len(_HEAD)
_INDEX: Final = slice(_BEGIN, _BEGIN + 32)
_INDEX_AT: Final = len(b'{"index":')
_SIGNED: Final = 88 + len(_TAIL)
_RECORDED: Final = b'"recorded":"'
_TIME: Final = 27
_HEX: Final = 2 * HASH_BYTES


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines of the file in a row, from line `number` on, with what is needed to judge them.

    `places`: for each the place of its leaf in the table, -1 where that is no faultless event; `leaves`: the bytes of
    leaves.ndjson from `at` on that hold those leaves.
    """

    number: int
    lines: Sequence[bytes]
    places: Sequence[int]
    leaves: bytes
    at: int


@dataclass(frozen=True, slots=True)
class _Key:
    """A receipt key, its name as JSON writes it, and the leaves it may sign."""

    written: str
    public: bytes
    span: Span


class Quick:
    """What all receipts of one bundle have in common; made by `quick`."""

    def __init__(self, archive: Archive, leaves: LeafTable, size: int, history: ControlHistory) -> None:
        self._archive, self._leaves, self._size = archive, leaves, size
        self._log, self._delay = history.genesis.leaf_hash.hex(), history.max_merge_delay
        self._origin = _json(history.genesis.origin)
        self._keys: dict[bytes, _Key] = {}
        self._sizes: list[int] = []
        self._latest: list[str] = []

    def under(self, keys: Mapping[str, tuple[bytes, Span]]) -> None:
        """Receipts may be signed under `keys`."""
        self._keys = {_middle(kid): _Key(_json(kid), public, span) for kid, (public, span) in keys.items() if kid}

    def seen_by(self, sizes: list[int], latest: list[str]) -> None:
        """Witnesses saw no larger head than `sizes` (ascending) until `latest`, each."""
        self._sizes, self._latest = sizes, latest

    def batch(self, number: int, lines: Sequence[bytes]) -> Batch:
        """The lines from `number` on with what is needed to judge them."""
        places, guess = [], 0
        for line in lines:
            places.append(self._place(line, guess))
            guess = places[-1] + 1
        found = [place for place in places if place >= 0]
        if not found:
            return Batch(number, lines, places, b"", 0)
        first, last = min(found), max(found)
        at = self._leaves.offsets[first]
        length = self._leaves.offsets[last] + self._leaves.lengths[last] - at
        if length > _MOST_LEAF_BYTES:
            return Batch(number, lines, [-1] * len(lines), b"", 0)
        return Batch(number, lines, places, self._archive.slice(LEAVES, at, length), at)

    def passed(self, batch: Batch) -> list[bool]:
        """For each line whether it is a faultless receipt of its leaf."""
        both = zip(batch.lines, batch.places, strict=True)
        return [place >= 0 and self._passes(line, place, batch) for line, place in both]

    def _place(self, line: bytes, guess: int) -> int:
        """Where the faultless event of this receipt stands in the table, perhaps at `guess`; -1 where there is none."""
        try:
            index = int(a2b_base64(line[_INDEX])[_INDEX_AT:].partition(b",")[0])
        except ValueError:
            return -1
        indices = self._leaves.indices
        place = guess if guess < len(indices) and indices[guess] == index else self._leaves.place_of(index)
        return place if place is not None and self._leaves.usual[place] else -1

    def _passes(self, line: bytes, place: int, batch: Batch) -> bool:
        payload, _, rest = line[_BEGIN:].partition(b'"')
        key = self._keys.get(rest[:-_SIGNED])
        index = self._leaves.indices[place]
        if key is None or not line.startswith(_HEAD) or not line.endswith(_TAIL):
            return False
        if not key.span.covers(index) or index >= self._size:
            return False
        body = self._body(index, place, key, batch)
        signature = _decoded(rest[-_SIGNED : -len(_TAIL)])
        if body is None or signature is None or b2a_base64(body, newline=False) != payload:
            return False
        return ed25519.verify(key.public, pae(PAYLOAD_TYPE, body), signature)

    def _body(self, index: int, place: int, key: _Key, batch: Batch) -> bytes | None:
        """The only body a receipt of this leaf can have; None where its promise was broken."""
        at = batch.leaves.index(_RECORDED, self._leaves.offsets[place] - batch.at) + len(_RECORDED)
        recorded = batch.leaves[at : at + _TIME].decode()
        try:
            due = promised(recorded, self._delay)
        except LeafSchema:
            return None
        known = bisect_right(self._sizes, index)
        if known and self._latest[known - 1] > due:
            return None
        both = self._leaves.hashes[(place - 1) * HASH_BYTES : (place + 1) * HASH_BYTES].hex()
        prev, own = f'"{both[:_HEX]}"', both[_HEX:]
        return body_of(index, (key.written, self._log, self._origin), own, prev, (recorded, due))


def quick(
    case: Case, keys: Mapping[str, tuple[bytes, Span]], sizes: list[int], latest: list[str]
) -> Quick | None:  # fmt: skip
    """The judge of faultless receipts under `keys` (public key and span by kid); None where none can be faultless.

    Witnesses knew no larger head than each of `sizes`, ascending, until the time in `latest`.
    """
    history, head, leaves = case.history, case.head, case.leaves
    if history is None or head is None or leaves is None or history.genesis.origin != case.origin:
        return None
    judge = Quick(case.archive, leaves, head.checkpoint.size, history)
    judge.under(keys)
    judge.seen_by(sizes, latest)
    return judge


def batches(judge: Quick, lines: Iterator[bytes]) -> Iterator[Batch]:
    """All `lines` in order, as batches."""
    number, held = 1, list[bytes]()
    for line in lines:
        held.append(line)
        if len(held) == BATCH:
            yield judge.batch(number, held)
            number, held = number + BATCH, []
    if held:
        yield judge.batch(number, held)


def _decoded(text: bytes) -> bytes | None:
    """The bytes of standard, padded, canonical base64; None for anything else."""
    try:
        data = a2b_base64(text)
    except Error:
        return None
    return data if b2a_base64(data, newline=False) == text else None


def _middle(kid: str) -> bytes:
    """What stands between payload and signature in the line of a receipt under this key."""
    return f',"payloadType":{_json(PAYLOAD_TYPE)},"signatures":[{{"keyid":{_json(kid)},"sig":"'.encode()


@lru_cache(maxsize=64)
def _json(text: str) -> str:
    return canonical_pure(text).decode()
