"""The period that was asked for: complete by its neighbouring leaves, and counted again.

`recorded` never decreases within a segment, so a leaf before the range that was recorded before the period,
and a leaf behind it that was recorded after, show that nothing beyond them was left out. Beyond a segment leaf
the order begins anew: the segment leaf before the range, and the leaf after one behind it, must show the same.
Without a start the range begins with the log, without an end it ends with the head.
"""

from __future__ import annotations

from datetime import datetime

from ledger.core.bundle.layout import LEAVES, MANIFEST, OBJECTS
from ledger.core.bundle.lines import MAX_LINE_BYTES, read_object
from ledger.core.bundle.manifest import Manifest, Period, Population
from ledger.core.strict_json import parse
from ledger.core.times import parse_time
from ledger.core.types import JSONObject
from ledger.core.verify import table
from ledger.core.verify.case import Case
from ledger.errors import LedgerError

_SEGMENT = frozenset({"segment"})


def check_period(case: Case) -> None:
    """Boundaries by neighbours; numbers of the population by counting."""
    manifest = case.manifest
    if manifest is None or case.leaves is None:
        return
    if manifest.period is not None and manifest.period.basis == "recorded":
        _check_boundaries(case, manifest, manifest.period)
    elif manifest.period is not None:
        case.findings.not_claimed("That no event outside the range claims a time in the period: claims have no order.")
    _check_population(case, manifest)


def _check_boundaries(case: Case, manifest: Manifest, period: Period) -> None:
    findings, head = case.findings, case.head
    before = findings.count
    at_end = head is not None and manifest.last == head.checkpoint.size - 1
    segments = frozenset(case.known(_SEGMENT))
    left = {manifest.first - 1, *(one for one in segments if one < manifest.first)} - {-1}
    right = {manifest.last + 1, *(one + 1 for one in segments if one > manifest.last)}
    for index in sorted(left):
        _demand_outside(case, index, period, anew=index in segments)
    for index in sorted(right - {head.checkpoint.size if head is not None else -1}):
        _demand_outside(case, index, period, anew=index - 1 in segments)
    if at_end and period.end is not None:
        findings.not_claimed(
            "The range ends at the head: leaves that were recorded later may belong to the period too."
        )
    findings.ran("period", since=before)


def _demand_outside(case: Case, index: int, period: Period, *, anew: bool) -> None:
    """The leaf at `index` shows that nothing on its side of the range belongs to the period.

    `anew`: a segment leaf set the clock there, so a time on the wrong side proves nothing instead of a fault.
    """
    leaf, manifest = case.attached.get(index), case.manifest
    if leaf is None or manifest is None:
        case.findings.problem("proof_missing", MANIFEST, f"Leaf {index} is not attached: the period may be cut there")
        return
    early = period.start is not None and leaf.recorded < period.start
    late = period.end is not None and leaf.recorded >= period.end
    if early if index < manifest.first else late:
        return
    if anew and (early or late):
        message = f"The clock was set at leaf {index}, recorded {leaf.recorded}: beyond it may lie leaves of the period"
        case.findings.problem("proof_missing", MANIFEST, message)
    else:
        side = "before" if index < manifest.first else "behind"
        message = f"Leaf {index}, recorded {leaf.recorded}, lies {side} the range and not {side} the period"
        case.findings.problem("leaf_missing", LEAVES, message)


def _check_population(case: Case, manifest: Manifest) -> None:
    leaves, stated, period = case.leaves, manifest.population, manifest.period
    if leaves is None or not leaves.complete or table.REDACTED in leaves.states or table.UNREAD in leaves.states:
        case.findings.not_claimed("The number of events was not counted again: not every leaf is shown.")
        return
    events = leaves.states.count(table.EVENT)
    if period is None:
        counted: Population | None = Population(events, events)
    elif case.archive.has(OBJECTS["attrs"]):
        counted = _count(case, period, events)
    else:
        counted = None
        case.findings.not_claimed("How many events match was not counted again: attributes are not disclosed.")
    found = counted or Population(events, stated.matching, stated.outside)
    if found != stated:
        case.findings.problem(
            "manifest_file_mismatch",
            MANIFEST,
            f"The manifest states {stated.to_json()}, counted were {found.to_json()}",
        )
    if counted is not None or found != stated:
        case.findings.ran("population", compared=events, passed=found == stated)


def _count(case: Case, period: Period, events: int) -> Population | None:
    matching = outside = seen = 0
    try:
        for line in case.archive.lines(OBJECTS["attrs"], MAX_LINE_BYTES):
            disclosed = read_object(line)
            leaf = case.leaves.leaf(case.archive, disclosed.index) if case.leaves is not None else None
            if leaf is None:
                return None
            seen += 1
            attrs = parse(disclosed.data or b"")
            if not isinstance(attrs, dict):
                return None
            matches, strays = judge(period, str(leaf.fields.get("type")), attrs, leaf.recorded)
            matching, outside = matching + matches, outside + strays
    except LedgerError:
        return None
    if seen != events:
        case.findings.not_claimed("How many events match was not counted again: some attributes are erased.")
        return None
    return Population(events, matching, outside)


def judge(period: Period, kind: str, attrs: JSONObject, recorded: str) -> tuple[bool, bool]:
    """Whether an event matches the filter, and whether it does so with a claimed time outside the period."""
    wanted = {"source": period.source, "subject": period.subject}
    fits = (period.type is None or kind == period.type) and all(
        value is None or attrs.get(name) == value for name, value in wanted.items()
    )
    claimed = claimed_time(attrs)
    stray = claimed is not None and not _within(period, claimed)
    if period.basis == "claimed":
        return fits and claimed is not None and not stray, fits and stray
    return fits and _within(period, parse_time(recorded)), fits and stray


def claimed_time(attrs: JSONObject) -> datetime | None:
    """The time that the sender claims, where it gives one that can be read."""
    text = attrs.get("time")
    try:
        moment = datetime.fromisoformat(text.upper()) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _within(period: Period, moment: datetime) -> bool:
    after = period.start is None or moment >= parse_time(period.start)
    return after and (period.end is None or moment < parse_time(period.end))
