"""Holds on leaves of the range, and erasures that took away what was held when they were recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ledger.core.envelope import Envelope
from ledger.core.erasure import erasure_of
from ledger.core.hold import held_by_case
from ledger.core.spans import Span, common
from ledger.core.verify.case import Case

_HOLD: Final = frozenset({"hold"})
_ERASURE: Final = frozenset({"erasure"})


def check_holds(case: Case) -> None:
    """Tell which leaves of the range are held; an erasure of held content breaks the hold.

    Holds that the bundle does not show are not known: nothing proves that none was left out.
    """
    leaves, before = case.leaves, case.findings.count
    if leaves is None or not len(leaves):
        return
    holds = list(case.known(_HOLD).values())
    inside: list[Span] = [(leaves.first, leaves.last)]
    for name, spans in held_by_case(holds).items():
        for start, stop in common(spans, inside):
            case.findings.note("held", f"leaves {start} to {stop}", f"They are held under {name!a}")
    for leaf in case.known(_ERASURE).values():
        for name, start, stop in broken(leaf, holds):
            told = f"It erases leaves {start} to {stop}, which were held under {name!a}"
            case.findings.problem("hold_violated", f"leaf {leaf.index}", told)
    case.findings.ran("holds", compared=len(holds), since=before)


def broken(erasure: Envelope, holds: list[Envelope]) -> Iterator[tuple[str, int, int]]:
    """Case and ends of what an erasure leaf takes away although a hold leaf before it covers it."""
    earlier = [leaf for leaf in holds if leaf.index < erasure.index]
    for name, spans in held_by_case(earlier).items():
        for start, stop in common(list(erasure_of(erasure).spans), spans):
            yield name, start, stop
