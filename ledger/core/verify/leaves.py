"""Steps 6 and 7: the leaves of the range, one by one in one pass, and their root under the head.

Placement: a line that states another index than its place is a missing leaf when the indices go on from
there, a leaf too many when they come back, and a changed index when only this line is off. The root is
computed from the bytes; no stored hash is ever believed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from ledger.core.bundle.layout import LEAVES, RANGE_PROOF
from ledger.core.bundle.lines import read_redacted
from ledger.core.bundle.proofs import read_range
from ledger.core.envelope import MAX_LEAF_BYTES, Envelope, parse
from ledger.core.merkle import leaf_hash
from ledger.core.types import Hash
from ledger.core.verify import table
from ledger.core.verify.case import Case
from ledger.core.verify.leaf_runs import Lines, chained, runs
from ledger.core.verify.manifest import latest_time
from ledger.core.verify.range_root import RangeRoot
from ledger.core.verify.table import LeafTable
from ledger.errors import InclusionInvalid, LedgerError

KEPT: Final = frozenset(
    {"genesis", "key", "policy", "reliance", "segment", "terms", "closed", "window", "erasure", "hold", "gap"}
)
"""Kinds of leaves whose content later steps need."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of leaves.ndjson: its stated index (None: unreadable), hash, and content where it was shown
    and valid.
    """

    number: int
    span: tuple[int, int]
    index: int | None
    leaf_hash: Hash
    leaf: Envelope | None = None
    redacted: bool = False
    error: LedgerError | None = None

    @property
    def path(self) -> str:
        return f"{LEAVES}:{self.number}"


@dataclass(slots=True)
class _Pass:
    case: Case
    origin: str | None
    first: int
    last: int
    root: RangeRoot | None
    latest: str | None
    table: LeafTable
    expected: int = 0
    problems_before: int = 0
    before: _Line | None = None
    waiting: _Line | None = None
    shown: Envelope | None = None
    misplaced: bool = False
    redacted: int = 0
    events: int = 0


def check_leaves(case: Case) -> None:
    """Read every leaf of the range; then compare the root over them with the head's."""
    if not case.archive.has(LEAVES):
        return
    stated = _stated_range(case)
    if stated is None:
        return
    first, last, root = stated
    table, before = LeafTable(case.archive), case.findings.count
    walk = _Pass(case, case.origin, first, last, root, latest_time(case.reader), table, first, before)
    try:
        for lines in runs(case.archive.blocks(LEAVES, MAX_LEAF_BYTES), case.origin):
            _take(walk, lines)
    except LedgerError as error:
        case.findings.refused(error, LEAVES)
    _next(walk, None)
    if walk.expected <= last:
        walk.misplaced = True
        case.findings.problem("leaf_missing", LEAVES, f"Leaves {walk.expected} to {last} of the range are not there")
    _close(walk)


def _stated_range(case: Case) -> tuple[int, int, RangeRoot | None] | None:
    manifest, findings = case.manifest, case.findings
    proof = None
    if case.archive.has(RANGE_PROOF):
        try:
            proof = read_range(case.archive.read(RANGE_PROOF))
        except LedgerError as error:
            findings.refused(error, RANGE_PROOF)
    if manifest is None and proof is None:
        return None
    first, last = (manifest.first, manifest.last) if manifest is not None else proof[:2] if proof else (0, 0)
    if proof is None or case.head is None:
        return first, last, None
    if proof[:3] != (first, last, case.head.checkpoint.size):
        findings.problem(
            "proof_malformed",
            RANGE_PROOF,
            f"The proof is for leaves {proof[0]} to {proof[1]} of {proof[2]}, the range is {first} to {last} "
            f"of {case.head.checkpoint.size}",
        )
        return first, last, None
    try:
        return first, last, RangeRoot(first, last, proof[2], proof[3], _sizes(case))
    except LedgerError as error:
        findings.refused(error, RANGE_PROOF)
        return first, last, None


def _sizes(case: Case) -> frozenset[int]:
    remembered = (head.checkpoint for head in case.reader.trust.remembered)
    return frozenset(point.size for point in (*(held.checkpoint for held in case.notes), *remembered))


def _take(walk: _Pass, lines: Lines) -> None:
    """All lines of a run: first and last by themselves, and so are those in between unless they are faultless."""
    if not lines.facts:
        _one_by_one(walk, lines)
        return
    last = len(lines.raws) - 1
    _one_by_one(walk, lines.part(0, 1))
    between = lines.part(1, last)
    _next(walk, _read(between.number, (between.at, len(between.raws[0])), between.raws[0]))
    walk.waiting = None
    if not _together(walk, between):
        _one_by_one(walk, between)
    _one_by_one(walk, lines.part(last, last + 1))


def _one_by_one(walk: _Pass, lines: Lines) -> None:
    at = lines.at
    for number, raw in enumerate(lines.raws, lines.number):
        _next(walk, _read(number, (at, len(raw)), raw))
        at += len(raw) + 1


def _next(walk: _Pass, line: _Line | None) -> None:
    """The next line, None behind the last: the one before it can be placed now."""
    before, walk.waiting = walk.waiting, line
    if before is not None:
        _place(walk, before, line)


def _together(walk: _Pass, lines: Lines) -> bool:
    """Enter a run of leaves in which nothing is wrong; False, and nothing entered, for any other."""
    before, shown, count = walk.before, walk.shown, len(lines.raws)
    if before is None or shown is None or walk.expected + count > walk.last:
        return False
    hashes = chained(lines, walk.expected, before.leaf_hash, shown.recorded, walk.latest)
    if hashes is None:
        return False
    walk.table.add_usual(walk.expected, hashes, [len(raw) for raw in lines.raws], lines.at)
    walk.events += count
    if walk.root is not None and not walk.misplaced:
        walk.root.extend(hashes)
    walk.expected += count
    end = lines.part(count - 1, count)
    walk.before = _read(end.number, (end.at, len(end.raws[0])), end.raws[0])
    walk.shown = walk.before.leaf
    return True


def _read(number: int, span: tuple[int, int], raw: bytes) -> _Line:
    hidden = read_redacted(raw) if len(raw) < 120 else None
    if hidden is not None:
        return _Line(number, span, hidden[0], hidden[1], redacted=True)
    try:
        leaf = parse(raw)
    except LedgerError as error:
        return _Line(number, span, None, leaf_hash(raw), error=error)
    return _Line(number, span, leaf.index, leaf.leaf_hash, leaf)


def _place(walk: _Pass, line: _Line, following: _Line | None) -> None:
    """Decide where the line belongs; enter it there, or record why it belongs nowhere."""
    findings, index = walk.case.findings, line.index
    if line.error is not None:
        findings.refused(line.error, line.path)
    elif index is not None and index != walk.expected:
        comes_next = following is not None and following.index == walk.expected + 1
        if comes_next or (following is None and walk.expected == walk.last):
            findings.problem("leaf_index_mismatch", line.path, f"It states index {index} in place {walk.expected}")
            line = replace(line, index=walk.expected)
        elif not _gap_or_extra(walk, line, index):
            return
    if walk.expected > walk.last:
        walk.misplaced = True
        findings.problem("leaf_unexpected", line.path, f"A leaf after the end of the range at {walk.last}")
        return
    _enter(walk, line)


def _gap_or_extra(walk: _Pass, line: _Line, index: int) -> bool:
    """True after a gap (the leaf is entered behind it), False for a leaf that belongs nowhere."""
    walk.misplaced = True
    if walk.expected < index <= walk.last:
        gap = f"Leaf {walk.expected} is" if index == walk.expected + 1 else f"Leaves {walk.expected} to {index - 1} are"
        walk.case.findings.problem("leaf_missing", line.path, f"{gap} not there; leaf {index} follows")
        walk.expected, walk.before, walk.shown = index, None, None
        return True
    walk.case.findings.problem("leaf_unexpected", line.path, f"Leaf {index} where leaf {walk.expected} belongs")
    return False


def _enter(walk: _Pass, line: _Line) -> None:
    state = table.REDACTED if line.redacted else table.UNREAD
    if line.leaf is None and not line.redacted:
        walk.shown = None
    if line.leaf is not None:
        _check_leaf(walk, line, line.leaf)
        state = table.EVENT if line.leaf.kind == "event" else table.OTHER
        walk.events += state == table.EVENT
        walk.table.kinds[line.leaf.kind] += 1
        if line.leaf.kind in KEPT or walk.expected in (walk.first, walk.last):
            walk.table.kept[walk.expected] = line.leaf
    walk.redacted += line.redacted
    walk.table.add(walk.expected, line.leaf_hash, state, line.span)
    if walk.root is not None and not walk.misplaced:
        walk.root.append(line.leaf_hash)
    walk.before = line
    walk.expected += 1


def _check_leaf(walk: _Pass, line: _Line, leaf: Envelope) -> None:
    findings, before = walk.case.findings, walk.before
    if leaf.origin != walk.origin:
        findings.problem("origin_mismatch", line.path, f"Leaf {leaf.index} is of {leaf.origin}, not of {walk.origin}")
    if before is not None and leaf.prev != before.leaf_hash:
        findings.problem("chain_broken", line.path, f"Leaf {leaf.index} does not name the hash of the leaf before it")
    earlier, walk.shown = walk.shown, leaf
    if earlier is not None and leaf.recorded < earlier.recorded and earlier.kind != "segment":
        if before is not None and before.redacted:
            walk.table.reversed.append((earlier.index, leaf.index))
        else:
            findings.problem("time_reversed", line.path, f"Recorded {leaf.recorded}, before it {earlier.recorded}")
    if walk.latest is not None and leaf.recorded > walk.latest:
        findings.problem("time_in_future", line.path, f"Recorded {leaf.recorded}, ahead of the clock")


def _close(walk: _Pass) -> None:
    case, findings = walk.case, walk.case.findings
    case.leaves = walk.table
    walk.table.complete = not walk.misplaced
    findings.subject |= {"from": walk.first, "to": walk.last, "events": walk.events, "hidden": walk.redacted}
    if walk.redacted:
        findings.note(
            "leaf_hash_only",
            LEAVES,
            f"{walk.redacted:,} of {len(walk.table):,} leaves are shown by their hash alone",
        )
    manifest = case.manifest
    if manifest is not None and walk.redacted != manifest.redacted:
        findings.problem(
            "manifest_file_mismatch",
            LEAVES,
            f"{walk.redacted} leaves are hidden, the manifest says {manifest.redacted}",
        )
    shown = len(walk.table) - walk.redacted
    findings.ran("leaves", compared=shown, since=walk.problems_before)
    _check_root(walk)


def _check_root(walk: _Pass) -> None:
    case, root = walk.case, walk.root
    if root is None or walk.misplaced or case.head is None:
        return
    try:
        root.verify(case.head.checkpoint.root)
    except InclusionInvalid:
        case.findings.problem(
            "range_root_mismatch",
            RANGE_PROOF,
            f"Leaves {walk.first} to {walk.last} and the proof give another root than the head of "
            f"{case.head.checkpoint.size:,} leaves",
        )
        case.findings.ran("range", passed=False)
        return
    except LedgerError as error:
        case.findings.refused(error, RANGE_PROOF)
        return
    case.range_proved, case.proved_roots = True, root.roots
    case.findings.ran("range", compared=len(walk.table))
