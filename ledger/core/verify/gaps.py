"""Completeness at the source: what the log declared, and the gaps that it tells of. Told, never judged.

Without a declaration nothing could be noticed, so nothing is evaluated; the control chain proves which it is.
"""

from __future__ import annotations

from typing import Final

from ledger.core.gap import Gap, gap_of
from ledger.core.terms import Terms
from ledger.core.verify.case import Case
from ledger.errors import LedgerError

_GAP: Final = frozenset({"gap"})
_SUBJECT: Final = "Completeness at the source"


def check_gaps(case: Case) -> None:
    """Read every gap leaf that is shown, and say by what declaration gaps are noticed."""
    before, gaps = case.findings.count, 0
    for leaf in case.known(_GAP).values():
        gaps += 1
        try:
            case.findings.note("source_gap", f"leaf {leaf.index}", in_words(gap_of(leaf)))
        except LedgerError as error:
            case.findings.refused(error, f"leaf {leaf.index}")
    terms = case.history.terms_at(case.head.checkpoint.size) if case.history and case.head else None
    case.findings.not_claimed(declared(terms))
    if gaps or (terms is not None and terms.notices_gaps):
        case.findings.ran("completeness", compared=gaps, since=before)


def declared(terms: Terms | None) -> str:
    """The declaration as a sentence."""
    if terms is None:
        return f"{_SUBJECT}: not evaluated; the log's own declarations are not known here."
    if not terms.notices_gaps:
        return f"{_SUBJECT}: not evaluated; the log declares neither rhythm nor sequence."
    rhythm = f"an event at least every {terms.expected_every_s:,} s" if terms.expected_every_s else ""
    parts = [part for part in (rhythm, "numbered events of each source" if terms.sequence else "") if part]
    told = " and ".join(parts)
    return f"{_SUBJECT}: the log declares {told} since leaf {terms.index}; the log's operator looks for gaps itself."


def in_words(gap: Gap) -> str:
    """A gap as a sentence."""
    if gap.cause == "sequence":
        return f"Numbers {gap.start} to {gap.end} of a source were skipped: {gap.count:,} events"
    if gap.cause == "refused":
        return f"From {gap.start} to {gap.end} the server refused {gap.count:,} calls itself"
    end = f"until {gap.end}" if gap.end is not None else "and had not ended when this was recorded"
    return f"No event came from {gap.start} on {end}; {gap.count:,} were expected"
