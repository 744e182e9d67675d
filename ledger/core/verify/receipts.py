"""Step 11: receipts by their signature, their leaf, and the time they promised.

A receipt is derived from its leaf, so the leaf, the genesis and the key give its only possible body. A
validly signed receipt for another leaf than the proved one is misbehaviour of the log, not an error of the
bundle.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from itertools import accumulate

from ledger.core import ed25519
from ledger.core.bundle.layout import RECEIPTS
from ledger.core.checkpoint_trust import assess
from ledger.core.control import ControlHistory
from ledger.core.dsse import Envelope as Signed
from ledger.core.dsse import pae, parse_envelope
from ledger.core.envelope import Envelope
from ledger.core.receipt import PAYLOAD_TYPE, Receipt, differences, parse_receipt, promised
from ledger.core.times import time_at
from ledger.core.types import Hash
from ledger.core.verify import table
from ledger.core.verify.case import Case
from ledger.core.verify.one_form import demand_one_form
from ledger.core.verify.receipt_runs import NONE, Batch, Quick, batches, quick
from ledger.errors import EnvelopeMalformed, LedgerError

MAX_RECEIPT_BYTES = 16_384
_SEGMENT = frozenset({"segment"})
_USE = "receipt"


def check_receipts(case: Case) -> None:
    """Check every receipt; record the events that have none."""
    disclosed = case.manifest is None or case.manifest.disclosed.receipts
    held = case.archive.has(RECEIPTS)
    if not disclosed and not held:
        case.findings.not_claimed("Receipts are not part of this bundle.")
        return
    leaves = case.leaves
    if leaves is None:
        return
    if held:
        _Receipts(case, complete=disclosed).run()
    elif table.EVENT in leaves.states:
        case.findings.problem("receipt_missing", RECEIPTS, "Receipts are disclosed, but the file is not there")
        case.findings.ran("receipts", compared=0, passed=False)


class _Receipts:
    """One pass over receipts and leaves side by side; `complete` demands one for every event."""

    def __init__(self, case: Case, *, complete: bool) -> None:
        self.case, self.findings, self.complete = case, case.findings, complete
        self.seen = bytearray(len(case.leaves) if case.leaves is not None else 0)
        self.sizes, self.latest = _lacking_times(case)
        self.open = self.count = 0
        self.ended: LedgerError | None = None
        spans = case.history.keys if case.history is not None else ()
        held = ((span.key, span) for span in spans)
        self.keys = {one.kid: (one.public, span) for one, span in held if not isinstance(one, str) and one.use == _USE}
        self.segments = case.known(_SEGMENT).keys()

    def run(self) -> None:
        before = self.findings.count
        for number, line in self._doubtful(quick(self.case, self.keys, self.sizes, self.latest)):
            path = f"{RECEIPTS}:{number}"
            try:
                self._check(line, path)
            except LedgerError as error:
                self.findings.refused(error, path)
        if self.complete:
            self._missing()
        if self.count and not self.sizes:
            self.findings.not_claimed("That promises were kept in time: no witness of your policy gives a time.")
        if self.open:
            self.findings.not_claimed(
                f"{self.open:,} receipts of hidden leaves were compared in part: not all leaves beside them are shown."
            )
        self.findings.ran("receipts", compared=self.count, since=before)

    def _blocks(self) -> Iterator[bytes]:
        """The lines of the file; what ends them too early is kept until all before it are checked."""
        try:
            yield from self.case.archive.blocks(RECEIPTS, MAX_RECEIPT_BYTES)
        except LedgerError as error:
            self.ended = error

    def _doubtful(self, judge: Quick | None) -> Iterator[tuple[int, bytes]]:
        """Number and bytes of each line that is not a faultless first receipt of its leaf."""
        leaves = self.case.leaves
        if judge is None or leaves is None:
            for block in self._blocks():
                for line in block.removesuffix(b"\n").split(b"\n"):
                    self.count += 1
                    yield self.count, line
        else:
            yield from self._judged(judge, batches(self.case.archive, leaves, self._blocks()))
        if self.ended is not None:
            raise self.ended

    def _judged(self, judge: Quick, tasks: Iterator[Batch]) -> Iterator[tuple[int, bytes]]:
        """The same, of batches that are judged several at a time."""
        waiting: deque[Batch] = deque()

        def noted() -> Iterator[Batch]:
            for batch in tasks:
                waiting.append(batch)
                yield batch

        for places in self.case.spread(judge.passed, noted()):
            self.count += len(places)
            yield from self._failed(waiting.popleft(), places)

    def _failed(self, batch: Batch, places: list[int]) -> Iterator[tuple[int, bytes]]:
        lines = list[bytes]()
        for at, place in enumerate(places):
            if place != NONE and not self.seen[place]:
                self.seen[place] = 1
            else:
                lines = lines or batch.lines
                yield batch.number + at, lines[at]

    def _check(self, line: bytes, path: str) -> None:
        signed = parse_envelope(line)
        if signed.payload_type != PAYLOAD_TYPE:
            raise EnvelopeMalformed("A receipt has another payload type", why=ascii(signed.payload_type[:100]))
        receipt = parse_receipt(signed.payload)
        demand_one_form(line, signed, receipt.kid)
        path = f"{path} (leaf {receipt.index})"
        valid = self._signature(signed, receipt, path)
        place = self.case.leaves.place_of(receipt.index) if self.case.leaves is not None else None
        if place is None:
            self.findings.problem(
                "receipt_mismatch", path, f"A receipt for leaf {receipt.index}, which is not in the range"
            )
            return
        if self.seen[place]:
            self.findings.problem("receipt_mismatch", path, f"A second receipt for leaf {receipt.index}")
        self.seen[place] = 1
        self._fits(receipt, path, valid=valid is True)

    def _signature(self, signed: Signed, receipt: Receipt, path: str) -> bool | None:
        """True or False for a known key; None, with a problem, where no control leaf delegates it."""
        public, span = self.keys.get(receipt.kid, (b"", None))
        at = receipt.index if receipt.issued is None else receipt.issued
        placed = self.case.head is not None and receipt.index <= at < self.case.head.checkpoint.size
        if span is None or not placed or not span.covers(at):
            known = span is not None and placed
            code = "receipt_signature_wrong" if known else "receipt_key_unproven"
            self.findings.problem(
                code, path, f"Key {receipt.kid} is not shown to be a receipt key of the log at leaf {at}"
            )
            return False if known else None
        message = pae(signed.payload_type, signed.payload)
        if ed25519.verify(public, message, signed.signatures[0].sig):
            if receipt.issued is not None:
                self.findings.note(
                    "receipt_reissued", path, f"Signed at leaf {receipt.issued}, under key {receipt.kid}"
                )
            return True
        self.findings.problem("receipt_signature_wrong", path, f"The signature does not verify under {receipt.kid}")
        return False

    def _fits(self, receipt: Receipt, path: str, *, valid: bool) -> None:
        leaf = self.case.leaves.leaf(self.case.archive, receipt.index) if self.case.leaves is not None else None
        wrong = differences(receipt, leaf) if leaf is not None else self._hash_differs(receipt)
        if wrong:
            contradicted = valid and self.case.range_proved and self.case.head_signed
            code = "receipt_contradicted" if contradicted else "receipt_mismatch"
            self.findings.problem(code, path, f"It differs from the leaf at its index in {', '.join(wrong)}")
        elif self.case.history is not None and not self._derived(receipt, self.case.history):
            self.findings.problem("receipt_mismatch", path, "Genesis or promised time are not those of the log")
        elif leaf is None and (beside := self._differs_beside(receipt)):
            self.findings.problem("receipt_mismatch", path, f"It does not fit the leaves beside its own in {beside}")
        elif self._overdue(receipt):
            self.findings.problem(
                "receipt_overdue",
                path,
                f"Promised by {receipt.promised_by}; a witness saw a later head without it",
            )

    def _hash_differs(self, receipt: Receipt) -> list[str]:
        found = self.case.leaves.hash_of(receipt.index) if self.case.leaves is not None else None
        return [] if found == receipt.leaf_hash else ["leaf_hash"]

    def _derived(self, receipt: Receipt, history: ControlHistory) -> bool:
        genesis = history.genesis
        due = promised(receipt.recorded, history.max_merge_delay)
        return (receipt.log, receipt.origin, receipt.promised_by) == (genesis.leaf_hash, genesis.origin, due)

    def _differs_beside(self, receipt: Receipt) -> str:
        """What the neighbours contradict in the receipt of a hidden leaf, in words; counts what they leave open."""
        before, after = self._neighbour(receipt.index - 1), self._neighbour(receipt.index + 1)
        prev = self._hash_at(receipt.index - 1)
        self.open += prev is None or before is None or after is None
        if prev is not None and receipt.prev != prev:
            return "prev"
        early = before is not None and before.index not in self.segments and receipt.recorded < before.recorded
        late = after is not None and receipt.index not in self.segments and receipt.recorded > after.recorded
        return "recorded" if early or late else ""

    def _neighbour(self, index: int) -> Envelope | None:
        inside = self.case.leaves.leaf(self.case.archive, index) if self.case.leaves is not None else None
        return inside or self.case.attached.get(index)

    def _hash_at(self, index: int) -> Hash | None:
        attached = self.case.attached.get(index)
        inside = self.case.leaves.hash_of(index) if self.case.leaves is not None else None
        return inside or (attached.leaf_hash if attached is not None else None)

    def _overdue(self, receipt: Receipt) -> bool:
        known = bisect_right(self.sizes, receipt.index)
        return known > 0 and self.latest[known - 1] > receipt.promised_by

    def _missing(self) -> None:
        leaves = self.case.leaves
        if leaves is None:
            return
        lacking = [place for place, state in enumerate(leaves.states) if state == table.EVENT and not self.seen[place]]
        for place in lacking[:20]:
            self.findings.problem("receipt_missing", RECEIPTS, f"Event {leaves.index_at(place)} has no receipt")
        if lacking[20:]:
            self.findings.problem("receipt_missing", RECEIPTS, f"{len(lacking) - 20:,} more events have no receipt")


def _lacking_times(case: Case) -> tuple[list[int], list[str]]:
    """Sizes of cosigned heads, ascending, and for each the latest time at which a witness of the reader knew no
    larger head.
    """
    found: list[tuple[int, str]] = []
    for held in case.notes:
        for _, time in assess(held.note, case.reader.policy, case.reader.now, case.check).cosigned:
            found.append((held.checkpoint.size, time_at(time)))
    found.sort()
    return [size for size, _ in found], list(accumulate((time for _, time in found), max))
