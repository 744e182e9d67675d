"""Receipts as they must be: made again from their leaves, compared byte for byte, and their signatures checked.

Guarantees that a receipt is passed here only where nothing is wrong with it: its leaf is a faultless event of the range
(leaf_runs.py), its line is the one form of the one body that leaf, genesis and key give, the key covers the index, the
signature verifies, and no witness saw a later head without it. Any other line is left to receipts.py, which decides and
names the fault. `Quick.passed` reads its batch alone and changes nothing, so that it may run beside others, and in
another process.
"""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64
from bisect import bisect_right
from collections.abc import Iterator, Mapping
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

BATCH_BYTES: Final = 1 << 17
NONE: Final = -1
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

    `leaves`: the lines of leaves in a row, the first of `index`, in `place` of the table; `usual`: a byte for each, 1
    for a faultless event; `hashes`: theirs, and before them the hash of the leaf in front.
    """

    number: int
    block: bytes
    index: int = 0
    place: int = 0
    leaves: bytes = b""
    usual: bytes = b""
    hashes: bytes = b""

    @property
    def lines(self) -> list[bytes]:
        """The lines without their newlines."""
        return self.block.removesuffix(b"\n").split(b"\n")


@dataclass(frozen=True, slots=True)
class _Key:
    """A receipt key, the leaves it may sign, and the body of its receipts.

    `form` takes index, hash, hash before, promised time and time, as `bytes %` does.
    """

    public: bytes
    span: Span
    form: bytes


class Quick:
    """What all receipts of one bundle have in common; made by `quick`."""

    def __init__(self, size: int, history: ControlHistory) -> None:
        self._size, self._delay = size, history.max_merge_delay
        self._log, self._origin = history.genesis.leaf_hash.hex(), history.genesis.origin
        self._keys: dict[bytes, _Key] = {}
        self._sizes: list[int] = []
        self._latest: list[str] = []

    def under(self, keys: Mapping[str, tuple[bytes, Span]]) -> None:
        """Receipts may be signed under `keys`."""
        self._keys = {
            _middle(kid): _Key(*both, form_of(kid, self._log, self._origin)) for kid, both in keys.items() if kid
        }

    def seen_by(self, sizes: list[int], latest: list[str]) -> None:
        """Witnesses saw no larger head than `sizes` (ascending) until `latest`, each."""
        self._sizes, self._latest = sizes, latest

    def passed(self, batch: Batch) -> list[int]:
        """For each line the place in the table of the leaf whose faultless receipt it is; NONE where it is none."""
        run, found, at = _Run(batch), [], 0
        for line in batch.lines:
            if not self._passes(line, at, run):
                at = run.stated(line)
                if not self._passes(line, at, run):
                    found.append(NONE)
                    at += 1
                    continue
            found.append(batch.place + at)
            at += 1
        return found

    def _passes(self, line: bytes, at: int, run: _Run) -> bool:
        """Whether the line is the faultless receipt of the leaf at that place of the run."""
        if not (0 <= at < len(run.usual) and run.usual[at]):
            return False
        end = line.find(b'"', _BEGIN)
        key, index = self._keys.get(line[end + 1 : -_SIGNED]), run.index + at
        if key is None or not line.startswith(_HEAD) or not line.endswith(_TAIL):
            return False
        if not key.span.covers(index) or index >= self._size:
            return False
        body = self._body(index, at, key, run)
        signature = _decoded(line[-_SIGNED : -len(_TAIL)])
        if body is None or signature is None or b2a_base64(body, newline=False) != line[_BEGIN:end]:
            return False
        return ed25519.verify(key.public, pae(PAYLOAD_TYPE, body), signature)

    def _body(self, index: int, at: int, key: _Key, run: _Run) -> bytes | None:
        """The only body a receipt of this leaf can have; None where its promise was broken."""
        leaf = run.leaves[at]
        place = leaf.index(_RECORDED) + len(_RECORDED)
        recorded = leaf[place : place + _TIME]
        if recorded != run.recorded:
            try:
                run.recorded, run.due = recorded, promised(recorded.decode(), self._delay)
            except LeafSchema:
                return None
        due = run.due
        known = bisect_right(self._sizes, index) if self._sizes else 0
        if known and self._latest[known - 1] > due:
            return None
        prev, own = run.hashes[at * _HEX : (at + 1) * _HEX], run.hashes[(at + 1) * _HEX : (at + 2) * _HEX]
        return key.form % (index, own, prev, due.encode(), recorded)


class _Run:
    """The leaves of a batch, one by one; `due` is what a receipt promises of a leaf that was `recorded` then."""

    def __init__(self, batch: Batch) -> None:
        self.index, self.usual = batch.index, batch.usual
        self.leaves = batch.leaves.split(b"\n")
        self.hashes = batch.hashes.hex().encode()
        self.recorded, self.due = b"", ""

    def stated(self, line: bytes) -> int:
        """The place in the run of the leaf that a line names; NONE where it names none."""
        index = stated_index(line)
        return NONE if index is None else max(index - self.index, NONE)


def quick(
    case: Case, keys: Mapping[str, tuple[bytes, Span]], sizes: list[int], latest: list[str]
) -> Quick | None:  # fmt: skip
    """The judge of faultless receipts under `keys` (public key and span by kid); None where none can be faultless.

    Witnesses knew no larger head than each of `sizes`, ascending, until the time in `latest`.
    """
    history, head = case.history, case.head
    if history is None or head is None or case.leaves is None or history.genesis.origin != case.origin:
        return None
    judge = Quick(head.checkpoint.size, history)
    judge.under(keys)
    judge.seen_by(sizes, latest)
    return judge


def batches(archive: Archive, leaves: LeafTable, blocks: Iterator[bytes]) -> Iterator[Batch]:
    """All lines of `blocks` (whole lines each) in order, as batches."""
    number = 1
    for block in blocks:
        at = 0
        while at < len(block):
            end = block.find(b"\n", at + BATCH_BYTES) + 1 or len(block)
            batch = _batch(archive, leaves, number, block[at:end])
            yield batch
            number, at = number + block.count(b"\n", at, end), end


def _batch(archive: Archive, leaves: LeafTable, number: int, block: bytes) -> Batch:
    """The lines with the leaves from the first to the last that they name, where these lie in a row."""
    begin = block.rfind(b"\n", 0, -1) + 1
    stated = stated_index(block), stated_index(block[begin:])
    if None in stated:
        return Batch(number, block)
    first, last = (leaves.place_of(index) for index in stated if index is not None)
    if first is None or last is None:
        return Batch(number, block)
    first = max(first, 1)  # the receipt of the first leaf needs the hash in front of it
    span = leaves.in_a_row(first, last + 1) if first <= last else None
    if span is None or span[1] > _MOST_LEAF_BYTES:
        return Batch(number, block)
    hashes = leaves.hashes_at(first - 1, last + 1)
    usual = bytes(leaves.usual[first : last + 1])
    return Batch(number, block, leaves.index_at(first), first, archive.slice(LEAVES, *span), usual, hashes)


def form_of(kid: str, log: str, origin: str) -> bytes:
    """The body of every receipt under a key of a log (its hash in hex), with places for what differs; see `_Key`."""
    names = _escaped(_json(kid)), log, _escaped(_json(origin))
    nought = body_of(0, names, "%b", '"%b"', ("%b", "%b"))
    return b'{"index":%d' + nought.removeprefix(b'{"index":0')


def stated_index(line: bytes) -> int | None:
    """The index in the first bytes of a receipt's line, not checked for anything; None where there is none."""
    try:
        return int(a2b_base64(line[_INDEX])[_INDEX_AT:].partition(b",")[0])
    except ValueError:
        return None


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


def _escaped(text: str) -> str:
    """The text as a form writes itself."""
    return text.replace("%", "%%")


@lru_cache(maxsize=64)
def _json(text: str) -> str:
    return canonical_pure(text).decode()
