"""The seventeen steps over one bundle, in order. Whatever a step cannot do is recorded, and the next one
goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, Final, TypeAlias

from ledger.core.report import Findings, Report
from ledger.core.tar import Limits
from ledger.core.trust import Reader
from ledger.core.verify.archive import Archive, open_archive
from ledger.core.verify.attached import check_attached, check_control_chain, check_keys
from ledger.core.verify.case import Case, Spread
from ledger.core.verify.continued import check_closed, check_continued
from ledger.core.verify.decided import check_decisions
from ledger.core.verify.forks import check_forks, check_notes_agree, check_remembered
from ledger.core.verify.gaps import check_gaps
from ledger.core.verify.governance import check_log, judged
from ledger.core.verify.guarded import guarded
from ledger.core.verify.heads import check_consistency, check_head, check_notes
from ledger.core.verify.holds import check_holds
from ledger.core.verify.judging import Judge, Named
from ledger.core.verify.keys import check_genesis, check_key_validity, check_policies
from ledger.core.verify.leaves import check_leaves
from ledger.core.verify.manifest import check_manifest, check_manifest_signature, check_times
from ledger.core.verify.neighbours import check_neighbours
from ledger.core.verify.objects import check_objects
from ledger.core.verify.outside import check_anchors, check_freshness
from ledger.core.verify.period import check_period
from ledger.core.verify.receipts import check_receipts
from ledger.core.verify.reliance import check_reliance
from ledger.core.verify.windows import check_windows

_DECISIONS: Final = "decisions"
Tick: TypeAlias = Callable[[str], object]
_STEPS: Final[tuple[tuple[str, Callable[[Case], None]], ...]] = (
    ("manifest", check_manifest),
    ("checkpoints", check_notes),
    ("head", check_head),
    ("consistency", check_consistency),
    ("leaves", check_leaves),
    ("attached", check_attached),
    ("control chain", check_control_chain),
    ("neighbours", check_neighbours),
    ("keys", check_keys),
    ("genesis", check_genesis),
    ("key validity", check_key_validity),
    ("predecessor", check_continued),
    ("end of the log", check_closed),
    ("policies", check_policies),
    ("checkpoints agree", check_notes_agree),
    ("remembered", check_remembered),
    ("period", check_period),
    ("windows", check_windows),
    ("receipts", check_receipts),
    ("objects", check_objects),
    ("anchors", check_anchors),
    ("forks", check_forks),
    ("reliance", check_reliance),
    ("holds", check_holds),
    (_DECISIONS, lambda _: None),
    ("gaps", check_gaps),
    ("freshness", check_freshness),
    ("times", check_times),
    ("manifest signature", check_manifest_signature),
)


def verify_bundle(
    source: BinaryIO,
    scratch: BinaryIO,
    reader: Reader,
    limits: Limits | None = None,
    tick: Tick = str,
    spread: Spread = map,
    judge: Judge | None = None,
) -> Report:
    """Verify the bundle in `source` (.tar.gz or .tar) before `reader`.

    `scratch` is an empty, seekable, writable stream that takes the uncompressed tar. `tick` is told each
    step as it begins; `spread`, a `map` in order, may have receipts checked several at a time; `judge` judges the
    decisions that leaves name. Never raises for what the bundle holds; errors of the streams themselves pass through.
    """
    given = Given(source, scratch, reader, limits or Limits(), tick, spread)
    return _verified(Findings("bundle"), given, lambda case: check_decisions(case, judge, _steps))


def verify_governance(
    source: BinaryIO,
    scratch: BinaryIO,
    reader: Reader,
    judge: Judge | None = None,
    limits: Limits | None = None,
    tick: Tick = str,
    spread: Spread = map,
) -> Report:
    """Verify a governance export before `reader`; streams as `verify_bundle` takes them, `judge` as the door found it.

    Never raises for what the file holds.
    """
    findings = Findings("governance", {"governance_origin": reader.trust.governance_origin})
    given = Given(source, scratch, reader, limits or Limits(), tick, spread)
    return _verified(findings, given, lambda case: check_log(case, judge))


def verify_part(
    source: BinaryIO, scratch: BinaryIO, reader: Reader, judge: Judge, named: tuple[Named, ...]
) -> Report:  # fmt: skip
    """Verify the log of decisions that travels in a bundle by itself, with the bundle's leaves that name decisions."""

    def decisions(case: Case) -> None:
        for verdict in judged(case, judge, named=named, partial=True):
            for one in verdict.of_named:
                case.findings.problem(one.code, f"leaf {one.index} of the bundle", one.words)

    given = Given(source, scratch, reader, Limits(tar_bytes=64 << 30), str, map)
    return _verified(Findings("governance"), given, decisions)


@dataclass(frozen=True, slots=True)
class Given:
    """What a verification works with; see `verify_bundle`."""

    source: BinaryIO
    scratch: BinaryIO
    reader: Reader
    limits: Limits
    tick: Tick
    spread: Spread


def _verified(findings: Findings, given: Given, decisions: Callable[[Case], None]) -> Report:
    """Every step over one archive, told to `findings`; `decisions` is step 15."""
    opened: list[Archive | None] = []
    archive = partial(open_archive, given.source, given.scratch, given.limits, findings)
    guarded(findings, "archive", lambda: opened.append(archive()))
    if not opened or opened[0] is None:
        return findings.report()
    _steps(Case(given.reader, findings, opened[0], spread=given.spread), decisions, given.tick)
    findings.not_claimed("That what the events say is true, and that everything that happened was recorded.")
    return findings.report()


def _steps(case: Case, decisions: Callable[[Case], None], tick: Tick = str) -> None:
    for name, step in _STEPS:
        tick(name)
        guarded(case.findings, name, partial(decisions if name == _DECISIONS else step, case))
