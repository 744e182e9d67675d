"""Decisions judged from the record alone: each lie of the corpus is found for the reason that makes it one."""

from __future__ import annotations

import pytest

from governance.change.core.judging import judge
from governance.change.core.replay import Replay
from ledger.core.strict_json import parse
from ledger.core.times import parse_time
from ledger.core.verify.judging import Said
from tests.corpus.decisions import CASES, EMPTIED
from tests.corpus.governed import ORIGIN, Record, decided, founded, proposal
from tests.corpus.run import outcome_of

REASONS = {
    "revert-undeclared": "declared as its way back",
    "signed-by-another": "replay_signature_wrong",
    "one-approval": "The quorum is not met",
    "one-person-twice": "The quorum is not met",
    "contributor": "The quorum is not met",
    "author-approves": "The quorum is not met",
    "executor-approved": "Who executed approved it",
    "executor-without-role": "Who executed does not hold the role executor",
    "executor-unsigned": "nobody's word carries it out",
    "other-effect": "What was applied is not what was signed: result",
    "other-text": "The approval is over another text",
    "other-base": "replay_base_mismatch",
    "other-deployment": "It was signed for another deployment",
    "other-rule": "The rule is not the one that the policy gives",
    "frozen": "while a freeze stood over platform",
    "frozen-by-an-author": "holds no role that stops things",
    "emergency-ratified-by-one": "without the quorum of its rule",
    "emergency-by-an-author": "Nobody else who may has declared",
    "recovery-unneeded": "The rule is not the one that the policy gives",
    "rule-emptied": "What was applied is not what was signed: rule",
    "policy-changed-by-its-own": "The rule is not the one that the policy gives",
    "other-policy": "The policy that was signed is not the one in force",
    "before-the-lock": "the lock is 300 s",
    "after-its-life": "after its life had ended",
    "key-given-up": "The quorum is not met",
    "person-left": "The quorum is not met",
    "one-word-too-few": "One signature sufficed",
    "founded-by-one": "1 people signed",
    "payload-hidden": "Its payload is not here",
    "high": "no witness of your policy cosigned",
}


@pytest.mark.parametrize("name", REASONS)
def test_a_lie_is_found_for_what_it_is(name: str) -> None:
    case = next(one for one in CASES if one.name == f"governance-{name}")
    report = outcome_of(case.build())
    assert any(REASONS[name] in problem.message for problem in report.problems), report.problems


@pytest.mark.parametrize(
    "name",
    ["good", "founding-alone", "reverted", "untrusted-origin", "policy-changed", "emergency", "frozen-by-an-approver"],
)
def test_what_is_honest_verifies(name: str) -> None:
    case = next(one for one in CASES if one.name == f"governance-{name}")
    report = outcome_of(case.build())
    assert (report.outcome, report.problems) == ("verified", ())


def said(record: Record) -> list[Said]:
    """The events as a reader has them who was given everything."""
    found = []
    for leaf in record.log.leaves:
        if leaf.kind == "event":
            payload, attrs = (record.log.objects[leaf.index, role].data for role in ("payload", "attrs"))
            value = parse(attrs)
            assert isinstance(value, dict)
            at = int(parse_time(leaf.recorded).timestamp())
            found.append(Said(int(leaf.index), at, str(leaf.fields["type"]), payload, str(value["subject"])))
    return found


def test_the_replay_alone_believes_nothing_that_an_event_says_of_itself() -> None:
    record = founded()
    decided(record)
    replay = Replay()
    for one in said(record):
        told = parse(one.payload or b"")
        assert isinstance(told, dict)
        if one.type == "change:effect:executed":
            told = {**told, "rule": EMPTIED, "words": [], "result": {"state": "disabled"}}
        replay.take(one.index, one.type, told)
    assert {one.words.rpartition(" ")[2] for one in replay.found} == {"rule", "result"}


def test_the_replay_alone_counts_the_approvals_that_verify() -> None:
    record = founded()
    change = proposal(record).submitted()
    change.executed([change.approved("ben", "timelocked")])
    replay = Replay()
    for one in said(record):
        told = parse(one.payload or b"")
        assert isinstance(told, dict)
        replay.take(one.index, one.type, told)
    assert [(one.code, one.words.rpartition(": ")[2]) for one in replay.found] == [
        ("replay_quorum_missing", "1 of 2 approvals verify")
    ]


def test_whatever_an_event_holds_the_judge_goes_on() -> None:
    record = founded()
    decided(record)
    events = said(record)
    for place, one in enumerate(events):
        for junk in (b"", b"[]", b"{}", b'{"change":1}', b"\xff", b'{"change":"x","from":[],"to":{}}'):
            changed = [*events]
            changed[place] = Said(one.index, one.at, one.type, junk, one.subject)
            verdict = judge(ORIGIN, changed)
            assert verdict.objections, (one.type, junk)


def test_what_is_hidden_makes_nothing_wrong() -> None:
    record = founded()
    decided(record)
    events = said(record)
    for place, one in enumerate(events):
        hidden = [*events]
        hidden[place] = Said(one.index, one.at, one.type, None)
        codes = {objection.code for objection in judge(ORIGIN, hidden).objections}
        assert codes == {"decision_unproven"}, [*judge(ORIGIN, hidden).objections]
        hidden[place] = Said(one.index, 0, "", None)
        codes = {objection.code for objection in judge(ORIGIN, hidden).objections}
        assert codes == {"decision_unproven"}, (one.type, codes)


def test_a_log_without_decisions_has_none_judged() -> None:
    assert judge(ORIGIN, []).judged == 0
