"""Step 15 for the bundle of a tenant: the decisions that its leaves name, judged again from the part `governance/`.

That part is a bundle of the log of decisions from its first leaf on, in which only what concerns this bundle is opened;
leaves of others are commitments. It goes through the same steps, for the governance origin that the reader trusts, and
its decisions through the same judge; then each leaf that names a decision is held against the one that it names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from ledger.core.bundle.layout import CHANGES, DECISIONS, LEAVES, is_known
from ledger.core.envelope import Envelope
from ledger.core.report import Findings, Report
from ledger.core.tar import ArchiveLimit, ArchiveMalformed, Limits, Member, Walk
from ledger.core.trust import Reader
from ledger.core.verify.archive import Archive
from ledger.core.verify.case import Case
from ledger.core.verify.governance import judged
from ledger.core.verify.judging import Judge, Named, Verdict
from ledger.core.verify.outside import not_evaluated

Steps = Callable[[Case, Callable[[Case], None]], None]
"""Takes a case through every step; the second argument is step 15."""
WORDS: Final = "Governance decisions"
UNTRUSTED: Final = "trust.json names no log of decisions"
_DECIDED: Final = frozenset({"key", "policy", "reliance", "segment", "terms", "closed", "erasure", "hold"})
"""Kinds of leaves that can name the decision they follow."""


def check_decisions(case: Case, judge: Judge | None, steps: Steps) -> None:
    """Judge what the leaves name, where the reader trusts a log of decisions and the bundle holds its part."""
    named = named_of(case.known(_DECIDED).values())
    if case.reader.trust.governance_origin is None:
        not_evaluated(case, DECISIONS, WORDS, len(named), demanded=False, why=UNTRUSTED)
        return
    if not case.archive.has(CHANGES):
        _without_part(case, named)
        return
    if judge is None:
        case.findings.problem("not_evaluated", DECISIONS, "This verifier was built without governance")
        return
    before = case.findings.count
    verdict = _judge_part(case, judge, named, steps)
    for one in verdict.of_named if verdict is not None else ():
        case.findings.problem(one.code, f"leaf {one.index}", one.words)
    if verdict is None:
        for leaf in named:
            case.findings.problem("decision_unproven", f"leaf {leaf.index}", "The log of decisions was not proved")
    case.findings.ran("decisions", compared=len(named), since=before)


def _without_part(case: Case, named: tuple[Named, ...]) -> None:
    """A bundle whose leaves name no decision needs no part."""
    if not named:
        case.findings.ran("decisions", compared=0)
        return
    case.findings.problem("not_evaluated", DECISIONS, "trust.json demands them; the bundle holds no log of decisions")
    for one in named:
        case.findings.problem("decision_unproven", f"leaf {one.index}", "It names a decision that was not proved here")


def named_of(leaves: Iterable[Envelope]) -> tuple[Named, ...]:
    """Those of these leaves that follow a decision."""
    found = []
    for leaf in leaves:
        if leaf.kind not in _DECIDED:
            continue
        decision = leaf.fields["decision"]
        if isinstance(decision, dict):
            log, change = str(decision["origin"]), str(decision["change"])
            found.append(Named(int(leaf.index), leaf.kind, leaf.origin, log, change, leaf.fields))
    return tuple(found)


def _judge_part(case: Case, judge: Judge, named: tuple[Named, ...], steps: Steps) -> Verdict | None:
    """The verdict on the part, whose findings are added to this bundle's; None where it could not be judged."""
    inner = Findings("governance")
    archive = _opened(case.archive, inner)
    told: list[Verdict] = []
    if archive is not None:
        part = Case(_reader(case.reader), inner, archive, check=case.check, spread=case.spread)
        steps(part, lambda it: told.extend(judged(it, judge, named=named, partial=True)))
    _added(case.findings, inner.report())
    return told[0] if told else None


def _reader(reader: Reader) -> Reader:
    """What the reader pins of the tenant's own log says nothing of the log of decisions."""
    return replace(reader, trust=replace(reader.trust, genesis=None, max_age=None, tsa_roots=()))


def _opened(outer: Archive, findings: Findings) -> Archive | None:
    """The part's archive, where it lies in the outer one; None, with a problem, where it is no strict tar."""
    member = outer.members[CHANGES]
    try:
        walk = Walk(Limits(tar_bytes=member.size + 1))
        for chunk in outer.chunks(CHANGES):
            walk.feed(chunk)
        members = {one.name: _moved(one, member.offset) for one in walk.close()}
    except (ArchiveMalformed, ArchiveLimit) as error:
        findings.refused(error, "archive")
        findings.ran("archive", passed=False)
        return None
    foreign = [name for name in members if not is_known(name) or name.startswith(DECISIONS)]
    for name in foreign:
        findings.problem("archive_malformed", name, "No log of decisions holds a file of this name")
    findings.ran("archive", passed=not foreign)
    room = outer.size + (outer.members[LEAVES].size if outer.has(LEAVES) else 0)
    return Archive(outer.tar, member.sha256, room, members)


def _moved(member: Member, offset: int) -> Member:
    return replace(member, offset=member.offset + offset)


def _added(findings: Findings, report: Report) -> None:
    for row in report.problems:
        findings.problem(row.code, f"{CHANGES} {row.path}".strip(), row.message)
    for row in report.notes:
        findings.note(row.code, f"{CHANGES} {row.path}".strip(), row.message)
    told = ("origin", "size", "effects", "words", "genesis", "artefacts", "gestures")
    findings.subject |= {f"governance_{name}": report.subject[name] for name in told if name in report.subject}
