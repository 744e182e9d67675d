"""Governance exports: a founding and what was decided after it, honest and otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from governance.change.core.policy import ExecutorRule, Policy, Tier, strictest
from governance.change.core.verbs import Verb
from ledger.core.bundle import OBJECTS
from ledger.core.types import JSONObject
from tests.corpus.cases import Case, Input, Mutation, own
from tests.corpus.draft import Draft, draft_of
from tests.corpus.governed import (
    IDS,
    ORIGIN,
    POLICY,
    TENANT,
    Change,
    Record,
    decided,
    founded,
    key_json,
    kid,
    proposal,
    rule,
)
from tests.corpus.keys import ATTACKER
from tests.corpus.log import START

TRUST: JSONObject = {"governance_origin": ORIGIN}
MUTATIONS: list[Mutation] = []


def drafted(record: Record, first: int = 0) -> Draft:
    record.log.moments = record.minute * 60
    record.log.seal("request")
    return draft_of(record.log, first, record.log.size - 1)


def export(record: Record, change: Callable[[Draft], object] = lambda _: None, first: int = 0) -> bytes:
    return own(drafted(record, first), change)


def case(
    name: str, about: str, make: Callable[[], bytes], *codes: str, trust: JSONObject = TRUST, days: int = 1
) -> Case:  # fmt: skip
    """A governance export that is verified `days` after the log's beginning."""

    def build() -> Input:
        return Input(make(), POLICY, trust, int(START.timestamp()) + days * 86_400, "governance")

    return Case(f"governance-{name}", about, build, frozenset(codes))


def made(tier: Tier = Tier.MEDIUM, **more: Any) -> Callable[[], bytes]:
    def build() -> bytes:
        record = founded(tier)
        decided(record, **more)
        return export(record)

    return build


def wrong(act: Callable[[Change], object], tier: Tier = Tier.MEDIUM, **more: Any) -> Callable[[], bytes]:
    """A change that `act` takes from its submission to its execution."""

    def build() -> bytes:
        record = founded(tier)
        act(proposal(record, **more).submitted())
        return export(record)

    return build


def both(change: Change) -> list[int]:
    return [change.approved("ben"), change.approved("cyd", "timelocked")]


def revoked_before_execution() -> bytes:
    """cyd's key is revoked by a decision of its own between approval and execution."""
    record = founded()
    change = proposal(record).submitted()
    words = both(change)
    keys: JSONObject = {"keys": [key_json("cyd")]}
    subject = f"person:{IDS['cyd']}/keys"
    body: JSONObject = {"person": IDS["cyd"], "kid": kid("cyd"), "reason": "lost"}
    revoke = proposal(record, 2, kind="key.revoke", subject=subject, body=body, base=keys, result={"keys": []})
    revoke.submitted()
    record.step(
        "change:effect:contained", revoke, "applied", "ben", execution=revoke.word(Verb.REVOKE_KEY, "ben"),
        executor=f"person:{IDS['ben']}", **revoke.facts([]),
    )  # fmt: skip
    change.executed(words)
    return export(record)


def given_up_before_execution() -> bytes:
    """ben gave up his key, which takes no decision; his approval counts no more."""
    record = founded()
    change = proposal(record).submitted()
    words = both(change)
    record.event("identity:person_key:revoked", {"person": IDS["ben"], "kid": kid("ben")}, IDS["ben"])
    change.executed(words)
    return export(record)


def left_before_execution() -> bytes:
    record = founded()
    change = proposal(record).submitted()
    words = both(change)
    record.event("identity:person:deactivated", {"actor": "machine"}, IDS["ben"])
    change.executed(words)
    return export(record)


def without_payload(place: int) -> Callable[[Draft], None]:
    def change(draft: Draft) -> None:
        draft.edit(OBJECTS["payload"], lambda lines: lines.pop(place))

    return change


def reverted(*, declared: bool) -> bytes:
    """A suspension and its way back, by one executor within the window."""
    record = founded()
    back: JSONObject = {"type": "tenant.state", "body": {"tenant": TENANT, "state": "active"}}
    first = decided(record, way_back=back if declared else None)
    change = proposal(
        record, 2, body=back["body"], base=first.result, result=first.base, direction="loosens", reverts=first.id,
    ).submitted()  # fmt: skip
    record.step(
        "change:effect:reverted", change, "applied", "eva", execution=change.word(Verb.REVERT, "eva"), reverts=first.id,
        executor=f"person:{IDS['eva']}", **change.facts([]),
    )  # fmt: skip
    return export(record)


def approved_without_lock(change: Change) -> None:
    change.executed(both(change), wait=2)


def after_its_life(change: Change) -> None:
    change.executed(both(change), wait=20)


def twice_by_one(change: Change) -> None:
    change.executed([change.approved("ben"), change.approved("ben", "timelocked")])


EMPTIED: JSONObject = {**rule().to_json(), "needs": []}

CASES: list[Case] = [
    case("good", "A founding, and a decision under it.", made()),
    case("founding-alone", "Nothing was decided yet.", lambda: export(founded())),
    case("high", "A change of the tier high without an independent time.", made(Tier.HIGH), "timelock_unproven"),
    case("reverted", "A change and its declared way back.", lambda: reverted(declared=True)),
    case("revert-undeclared", "A way back that nobody signed.", lambda: reverted(declared=False), "decision_invalid"),
    case("signed-by-another", "An approval under the name of ben, by somebody else's key.",
         wrong(lambda it: it.executed([it.approved("ben", key=ATTACKER), it.approved("cyd", "timelocked")])),
         "decision_invalid"),
    case("one-approval", "One approval where two are needed.",
         wrong(lambda it: it.executed([it.approved("ben", "timelocked")])), "decision_invalid"),
    case("one-person-twice", "Two approvals of one person.", wrong(twice_by_one), "decision_invalid"),
    case("contributor", "An approver had written a part of it.",
         wrong(lambda it: it.executed(both(it)), contributors=("ann", "ben")), "decision_invalid"),
    case("author-approves", "The author's own approval, which the statement does not admit.",
         wrong(lambda it: it.executed(both(it)), author="ben"), "decision_invalid"),
    case("executor-approved", "Who executes has approved.",
         wrong(lambda it: it.executed(both(it), "cyd")), "decision_invalid"),
    case("executor-without-role", "Who executes is an author.",
         wrong(lambda it: it.executed(both(it), "ann")), "decision_invalid"),
    case("executor-unsigned", "The execution is signed by somebody else's key.",
         wrong(lambda it: it.executed(both(it), key=ATTACKER)), "decision_invalid"),
    case("other-effect", "What was applied is not what was signed.",
         wrong(lambda it: it.executed(both(it), told={"result": {"state": "disabled"}})), "decision_invalid"),
    case("other-text", "The executor signed another effect than the approvers.",
         wrong(lambda it: it.executed(both(it), result={"state": "disabled"}, told={"result": {"state": "disabled"}})),
         "decision_invalid"),
    case("other-base", "It starts from a state that is not the one before.",
         lambda: export(_twice()), "decision_invalid"),
    case("other-deployment", "Words that were signed for another deployment.",
         wrong(lambda it: it.executed(both(it), genesis="11" * 32)), "decision_invalid"),
    case("other-rule", "A rule that the policy in force does not give.",
         wrong(lambda it: it.executed([it.approved("ben", "timelocked")]), rule=rule(count=1).to_json()),
         "decision_invalid"),
    case("rule-emptied", "The event's own rule asks nobody, and names no words.",
         wrong(lambda it: it.executed(both(it), told={"rule": EMPTIED, "words": [], "result": {"state": "disabled"}})),
         "decision_invalid"),
    case("policy-changed", "Another policy, judged under the stricter of both.", lambda: export(_other_policy(2))),
    case("policy-changed-by-its-own", "Another policy, judged under itself alone.",
         lambda: export(_other_policy(1)), "decision_invalid"),
    case("frozen", "Carried out while the platform is frozen.", lambda: export(_frozen("ben", decide=True)),
         "decision_invalid", "timelock_unproven"),
    case("frozen-by-an-approver", "One word freezes.", lambda: export(_frozen("ben"))),
    case("frozen-by-an-author", "Who wrote a change stops things.", lambda: export(_frozen("ann")), "decision_invalid"),
    case("emergency", "Applied by two, ratified by its quorum.", lambda: export(_emergency("ben", "cyd"))),
    case("emergency-ratified-by-one", "Ratified by one.", lambda: export(_emergency("cyd")), "decision_invalid"),
    case("emergency-by-an-author", "Declared by somebody who decides nothing.",
         lambda: export(_emergency("ben", "cyd", first="ann")), "decision_invalid"),
    case("recovery-unneeded", "The way out, while the ordinary rule can be met.", lambda: export(_recovered()),
         "decision_invalid"),
    case("other-policy", "A policy that is not in force.",
         wrong(lambda it: it.executed(both(it)), policy="22" * 32), "decision_invalid"),
    case("before-the-lock", "Carried out before the lock was over.", wrong(approved_without_lock),
         "timelock_violated"),
    case("after-its-life", "Carried out after its life.", wrong(after_its_life, life=5), "decision_invalid"),
    case("key-given-up", "An approver's key ended before the execution.", given_up_before_execution,
         "decision_invalid"),
    case("person-left", "An approver was deactivated before the execution.", left_before_execution,
         "decision_invalid"),
    case("one-word-too-few", "One signature where the policy asks for approvals.", revoked_before_execution,
         "decision_invalid"),
    case("founded-by-one", "One person signed the founding.", lambda: export(founded(signers=("ben",))),
         "decision_invalid"),
    case("payload-hidden", "The payload of an approval was left out.",
         lambda: own(_decided_draft(), without_payload(5)), "payload_missing", "decision_unproven"),
    case("not-from-the-first", "The export begins behind the founding.",
         lambda: own(_decided_draft(first=4)), "decision_unproven", "not_evaluated"),
    case("foreign", "The log is not the one that the reader trusts.", made(), "origin_mismatch", "not_evaluated",
         trust={"governance_origin": "other.example/log/_governance/changes"}),
    case("untrusted-origin", "Without trust.json the origin's own form is looked at.", made(), trust={}),
    case("any", "No archive at all.", lambda: b"{}", "archive_malformed", "not_evaluated"),
]  # fmt: skip


def _other_policy(count: int) -> Record:
    """A policy with twice the lock that `count` people approve, and one of its own."""
    record = founded()
    stricter = rule(lock_s=600)
    told = strictest([record.rule, replace(stricter, name="everything (proposed)")]) if count > 1 else stricter
    text = Policy((stricter,)).to_json()
    change = proposal(
        record, kind="policy.change", subject="policy", body={"policy": text}, base=record.policy.to_json(),
        result=text, direction="loosens", rule=told.to_json(),
    ).submitted()  # fmt: skip
    change.executed(both(change), wait=15)
    return record


def _frozen(who: str, *, decide: bool = False) -> Record:
    record = founded(Tier.EMERGENCY)
    freeze = proposal(
        record, 7, kind="freeze", subject="freeze:platform", body={"scope": "platform", "reason": "A leak."},
        base={"frozen": False}, result={"frozen": True},
    ).submitted()  # fmt: skip
    record.step(
        "change:effect:contained", freeze, "applied", who, execution=freeze.word(Verb.FREEZE, who),
        executor=f"person:{IDS[who]}", **freeze.facts([]),
    )  # fmt: skip
    if decide:
        decided(record)
    return record


def _emergency(*who: str, first: str = "ben") -> Record:
    """Declared by `first`, acknowledged by eva, ratified by `who`."""
    record = founded()
    body: JSONObject = {"incident": "leak", "type": "tenant.state", "body": {"tenant": TENANT, "state": "suspended"}}
    change = proposal(record, kind="emergency.apply", body=body).submitted()
    record.step("change:word:emergency_declared", change, "draft", first, **change.word(Verb.EMERGENCY, first))
    record.step(
        "change:effect:applied_provisionally", change, "applied_provisional", "eva",
        execution=change.word(Verb.ACKNOWLEDGE_EMERGENCY, "eva"), executor=f"person:{IDS['eva']}", **change.facts([]),
    )  # fmt: skip
    for one in who[:-1]:
        change.approved(one, "applied_provisional")
    word = change.word(Verb.APPROVE, who[-1])
    record.step("change:word:emergency_ratified", change, "ratified", who[-1], **word)
    return record


def _recovered() -> Record:
    record = founded()
    told = replace(
        rule(Tier.CRITICAL, lock_s=0), name="recovery", life_s=600, executor=ExecutorRule.ANY, observation_s=0
    )  # fmt: skip
    held: JSONObject = {"groups": [], "roles": [{"role": "author", "tenant": None, "expires": None}]}
    decided(
        record, kind="role.grant", subject=f"person:{IDS['ann']}/roles", body={"person": IDS["ann"]}, base=held,
        result={**held, "groups": ["ops"]}, direction="loosens", rule=told.to_json(),
    )  # fmt: skip
    return record


def _twice() -> Record:
    record = founded()
    decided(record)
    decided(record, 2)
    return record


def _decided_draft(first: int = 0) -> Draft:
    record = founded()
    decided(record)
    return drafted(record, first)
