"""The log of decisions inside a bundle: when it is frozen, what of it is opened, and what the judge says of it.

Guarantees that a request freezes its size, as it freezes its own head, so that the same request gives the same tar;
that a bundle whose leaves name no decision is what it always was; and that the verdict is told, not decided upon.
"""

from __future__ import annotations

import importlib
import logging
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

from ledger.core.bundle import Part
from ledger.core.report import Report
from ledger.core.trust import Reader, ReaderTrust
from ledger.core.verify import verify_part
from ledger.core.verify.judging import Named
from ledger.core.witness_policy import Policy
from ledger.errors import LedgerError, StreamUnknown
from ledger.selectors import checkpoints
from ledger.selectors.bundles import BundleView
from ledger.selectors.decided import named_in
from ledger.selectors.streams import StreamView, stream_by_origin
from ledger.services.seal import seal_window
from ledger.verify import found_judge

log = logging.getLogger(__name__)

OPENER: Final = "governance.change.selectors.opening"
"""What knows which decisions rest on which; found by its name, since governance stands above the ledger."""
Write = Callable[[StreamView, BundleView, frozenset[int], Path], Part]
"""Writes a log as a bundle into a file, with the content of these leaves alone."""


def frozen_size(stream: StreamView, first: int, last: int, size: int) -> int | None:
    """How much of the log of decisions a bundle will carry, sealed up to now; None where no leaf names a decision."""
    decisions = log_of(stream, named_in(stream, first, last, size))
    if decisions is None:
        return None
    with suppress(LedgerError):  # what is signed already is frozen then
        seal_window(decisions.id, reason="request")
    head = checkpoints.newest(decisions)
    return None if head is None else head.size


def log_of(stream: StreamView, named: tuple[Named, ...]) -> StreamView | None:
    """The log that the last of these leaves names; None where there is none here, or it is this very one."""
    if not named or named[-1].log == stream.origin:
        return None
    try:
        return stream_by_origin(named[-1].log)
    except StreamUnknown:
        return None


def decisions_part(stream: StreamView, asked: BundleView, folder: Path, write: Write) -> Part | None:
    """The part; None where the request froze none."""
    named = named_in(stream, asked.first, asked.last, asked.head_size)
    decisions = log_of(stream, named)
    if asked.decisions is None or decisions is None:
        return None
    wanted = {one.change for one in named}
    opened = _opened(decisions, asked.decisions, wanted, asked.namespace)
    head = checkpoints.at(decisions, asked.decisions)
    inner = replace(
        asked, namespace=decisions.namespace, stream=decisions.name, stream_id=decisions.id, first=0,
        last=max(opened, default=head.size - 1), head_size=head.size, note=head.note, period=None, disclose=(),
        decisions=None,
    )  # fmt: skip
    place = folder / "decisions"
    place.mkdir()
    return write(decisions, inner, opened, place)


def _opened(decisions: StreamView, size: int, wanted: set[str], namespace: str) -> frozenset[int]:
    try:
        opener: Any = importlib.import_module(OPENER)
    except ModuleNotFoundError:
        return frozenset()
    return cast("frozenset[int]", opener.opened(decisions, size, wanted, namespace))


def verdict(named: tuple[Named, ...], part: Part, policy: Policy, now: int | None) -> dict[str, Any]:
    """What a reader who trusts this log of decisions finds of `part`: `{outcome, judged, codes, notes}`."""
    judge = found_judge()
    if judge is None:
        return {"outcome": "incomplete", "judged": 0, "codes": ["not_evaluated"], "notes": []}
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as scratch:
        for chunk in part.chunks():
            source.write(chunk)
        source.seek(0)
        reader = Reader(policy, ReaderTrust(governance_origin=named[-1].log), now)
        return _told(verify_part(source, scratch, reader, judge, named))


def _told(report: Report) -> dict[str, Any]:
    codes, notes = ({one.code for one in rows} for rows in (report.problems, report.notes))
    judged = report.counts.get("decisions", 0)
    return {"outcome": report.outcome, "judged": judged, "codes": sorted(codes), "notes": sorted(notes)}
