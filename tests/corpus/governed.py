"""A log of decisions in the making: people with keys, a founding, and changes that are proposed, signed, carried out.

Four people hold keys: ann writes, ben and cyd approve for `ops`, eva executes. Time goes on by whole minutes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any

from governance.change.core.diff import differences
from governance.change.core.policy import Direction, ExecutorRule, Need, Policy, Rule, Tier
from governance.change.core.statement import VERSION, built, digest_of
from governance.change.core.verbs import Verb
from ledger.core.canonical import canonical
from ledger.core.commitment import ATTRS_MEDIA_TYPE
from ledger.core.dsse import pae, sign_envelope
from ledger.core.event import RawEvent, Salts, attrs_bytes, event_fields
from ledger.core.keys import kid_of
from ledger.core.merkle import EMPTY_ROOT
from ledger.core.note import Note
from ledger.core.strict_base64 import encode
from ledger.core.times import format_time
from ledger.core.types import JSON, JSONObject
from tests.corpus.keys import Key
from tests.corpus.log import START, Log, Stored

ORIGIN = "demo-c0ffee.localhost/log/_governance/changes"
DECISIONS = Key("log of decisions")
POLICY = f"log {DECISIONS.vkey(ORIGIN)}\nquorum none\n".encode()
WHO = ("ann", "ben", "cyd", "eva")
IDS = {name: f"0198c0de-0000-7000-8000-00000000000{place}" for place, name in enumerate(WHO, 1)}
ROLES = {"ann": "author", "ben": "approver", "cyd": "approver", "eva": "executor"}
LOCK = 300
TENANT = "0198c0de-0000-7000-8000-0000000000aa"


def rule(tier: Tier = Tier.MEDIUM, count: int = 2, lock_s: int = LOCK) -> Rule:
    return Rule(
        name="everything", change="*", directions=frozenset(Direction), tier=tier, needs=(Need("ops", count),),
        lock_s=lock_s, life_s=86_400, executor=ExecutorRule.NOT_AUTHOR_NOT_APPROVER, observation_s=3_600,
    )  # fmt: skip


def key_of(name: str) -> Key:
    return Key(f"decisions of {name}")


def kid(name: str) -> str:
    return kid_of("decision", ORIGIN, key_of(name).public)


def key_json(name: str) -> JSONObject:
    return {"custody": "offline", "kid": kid(name), "public": key_of(name).public.hex(), "use": "decision"}


def second(minutes: int) -> str:
    return (START + timedelta(minutes=minutes)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Record:
    """The log of decisions in the making; `minute` is the time of the next event."""

    tier: Tier = Tier.MEDIUM
    log: Log = field(default_factory=lambda: Log(origin=ORIGIN, log_keys=[DECISIONS]))
    minute: int = 0
    states: dict[str, str] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)
    genesis: str = ""
    made: Rule | None = None
    witness: dict[str, Callable[[bytes], JSON]] = field(default_factory=dict)
    """By name: the gesture that a passkey makes over signed bytes."""

    @property
    def rule(self) -> Rule:
        return self.made or rule(self.tier)

    @property
    def policy(self) -> Policy:
        return Policy((self.rule,))

    def event(self, kind: str, payload: JSONObject, subject: str) -> int:
        """One event, a minute after the one before."""
        self.minute += 1
        number = self.log.size
        raw = RawEvent(kind, f"e-{number}", "urn:countersign:governance:change", canonical(payload), subject=subject)
        salts = Salts(*(hashlib.sha256(f"{role} {number}".encode()).digest() for role in ("attrs", "payload")))
        attrs = attrs_bytes(raw)
        recorded = format_time(START + timedelta(minutes=self.minute))
        leaf = self.log.add("event", event_fields(raw, attrs, salts), recorded=recorded)
        self.log.objects[leaf.index, "attrs"] = Stored(ATTRS_MEDIA_TYPE, salts.attrs, attrs)
        self.log.objects[leaf.index, "payload"] = Stored(raw.media_type, salts.payload, raw.payload)
        self.log.receipts[leaf.index] = self.log.receipt(leaf)
        return int(leaf.index)

    def entered(self, name: str, unit: str, act: str = "created") -> int:
        """Somebody is of a unit, by an act of identity."""
        told: JSONObject = {"actor": "machine", "person": IDS[name], "unit": unit}
        return self.event(f"identity:person:{act}", told, IDS[name])

    def step(self, kind: str, change: Change, to: str, actor: str, **facts: JSON) -> int:
        """One step of a change."""
        before, after = self.states.get(change.id), self.newest.get(change.id)
        self.states[change.id] = to
        told: JSONObject = {
            "actor": f"person:{IDS.get(actor, actor)}", "change": change.id, "type": change.kind,
            "subject": change.subject, "tenant": change.tenant, "revision": 1, "from": before, "to": to, "after": after,
            **facts,
        }  # fmt: skip
        self.newest[change.id] = self.event(kind, told, change.id)
        return self.newest[change.id]

    def sealed(self) -> Note:
        """The checkpoint over all there is."""
        self.log.moments = self.minute * 60
        return self.log.seal("request")


@dataclass
class Change:
    """What was proposed, and by whom."""

    record: Record
    id: str
    kind: str = "tenant.state"
    subject: str = f"tenant:{TENANT}/state"
    body: JSONObject = field(default_factory=lambda: {"tenant": TENANT, "state": "suspended"})
    base: JSONObject = field(default_factory=lambda: {"state": "active"})
    result: JSONObject = field(default_factory=lambda: {"state": "suspended"})
    direction: str = "tightens"
    way_back: JSONObject | None = None
    author: str = "ann"
    contributors: tuple[str, ...] = ("ann",)
    rule: JSONObject | None = None
    policy: str | None = None
    reverts: str | None = None
    tenant: str | None = None
    life: int = 1_440
    begun: int = 0

    def statement(self, verb: Verb, who: str, **changes: Any) -> bytes:
        """What `who` signs; `changes` replace parts of it."""
        record, told = self.record, self.rule or self.record.rule.to_json()
        base, result, body = (changes.get(name, getattr(self, name)) for name in ("base", "result", "body"))
        fields: JSONObject = {
            "v": VERSION, "verb": verb.value,
            "deployment": {"origin": ORIGIN, "genesis": changes.get("genesis", record.genesis)},
            "tenant": self.tenant,
            "change": {
                "id": self.id, "revision": 1, "type": self.kind, "body": body, "body_digest": digest_of(body),
                "reverts": self.reverts, "reason": "Agreed on Monday.",
                "contributors": [*sorted(f"person:{IDS[one]}" for one in self.contributors)],
            },
            "effect": {
                "base": base, "result": result, "base_state": digest_of(base), "result_state": digest_of(result),
                "diff": differences(base, result), "direction": self.direction, "invalidates": [],
                "way_back": self.way_back,
            },
            "policy": {"digest": self.policy or record.policy.digest, "rule": told},
            "ledger": {"origin": ORIGIN, "size": 0, "root": EMPTY_ROOT.hex()},
            "window": {"not_before": second(self.begun), "not_after": second(self.begun + self.life)},
            "signer": {"person": f"person:{IDS[who]}", "key": changes.get("kid", kid(who)), "groups": []},
            "nonce": hashlib.sha256(f"{self.id} {verb} {who}".encode()).hexdigest()[:22],
            "client": {"kind": "command", "bundle": "00" * 32},
        }  # fmt: skip
        return built(fields).raw

    def word(self, verb: Verb, who: str, *, key: Key | None = None, **changes: Any) -> JSONObject:
        """The envelope as the record keeps it."""
        signer = key or key_of(who)
        raw = self.statement(verb, who, **changes)
        envelope = sign_envelope(verb.payload_type, raw, changes.get("kid", kid(who)), signer.sign)
        witness = self.record.witness.get(who)
        present = witness(pae(verb.payload_type, raw)) if witness is not None else None
        return {"envelope": encode(envelope.to_bytes()), "assertion": present}

    def submitted(self, native: JSONObject | None = None, who: str | None = None) -> Change:
        """Into review; with `native`, what was signed natively beside it, as a signed word of the author (or `who`)."""
        self.begun = self.record.minute
        self.record.step("change:proposal:drafted", self, "draft", self.author)
        by = who or self.author
        facts = {**self.word(Verb.SUBMIT, by), "native": native} if native is not None else {}
        self.record.step("change:proposal:submitted", self, "in_review", by, **facts)
        return self

    def approved(self, who: str, to: str = "in_review", **changes: Any) -> int:
        return self.record.step("change:word:approved", self, to, who, **self.word(Verb.APPROVE, who, **changes))

    def executed(
        self, words: list[int], who: str = "eva", *, wait: int = 10, native: JSONObject | None = None, **changes: Any
    ) -> int:  # fmt: skip
        """Carried out `wait` minutes later, with what was signed natively beside it."""
        self.record.minute += wait
        facts = {**self.facts(words), **changes.pop("told", {})}
        execution = self.word(Verb.EXECUTE, who, **changes) | ({"native": native} if native is not None else {})
        return self.record.step(
            "change:effect:executed", self, "applied", who, execution=execution, executor=f"person:{IDS[who]}", **facts
        )

    def facts(self, words: list[int]) -> dict[str, JSON]:
        told: list[JSON] = [*words]
        return {
            "words": told, "body": self.body, "base": self.base, "result": self.result,
            "policy": self.policy or self.record.policy.digest, "rule": self.rule or self.record.rule.to_json(),
        }  # fmt: skip


def in_units(*absent: str, **units: str) -> Callable[[str], JSONObject | None]:
    """For `founded`: organisational units by name; who is `absent` is not named."""

    def beside(name: str) -> JSONObject | None:
        unit: JSONObject = {"unit": units[name]} if name in units else {}
        return None if name in absent else unit

    return beside


def _role(name: str, where: dict[str, str]) -> JSONObject:
    return {"role": ROLES[name], "tenant": where.get(name)}


def founded(
    tier: Tier = Tier.MEDIUM, signers: tuple[str, ...] = ("ben", "eva"), *, made: Rule | None = None,
    at_home: dict[str, str] | None = None, home: str | None = None,
    keys: Callable[[str], list[JSON]] = lambda name: [key_json(name)],
    beside: Callable[[str], JSONObject | None] = lambda _: {}, **more: JSON,
) -> Record:  # fmt: skip
    """The log after its founding; `made` is another rule, `at_home` tenants of roles by name, `home` that of ops, and
    `keys` what each of them holds; `beside` are more fields of each, None for who is not named.
    """
    record, where = Record(tier, made=made), at_home or {}
    record.log.genesis()
    if home is not None:
        record.event("identity:group:created", {"group": "ops", "tenant": home}, "ops")
    told: list[tuple[str, JSONObject]] = [
        (name, {"person": IDS[name], "groups": ["ops"] if ROLES[name] == "approver" else [], "keys": keys(name), **one})
        for name in WHO if (one := beside(name)) is not None
    ]  # fmt: skip
    people: list[JSON] = [{**one, "roles": [_role(name, where)]} for name, one in told]
    body: JSONObject = {
        "name": "Demo", "signers": 2, "people": people, "groups": [{"id": "ops", "words": "Operations"}],
        "policy": record.policy.to_json(), "recovery": {"group": "ops", "count": 2, "lock_s": 0, "life_s": 600}, **more,
    }  # fmt: skip
    documents: list[JSON] = [{**one, "roles": [{**_role(name, where), "expires": None}]} for name, one in told]
    result: JSONObject = {"people": documents, "policy": record.policy.to_json()}
    record.genesis = digest_of(body)
    change = Change(
        record, "0198c0de-0000-7000-8000-0000000000f0", "genesis", "genesis", body, {"people": [], "policy": None},
        result, "loosens", author="machine", contributors=(), policy="00" * 32, rule=rule(count=2, lock_s=0).to_json(),
    )  # fmt: skip
    record.step("change:proposal:drafted", change, "draft", "machine")
    for who in signers[:-1]:
        record.step("change:word:founding_signed", change, "draft", who, **change.word(Verb.FOUND, who))
    record.step(
        "change:effect:founded", change, "applied", signers[-1], execution=change.word(Verb.FOUND, signers[-1]),
        **change.facts([]),
    )  # fmt: skip
    return record


def proposal(record: Record, number: int = 1, **more: Any) -> Change:
    return Change(record, f"0198c0de-0000-7000-8000-0000000001{number:02}", **more)


def decided(record: Record, number: int = 1, **more: Any) -> Change:
    """A suspension that two approve and eva executes."""
    change = proposal(record, number, **more).submitted()
    change.executed([change.approved("ben"), change.approved("cyd", "timelocked")])
    return change
