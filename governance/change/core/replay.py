"""Governed state computed from the record alone: `{subject: document}` after each event, and what contradicts it.

Guarantees that nothing is believed twice: an effect counts only if the words that it names were recorded before, over
this revision, by distinct people whose keys counted at that place in the record as far as it was replayed, and if it
starts from the document that the event before it left. Pure: events come in as (index, type, payload).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import cast

from governance.change.core.policy import Direction, Policy, Rule, proposed_beside, strictest
from governance.change.core.policy_text import policy_of
from governance.change.core.statement import Statement, parsed, same_text
from governance.change.core.verbs import Verb
from governance.change.errors import ChangeRefused
from ledger.core import ed25519
from ledger.core.canonical import canonical
from ledger.core.dsse import parse_envelope, verified_payload
from ledger.core.types import JSON, JSONObject
from ledger.errors import LedgerError

EFFECTS = frozenset({
    "change:effect:executed", "change:effect:contained", "change:effect:reverted",
    "change:effect:applied_provisionally", "change:effect:lapsed", "change:effect:founded",
})  # fmt: skip
SUBMITTED = "change:proposal:submitted"
WORDS = {
    "change:word:approved": Verb.APPROVE,
    "change:word:emergency_ratified": Verb.APPROVE,
    "change:word:rejected": Verb.REJECT,
    "change:word:vetoed": Verb.VETO,
    "change:word:approval_revoked": Verb.REVOKE_APPROVAL,
    "change:word:signed_in_advance": Verb.EXECUTE,
    "change:word:emergency_declared": Verb.EMERGENCY,
    "change:word:founding_signed": Verb.FOUND,
    "change:word:key_handed_over": Verb.ROTATE_KEY,
    SUBMITTED: Verb.SUBMIT,
}
"""Events that are one person's word; a submission is one where its author signs it."""
OTHER_TEXT = "replay_other_text"
STEP_BROKEN = "replay_step_broken"
KEY_GIVEN_UP = "identity:person_key:revoked"
DECISION, NATIVE = "decision", "native"
"""Uses of a person's key: a native key says nothing about a change."""
_EXECUTIONS = {
    "change:effect:executed": (Verb.EXECUTE,),
    "change:effect:reverted": (Verb.REVERT,),
    "change:effect:contained": (Verb.FREEZE, Verb.REVOKE_KEY),
    "change:effect:applied_provisionally": (Verb.ACKNOWLEDGE_EMERGENCY,),
    "change:effect:founded": (Verb.FOUND,),
}
"""The verb with which each effect is carried out."""
TAKES_EFFECT = EFFECTS - {"change:effect:lapsed"}
"""A lapse takes an effect back: the change took effect before."""
RECOVERED = frozenset({"role.grant", "key.enrol", "key.rotate"})
"""What a recovery may do."""


def moves_freely(subject: str) -> bool:
    """Whether acts that stay direct may move a document too: a tenant pauses reliance and places holds at once, a
    recovery brings a log keys under a document of its own, and a data directory has other writers.
    """
    if subject.startswith("evidenceos:"):
        return True
    of_stream = subject.startswith("stream:")
    return of_stream and (subject.endswith(("/reliance", "/keys")) or "/holds/" in subject)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A stable code, the index of the event, and what was found."""

    code: str
    index: int
    words: str


@dataclass(slots=True)
class Replay:
    """What is known so far; `documents` is the governed state, `said` the verified words by index, `passkeys` those
    whose gestures opened the keys.
    """

    documents: dict[str, JSONObject] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    steps: dict[str, set[int]] = field(default_factory=dict)
    last: dict[str, tuple[str, JSONObject]] = field(default_factory=dict)
    found: list[Contradiction] = field(default_factory=list)
    said: dict[int, tuple[str, str, int, Verb]] = field(default_factory=dict)
    statements: dict[int, Statement] = field(default_factory=dict)
    passkeys: dict[int, str] = field(default_factory=dict)
    recovery: JSONObject | None = None
    provisional: dict[str, JSONObject] = field(default_factory=dict)
    genesis: str = ""
    effects: int = 0
    words: int = 0

    def take(self, index: int, kind: str, payload: JSONObject | None) -> None:
        """One more event of `_governance/changes`, in the order of the record; None for an erased payload."""
        if payload is None:
            if kind.startswith("change:"):
                self._say("replay_payload_missing", index, kind)
            return
        if kind == KEY_GIVEN_UP and "decision" not in payload:
            self._give_up(payload)
        if not kind.startswith("change:"):
            return
        self._step(index, payload)
        if kind in WORDS and (kind != SUBMITTED or "envelope" in payload):
            self._word(index, WORDS[kind], payload)
        if kind in EFFECTS:
            self._effect(index, kind, payload)

    def _step(self, index: int, payload: JSONObject) -> None:
        change, before = str(payload["change"]), payload["from"]
        known, steps = self.states.get(change), self.steps.setdefault(change, set())
        if known is not None and known != before:
            self._say(STEP_BROKEN, index, f"{change}: from {before}, was {known}")
        if known is not None and "after" in payload and not _is_one_of(payload["after"], steps):
            self._say(STEP_BROKEN, index, f"{change}: behind event {payload['after']}, which was not heard")
        steps.add(index)
        self.states[change] = str(payload["to"])

    def _word(self, index: int, verb: Verb, payload: JSONObject) -> None:
        said = self._verified(index, payload, (verb,))
        if said is not None:
            self.words += 1
            self.said[index] = said
            gesture = payload.get("assertion")
            told = gesture.get("credential") if isinstance(gesture, dict) else None
            self.passkeys[index] = told if isinstance(told, str) else ""

    def _verified(
        self, index: int, payload: JSONObject, verbs: tuple[Verb, ...]
    ) -> tuple[str, str, int, Verb] | None:  # fmt: skip
        """Change, person, revision and verb of an envelope, once its signature verifies under a key of the record."""
        try:
            envelope = parse_envelope(base64.b64decode(str(payload["envelope"])))
            verb = next(one for one in verbs if one.payload_type == envelope.payload_type)
            statement = parsed(envelope.payload)
            if statement.verb is not verb:
                raise ValueError(f"a statement to {statement.verb} under the type of {verb}")
            signer = cast("JSONObject", statement.fields["signer"])
            public = self._public(str(signer["person"]), str(signer["key"]), statement)
            verified_payload(envelope, {str(signer["key"]): public}, verb.payload_type)
        except (LedgerError, LookupError, ValueError, TypeError, StopIteration) as error:
            self._say("replay_signature_wrong", index, str(error)[:200] or type(error).__name__)
            return None
        self.statements[index] = statement
        change = cast("JSONObject", statement.fields["change"])
        return str(change["id"]), str(signer["person"]), cast("int", change["revision"]), verb

    def _public(self, person: str, kid: str, statement: Statement) -> bytes:
        """The public key of the signer, which may serve as one."""
        public = bytes.fromhex(str(self._key(person, kid, statement)["public"]))
        ed25519.check_public(public)
        return public

    def _key(self, person: str, kid: str, statement: Statement) -> JSONObject:
        """The decision key as the replayed documents know it; for the founding, as the signed genesis lists it."""
        plain = person.removeprefix("person:")
        if statement.verb is Verb.FOUND:
            body = cast("JSONObject", cast("JSONObject", statement.fields["change"])["body"])
            listed = [one for one in cast("list[JSONObject]", body["people"]) if one["person"] == plain]
            keys = cast("list[JSONObject]", listed[0]["keys"]) if listed else []
        else:
            keys = cast("list[JSONObject]", self.documents.get(f"person:{plain}/keys", {"keys": []})["keys"])
        found = [one for one in keys if one["kid"] == kid and one["use"] == DECISION]
        if not found:
            raise LookupError("The record knows no such key at this place")
        return found[0]

    def _effect(self, index: int, kind: str, payload: JSONObject) -> None:
        self.effects += 1
        subject = str(payload["subject"])
        if kind == "change:effect:lapsed":
            self._check_lapse(index, payload)
        else:
            self._check_signed(index, kind, payload)
        if kind == "change:effect:founded":
            self._found(payload)
            return
        known = self.documents.get(subject)
        if known is not None and not moves_freely(subject) and canonical(known) != canonical(payload["base"]):
            self._say("replay_base_mismatch", index, f"{subject} is not what the event before left")
        self.documents[subject] = cast("JSONObject", payload["result"])
        self.last[subject] = (str(payload["type"]), cast("JSONObject", payload["body"]))

    def _found(self, payload: JSONObject) -> None:
        result = cast("JSONObject", payload["result"])
        self.recovery = cast("JSONObject", cast("JSONObject", payload["body"])["recovery"])
        self.documents["policy"] = cast("JSONObject", result["policy"])
        for one in cast("list[JSONObject]", result["people"]):
            self.documents[f"person:{one['person']}/roles"] = {"groups": one["groups"], "roles": one["roles"]}
            self.documents[f"person:{one['person']}/keys"] = {"keys": one["keys"]}
            self.documents[f"person:{one['person']}/unit"] = {"unit": one.get("unit")}
        self.genesis = str(payload["change"])

    def _check_signed(self, index: int, kind: str, payload: JSONObject) -> None:
        """An execution by hand carries its envelope; one that was signed in advance names the word's index."""
        change, revision = str(payload["change"]), payload["revision"]
        if "execution" in payload:
            said = self._verified(index, cast("JSONObject", payload["execution"]), _EXECUTIONS[kind])
        else:
            said = self.said.get(cast("int", payload.get("signed", -1)))
        if said is None or (said[0], said[2]) != (change, revision):
            self._say("replay_unsigned", index, f"{change}: nobody's word carries it out")
        statement = self.statement_of(index, payload)
        if statement is not None:
            self._one_text(index, payload, statement)
        if kind == "change:effect:executed":
            self._check_quorum(index, change, payload)
        if kind == "change:effect:applied_provisionally":
            self.provisional[change] = cast("JSONObject", payload["base"])
        if kind in {"change:effect:applied_provisionally", "change:effect:founded"}:
            self._check_together(index, kind, payload, said)

    def _check_together(
        self, index: int, kind: str, payload: JSONObject, last: tuple[str, str, int, Verb] | None
    ) -> None:  # fmt: skip
        """A founding and an emergency take the words of several people, the last of which carries it out."""
        is_founding = kind == "change:effect:founded"
        verb = Verb.FOUND if is_founding else Verb.EMERGENCY
        same = [one for one in self.said.values() if (one[0], one[2]) == (payload["change"], payload["revision"])]
        people = {one[1] for one in same if one[3] is verb} | ({last[1]} if last is not None else set())
        body = cast("JSONObject", payload["body"])
        if len(people) < (cast("int", body["signers"]) if is_founding else 2):
            self._say("replay_quorum_missing", index, f"{payload['change']}: {len(people)} people signed")

    def _check_lapse(self, index: int, payload: JSONObject) -> None:
        """Nobody signs a lapse: it can only put back what stood there before, or leave what is."""
        before = self.provisional.get(str(payload["change"]))
        if before is None or canonical(payload["result"]) not in {canonical(before), canonical(payload["base"])}:
            self._say("replay_unsigned", index, f"{payload['change']}: a lapse that puts back something else")

    def statement_of(self, index: int, payload: JSONObject) -> Statement | None:
        """What the executor signed, at this event or in advance; None where no signature verified."""
        return self.statements.get(index) or self.statements.get(cast("int", payload.get("signed", -1)))

    def _one_text(self, index: int, payload: JSONObject, statement: Statement) -> None:
        """What was applied is what the executor signed, field by field: the event's own words count for nothing."""
        change, effect, policy = (cast("JSONObject", statement.fields[name]) for name in ("change", "effect", "policy"))
        pairs = (
            ("change", payload["change"], change["id"]), ("revision", payload["revision"], change["revision"]),
            ("type", payload["type"], change["type"]), ("body", payload["body"], change["body"]),
            ("base", payload["base"], effect["base"]), ("result", payload["result"], effect["result"]),
            ("policy", payload["policy"], policy["digest"]), ("rule", payload["rule"], policy["rule"]),
            ("tenant", payload["tenant"], statement.fields["tenant"]),
        )  # fmt: skip
        for name, told, signed in pairs:
            if canonical(told) != canonical(signed):
                self._say(OTHER_TEXT, index, f"What was applied is not what was signed: {name}")

    def _check_quorum(self, index: int, change: str, payload: JSONObject) -> None:
        """Enough distinct people approved this very text, by the policy's own rule and their own envelopes."""
        statement = self.statement_of(index, payload)
        if statement is None:
            return
        try:
            wanted = self._least(payload, statement)
        except ChangeRefused as error:
            self._say("replay_rule_missing", index, f"The policy in force has no rule for it: {error}")
            return
        good = {one[1] for at, one in self.said.items() if self._approves(at, one, payload, statement)}
        if len(good) < wanted:
            self._say("replay_quorum_missing", index, f"{change}: {len(good)} of {wanted} approvals verify")
        if not set(cast("list[JSON]", payload["words"])) <= set(self.said):
            self._say("replay_words_wrong", index, f"{change}: it names words that nobody said")

    def _approves(
        self, at: int, one: tuple[str, str, int, Verb], payload: JSONObject, statement: Statement
    ) -> bool:  # fmt: skip
        wanted = (payload["change"], payload["revision"], Verb.APPROVE)
        return (one[0], one[2], one[3]) == wanted and same_text(self.statements[at], statement)

    def _least(self, payload: JSONObject, statement: Statement) -> int:
        """How many people at least; a recovery's count where the genesis allows one for this kind."""
        found = self.ruled(payload, statement).people
        if payload["type"] in RECOVERED and self.recovery is not None:
            return min(found, cast("int", self.recovery["count"]))
        return found

    def ruled(self, payload: JSONObject, statement: Statement) -> Rule:
        """The rule that the policy in force here gives the signed kind and direction; raises ChangeRefused."""
        effect = cast("JSONObject", statement.fields["effect"])
        name, direction = str(payload["type"]), Direction(str(effect["direction"]))
        in_force = policy_of(self.documents.get("policy"))
        judges: tuple[Policy, ...] = (in_force,)
        if name == "policy.change":
            judges = proposed_beside(in_force, policy_of(payload["result"]))
        return strictest([one.rule_for(name, direction) for one in judges])

    def _give_up(self, payload: JSONObject) -> None:
        """A key that its holder gave up, which takes no decision."""
        subject = f"person:{payload['person']}/keys"
        held, gone = self.documents.get(subject), payload["kid"]
        if held is not None:
            keys = [one for one in cast("list[JSONObject]", held["keys"]) if one["kid"] != gone]
            self.documents[subject] = {"keys": [*keys]}

    def _say(self, code: str, index: int, words: str) -> None:
        self.found.append(Contradiction(code, index, words))


def _is_one_of(value: JSON, steps: set[int]) -> bool:
    """Whether it is the index of one of these; true is no 1."""
    return type(value) is int and value in steps
