"""Every decision of the record judged again, by a reader who has nothing but the record: step 15 of verification.

Guarantees that each execution is held against everything its signers put their names to: words and effect are one
text; the rule is that of the policy in force at its place in the record, as the record itself gives it; the quorum is
recomputed by the one function that the server asks too, from raw signatures and from keys that counted at their
place; who executed may; and the time lock is held against the recorded times. What a reader cannot know from the
record is said, never assumed. Follows the governance reference, sections 5 to 7; pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, cast

from governance.change.core.bounds import SLACK_S, signer_of
from governance.change.core.judging_beside import Beside
from governance.change.core.known import UNIT_TOLD, second_of
from governance.change.core.limits import recovery_rule
from governance.change.core.naming import objections
from governance.change.core.policy import Direction, ExecutorRule, Rule, Tier
from governance.change.core.policy_text import policy_of, rule_of
from governance.change.core.quorum import Quorum, Subject, Word, quorum
from governance.change.core.replay import EFFECTS, KEY_GIVEN_UP, OTHER_TEXT, RECOVERED, STEP_BROKEN
from governance.change.core.satisfiable import unmet
from governance.change.core.statement import Statement, digest_of, same_text
from governance.change.core.timelock import PROVED, UNTIMED, Stood, by_witnesses
from governance.change.core.verbs import Verb
from governance.change.errors import ChangeRefused
from ledger.core.canonical import canonical
from ledger.core.strict_json import parse
from ledger.core.types import JSON, JSONObject
from ledger.core.verify.judging import NOTHING_AROUND, Around, Objection, Said, Verdict
from ledger.errors import LedgerError

PREFIX: Final = "change:"
EXECUTED: Final = "change:effect:executed"
REVERTED: Final = "change:effect:reverted"
CONTAINED: Final = "change:effect:contained"
PROVISIONAL: Final = "change:effect:applied_provisionally"
LAPSED: Final = "change:effect:lapsed"
RATIFIED: Final = "change:word:emergency_ratified"
GROUP_CREATED: Final = "identity:group:created"
DRAFTED: Final = "change:proposal:drafted"
FOUNDED: Final = "change:effect:founded"
WRITTEN: Final = frozenset({"change:proposal:drafted", "change:proposal:edited", "change:proposal:rebased"})
LOST: Final = frozenset({"change:proposal:settled", "change:proposal:released", "change:proposal:held"})
DEACTIVATED: Final = "identity:person:deactivated"
TOUCHES: Final = EFFECTS | {KEY_GIVEN_UP, DEACTIVATED, GROUP_CREATED}
"""Events that may change who decides."""
_INVALID, _UNPROVEN = "decision_invalid", "decision_unproven"
_DECIDE: Final = frozenset({"approver", "executor"})
_STOP: Final = _DECIDE | {"witness_operator", "platform_operator"}
_AT_ONCE: Final = {"freeze": Verb.FREEZE, "key.revoke": Verb.REVOKE_KEY}
"""What one signed word does, and with which verb."""


def judge(origin: str, events: Sequence[Said], around: Around = NOTHING_AROUND) -> Verdict:
    """Judge a governance log; see `ledger.core.verify.judging`."""
    found = Judgement(origin=origin, around=around)
    for one in events:
        found.hear(one)
    if found.hidden:
        words = f"{found.hidden:,} leaves that may change who decides are commitments here, the last one this"
        found.notes.append(Objection("decision_hidden", found.hidden_at, words))
    of_named = [it for one in around.named for it in objections(one, origin, found.carried_out(), found.refused())]
    return Verdict(found.effects, tuple(found.objections), found.told(), tuple(found.notes), tuple(of_named))


@dataclass
class Judgement(Beside):
    """The replay, and what it does not ask: quorums, rules, executors and times."""

    origin: str = ""
    around: Around = NOTHING_AROUND
    objections: list[Objection] = field(default_factory=list)
    notes: list[Objection] = field(default_factory=list)
    carried: dict[str, int] = field(default_factory=dict)
    hidden: int = 0
    hidden_at: int = 0
    writers: dict[str, set[str]] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    genesis_digest: str = ""
    about: str = ""
    """Subject of the event that is being heard."""
    heard_of: dict[int, str] = field(default_factory=dict)
    blind: bool = False
    """Whether something that may decide was hidden: what is lacking from here on is unknown, and never wrong."""

    def hear(self, said: Said) -> None:
        """The next event; whatever it holds, the one after it is heard too."""
        self.times[said.index], self.about = said.at, said.subject
        if not said.type.startswith((PREFIX, "identity:")):
            if not said.type:
                self._object(_UNPROVEN, said.index, "The leaf is hidden: it may have changed who decides")
            return
        try:
            self._take(said)
        except (LedgerError, LookupError, ValueError, TypeError, AttributeError) as error:
            why = str(error)[:120] or type(error).__name__
            self._object(_INVALID, said.index, f"The event is not of the form of its type: {why}")
        self._retell()

    def told(self) -> JSONObject:
        """What the report shows of it."""
        return {
            "effects": self.effects, "words": self.words, "genesis": self.genesis_digest or None,
            "artefacts": self.artefacts, "gestures": self.witnessed,
        }  # fmt: skip

    def carried_out(self) -> dict[str, tuple[int, JSONObject]]:
        """Of each change where and how it was carried out last."""
        return {change: (self.carried[change], payload) for change, payload in self.applied.items()}

    def refused(self) -> frozenset[int]:
        """Places of executions against which, or against a word of which, something was found."""
        wrong = {one.index for one in self.objections if one.code != UNTIMED}
        changes = {change for at, change in self.heard_of.items() if at in wrong}
        return frozenset(at for change, at in self.carried.items() if change in changes)

    def _take(self, said: Said) -> None:
        payload = parse(said.payload) if said.payload is not None else None
        self.units_hidden = self.units_hidden or (payload is None and said.type in UNIT_TOLD)
        if payload is None and self.around.partial:
            self._others(said)
            return
        if payload is None and said.type == KEY_GIVEN_UP:
            self._object(_UNPROVEN, said.index, "The payload is not here: it says whose key ended")
        if said.type == DEACTIVATED and not said.subject:
            self._object(_UNPROVEN, said.index, "The attributes are not here: they say who left")
        if payload is not None and not isinstance(payload, dict):
            raise TypeError("no object")
        self._before(said, payload or {})
        self._keep_places(said.at)
        self.take(said.index, said.type, payload)
        self._keep_places(said.at)
        self._keep_units(said.at)
        if said.type == RATIFIED and payload is not None:
            self._ratified(said.index, payload)
        self._keep_keys(said)

    def _others(self, said: Said) -> None:
        """A leaf of others: a commitment. What it may have changed in who decides is unknown from here on."""
        if said.type in TOUCHES:
            self.units_hidden = True
            self.hidden, self.hidden_at, self.blind = self.hidden + 1, said.index, True

    def _before(self, said: Said, payload: JSONObject) -> None:
        change = str(payload.get("change"))
        if said.type.startswith(PREFIX) and payload:
            if self.around.partial and change not in self.states and said.type != DRAFTED:
                self._object(_UNPROVEN, said.index, f"How change {change} began is not here")
            self.heard_of[said.index] = change
        if said.type in WRITTEN and payload:
            self.writers.setdefault(change, set()).add(str(payload["actor"]))
        elif said.type in LOST:
            self.lost[change] = said.at
        elif said.type == GROUP_CREATED and payload:
            self.homes[str(payload["group"])] = cast("str | None", payload["tenant"])
        elif said.type in UNIT_TOLD and "unit" in payload and "decision" not in payload:
            self._began_in(said, payload, founded=bool(self.genesis_digest))
        elif said.type == DEACTIVATED:
            self.gone.add(f"person:{said.subject}")

    def _effect(self, index: int, kind: str, payload: JSONObject) -> None:
        """Judged before its result stands."""
        super()._effect(index, kind, payload)
        if kind == FOUNDED:
            self.genesis_digest = digest_of(payload["body"])
        statement = self.statement_of(index, payload)
        if statement is not None:
            self._of_this_deployment(index, statement)
        self.carried[str(payload["change"])] = index
        if kind == LAPSED:
            self._frozen(index, payload)
        self._note(index, payload, statement, counts=kind not in {LAPSED, FOUNDED})

    def _check_signed(self, index: int, kind: str, payload: JSONObject) -> None:
        super()._check_signed(index, kind, payload)
        statement = self.statement_of(index, payload)
        if kind in {CONTAINED, PROVISIONAL}:
            self._by_a_rule(index, kind, payload)
        if statement is not None and kind in {EXECUTED, REVERTED, PROVISIONAL}:
            self._frozen(index, payload)
        if statement is not None and kind == CONTAINED:
            self._contained(index, payload, statement)
        if statement is not None and kind == PROVISIONAL:
            self._provisional(index, payload, statement)
        if statement is not None and kind == EXECUTED and payload["type"] == "key.rotate":
            self._handed_over(index, payload, statement)
        if kind == REVERTED:
            self._way_back(index, payload)

    def _check_quorum(self, index: int, change: str, payload: JSONObject) -> None:
        super()._check_quorum(index, change, payload)
        statement, rule = self.statement_of(index, payload), self._by_a_rule(index, EXECUTED, payload)
        if statement is None or rule is None:
            return
        subject = self._subject(change, payload, statement)
        words = self._words(index, change, payload, statement)
        judged = self._with_units(index, rule)
        found = quorum(judged, subject, words, self._people(), index=index, now=self.times[index])
        if not found.met:
            empty = ", ".join(slot.group for slot in found.slots if slot.person is None) or "a key outside of browsers"
            self._object(_INVALID, index, f"The quorum is not met by the signatures that count; lacking: {empty}")
        self._executor(index, rule, subject, payload, statement, found)
        self._lock(index, rule, statement, found, payload)
        self._caps(index, rule, payload)

    def _words(self, index: int, change: str, payload: JSONObject, statement: Statement) -> list[Word]:
        """The verified approvals and revocations of this change that say the very text that was executed."""
        words: list[Word] = []
        for at, (of, person, revision, verb) in self.said.items():
            if of != change or at >= index or verb not in {Verb.APPROVE, Verb.REVOKE_APPROVAL}:
                continue
            said = self.statements[at]
            if revision == payload["revision"] and not same_text(said, statement):
                self._object(_INVALID, at, "The approval is over another text than was executed", certain=True)
                continue
            kid = str(_of(said, "signer")["key"])
            words.append(Word(person, kid, verb, revision, at, self.times[at], self.passkeys.get(at, "")))
        return words

    def _subject(self, change: str, payload: JSONObject, statement: Statement) -> Subject:
        signed = {str(one) for one in cast("list[JSON]", _of(statement, "change")["contributors"])}
        return Subject(
            revision=cast("int", payload["revision"]),
            contributors=frozenset(signed | self.writers.get(change, set())),
            concerned=self._concerned(payload),
            lost_at=self.lost.get(change, 0),
        )

    def _ratified(self, index: int, payload: JSONObject) -> None:
        """The quorum of the rule under which it was applied, over the very change that was applied."""
        change, statement = str(payload["change"]), self.statements.get(index)
        applied = self.applied.get(change)
        if statement is None or applied is None:
            self._object(_INVALID, index, "It ratifies what was not applied")
            return
        signed = [one for one in self.statements.values() if one.verb is Verb.ACKNOWLEDGE_EMERGENCY]
        if not any(_of(one, "change") == _of(statement, "change") for one in signed):
            self._object(_INVALID, index, "It ratifies another text than was applied")
        words, subject = self._words(index + 1, change, applied, statement), self._subject(change, applied, statement)
        rule, now = self._with_units(index, rule_of(cast("JSONObject", applied["rule"]))), self.times[index]
        if not quorum(rule, subject, words, self._people(), index=index, now=now).met:
            self._object(_INVALID, index, "It was ratified without the quorum of its rule")

    def _contained(self, index: int, payload: JSONObject, statement: Statement) -> None:
        is_one = _AT_ONCE.get(str(payload["type"])) is statement.verb
        if not is_one or _of(statement, "effect")["direction"] != Direction.TIGHTENS.value:
            self._object(_INVALID, index, "One signed word does no such thing")
        if not self._holds(signer_of(statement), _STOP, index):
            self._object(_INVALID, index, "Who did it at once holds no role that stops things")

    def _provisional(self, index: int, payload: JSONObject, statement: Statement) -> None:
        """One who decides declared it, another one who did not write it acknowledged it, and neither is concerned."""
        subject, second = self._subject(str(payload["change"]), payload, statement), signer_of(statement)
        wanted = (payload["change"], payload["revision"], Verb.EMERGENCY)
        declared = {one[1] for one in self.said.values() if (one[0], one[2], one[3]) == wanted} - {second}
        barred = subject.concerned | self.gone
        if not any(self._holds(one, _DECIDE, index) for one in declared - barred):
            self._object(_INVALID, index, "Nobody else who may has declared the emergency")
        if second in barred | subject.contributors or not self._holds(second, _DECIDE, index):
            self._object(_INVALID, index, "Who acknowledged the emergency may not")

    def _executor(
        self, index: int, rule: Rule, subject: Subject, payload: JSONObject, statement: Statement, found: Quorum
    ) -> None:  # fmt: skip
        person, tenant = signer_of(statement), statement.fields["tenant"]
        able = _DECIDE if rule.tier is Tier.LOW else frozenset({"executor"})
        refused = (
            (not self._holds(person, able, index, tenant), "does not hold the role executor"),
            (person in subject.concerned, "is concerned by it"),
            (rule.executor is not ExecutorRule.ANY and person in subject.contributors, "wrote it"),
            (rule.executor is ExecutorRule.NOT_AUTHOR_NOT_APPROVER and person in found.approvers, "approved it"),
            (str(payload.get("executor", person)) != person, "is not whom the event names"),
        )
        for holds, words in refused:
            if holds:
                self._object(_INVALID, index, f"Who executed {words}")

    def _lock(self, index: int, rule: Rule, statement: Statement, found: Quorum, payload: JSONObject) -> None:
        now, ends = self.times[index], second_of(_of(statement, "window")["not_after"])
        if ends and now > ends + SLACK_S:
            self._object(_INVALID, index, f"It was executed {now - ends:,} s after its life had ended")
        if found.since is None or not rule.lock_s:
            return
        waited = now - found.since
        if waited + SLACK_S < rule.lock_s:
            words = f"The quorum stood for {waited:,} s, by the recorded times; the lock is {rule.lock_s:,} s"
            self._object("timelock_violated", index, words)
        else:
            self._by_witnesses(index, rule, found.since, payload)

    def _by_witnesses(self, index: int, rule: Rule, since: int, payload: JSONObject) -> None:
        """The same by times that are not the log's own."""
        last = max((at for at, second in self.times.items() if second <= since and at < index), default=index - 1)
        note = payload.get("witnessed")
        inside = self.around.read(note) if isinstance(note, str) else None
        stood = Stood(index, self.times[index], last, since, rule.lock_s)
        code, words = by_witnesses(stood, self.around.seen, inside)
        if code == PROVED:
            self.notes.append(Objection(code, index, words))
        elif code != UNTIMED or rule.tier >= Tier.HIGH:
            self._object(code, index, words)

    def _by_a_rule(self, index: int, kind: str, payload: JSONObject) -> Rule | None:
        """The rule that the policy in force, as the record has it, gives this kind and direction; None where none."""
        statement = self.statement_of(index, payload)
        if statement is None:
            return None
        told, name = canonical(payload["rule"]), str(payload["type"])
        try:
            allowed = [self.ruled(payload, statement)]
        except ChangeRefused as error:
            self._object(_INVALID, index, f"The policy in force has no rule for it: {error}")
            return None
        if name in RECOVERED and self.recovery is not None and unmet(allowed, self._staff(index)):
            allowed = [recovery_rule(self.recovery)]
        if payload["policy"] != policy_of(self.documents.get("policy")).digest:
            self._object(_INVALID, index, "The policy that was signed is not the one in force there")
        rule = next((one for one in allowed if canonical(one.to_json()) == told), None)
        if rule is None:
            self._object(_INVALID, index, f"The rule is not the one that the policy gives {name}")
        if kind == CONTAINED and rule is not None and rule.tier is not Tier.EMERGENCY:
            self._object(_INVALID, index, "One signature sufficed, and the policy asks for approvals")
        return rule or allowed[0]

    def _way_back(self, index: int, payload: JSONObject) -> None:
        """A revert is exactly what the approvers of the original signed beside it, by somebody who may execute."""
        original = self.applied.get(str(payload["reverts"]))
        signed = self.statement_of(*_place(original, self)) if original is not None else None
        wanted: JSON = {"type": payload["type"], "body": payload["body"]}
        if signed is None or canonical(_of(signed, "effect")["way_back"]) != canonical(wanted):
            self._object(_INVALID, index, "It reverts what no executed change declared as its way back")
        statement = self.statement_of(index, payload)
        if statement is None:
            return
        person, tenant = signer_of(statement), statement.fields["tenant"]
        able = self._holds(person, frozenset({"executor"}), index, tenant)
        if not able or person in self._concerned(payload):
            self._object(_INVALID, index, "Who reverted does not hold the role executor, or is concerned")
        rule = self._by_a_rule(index, REVERTED, payload)
        if rule is not None:
            self._caps(index, rule, payload, takes_back=str(payload["reverts"]))

    def _handed_over(self, index: int, payload: JSONObject, statement: Statement) -> None:
        """The key that is replaced signed this text too; for a native key, which signs none, a decision key did."""
        body = cast("JSONObject", payload["body"])
        wanted = (payload["change"], f"person:{body['person']}", payload["revision"], Verb.ROTATE_KEY)
        said = [self.statements[at] for at, one in self.said.items() if one == wanted]
        kids = {str(_of(one, "signer")["key"]) for one in said if same_text(one, statement)}
        if not (kids if body["use"] == "native" else kids & {str(body["replaces"])}):
            self._object(_INVALID, index, "The key that is replaced has not signed")

    def _with_units(self, index: int, rule: Rule) -> Rule:
        """The rule as far as a reader can judge it: a unit that is told nowhere here may stand in what is hidden."""
        if not (rule.units_apart and self.units_hidden):
            return rule
        words = "The rule keeps organisational units apart, and something that may name one is not here"
        self.objections.append(Objection(_UNPROVEN, index, words))
        return replace(rule, units_apart=False)

    def _of_this_deployment(self, index: int, statement: Statement) -> None:
        told = _of(statement, "deployment")
        if (told["origin"], told["genesis"]) != (self.origin, self.genesis_digest):
            self._object(_INVALID, index, "It was signed for another deployment", certain=bool(self.genesis_digest))

    def _retell(self) -> None:
        """What the replay found, in the verifier's codes."""
        for one in self.found:
            unread, gap = one.code == "replay_payload_missing", self.around.partial and one.code == STEP_BROKEN
            words = "Its payload is not here" if unread else f"{one.code}: {one.words}"
            certain = one.code == OTHER_TEXT
            self._object(_UNPROVEN if unread or gap else _INVALID, one.index, words, certain=certain)
        self.found.clear()

    def _object(self, code: str, index: int, words: str, *, certain: bool = False) -> None:
        """`certain` is what nothing that is hidden could explain."""
        if code == _UNPROVEN:
            self.blind = True
        elif code == _INVALID and self.blind and not certain:
            code = _UNPROVEN
        self.objections.append(Objection(code, index, words))


def _place(payload: JSONObject, found: Judgement) -> tuple[int, JSONObject]:
    """Where a change was executed, for `statement_of`."""
    same = [
        index
        for index, statement in found.statements.items()
        if _of(statement, "change")["id"] == payload["change"] and statement.verb is Verb.EXECUTE
    ]
    return (same[-1] if same else -1), payload


def _of(statement: Statement, name: str) -> JSONObject:
    return cast("JSONObject", statement.fields[name])
