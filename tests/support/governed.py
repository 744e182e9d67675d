"""A founded deployment for tests: people with real Ed25519 keys, a policy, and words signed as a signer signs them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from nacl.signing import SigningKey

from governance.change.actions.draft import draft_change
from governance.change.actions.issue import issue_statement
from governance.change.actions.submit import submit_change
from governance.change.actions.take_word import take_word
from governance.change.core.policy import Direction, ExecutorRule, Need, Policy, Rule, Tier
from governance.change.core.verbs import Verb
from governance.change.models import Change, PolicyVersion
from governance.identity.core.person_keys import Custody
from governance.identity.core.principal import Principal
from governance.identity.core.roles import Role
from governance.identity.models import ApproverGroup, GroupMember, Person, PersonKey
from governance.identity.selectors.principals import principal_of_person
from ledger.core.canonical import canonical
from ledger.core.dsse import sign_envelope
from ledger.core.types import JSONObject
from ledger.errors import RequestError
from ledger.selectors.leaves import EventFilter, event, events_in
from ledger.selectors.streams import stream
from tests.support.people import planted_founding, planted_key
from tests.support.world import Place, moment, person, place
from tests.support.world import found_platform as found_streams

ANY_WAY = frozenset(Direction)


def rule(change: str, **more: Any) -> Rule:
    """Two of ops, an hour's lock, and an executor who neither wrote nor approved, unless `more` says otherwise."""
    made: dict[str, Any] = {
        "name": more.pop("name", change), "change": change, "directions": ANY_WAY, "tier": Tier.HIGH,
        "needs": (Need("ops", 2),), "lock_s": 3600, "life_s": 86_400,
        "executor": ExecutorRule.NOT_AUTHOR_NOT_APPROVER, "observation_s": 3600,
    }  # fmt: skip
    return Rule(**{**made, **more})


POLICY = Policy((rule("*", name="everything"),))


@dataclass
class Somebody:
    """A person with a decision key."""

    row: Person
    kid: str
    private: SigningKey = field(repr=False)
    role: Role

    @property
    def id(self) -> str:
        """`person:<uuid>`."""
        return self.row.actor

    def principal(self, now: datetime | None = None) -> Principal:
        """In a session."""
        found = principal_of_person(self.row, now or datetime.now(UTC))
        assert found is not None
        return found


@dataclass
class World:
    """Who there is, and the time that tests move."""

    people: dict[str, Somebody]
    acme: Place
    now: datetime

    def __getitem__(self, name: str) -> Somebody:
        return self.people[name]

    def pass_time(self, seconds: float) -> None:
        """Time goes on, from now or from where it was, whichever is later: the record's own clock goes on as well."""
        self.now = max(self.now, datetime.now(UTC)) + timedelta(seconds=seconds)

    @property
    def suspend(self) -> JSONObject:
        """The body of a change that suspends acme."""
        return {"tenant": str(self.acme.tenant.public_id), "state": "suspended"}

    def draft(self, kind: str, body: Mapping[str, Any], by: str = "ada", reason: str = "Agreed on Monday.") -> Change:
        """A draft."""
        return draft_change(kind, dict(body), reason, by=self[by].principal(self.now), at=moment(self.now))

    def in_review(self, kind: str = "tenant.state", body: Mapping[str, Any] | None = None, by: str = "ada") -> Change:
        """A submitted change; a suspension of acme unless said otherwise."""
        row = self.draft(kind, self.suspend if body is None else body, by)
        return submit_change(row.key, revision=row.revision, by=self[by].principal(self.now), at=moment(self.now))

    def signed(self, row: Change, verb: Verb, who: str) -> bytes:
        """The envelope over the statement that `who` is given."""
        one = self[who]
        issued = issue_statement(row.key, verb, one.kid, by=one.principal(self.now), at=moment(self.now))
        return sign_envelope(
            issued.payload_type, issued.raw, one.kid, lambda data: one.private.sign(data).signature
        ).to_bytes()  # fmt: skip

    def resigned(self, row: Change, verb: Verb, who: str, **changed: Any) -> bytes:
        """The statement that `who` is given with whole fields replaced, signed by `who` all the same."""
        one = self[who]
        issued = issue_statement(row.key, verb, one.kid, by=one.principal(self.now), at=moment(self.now))
        raw = canonical({**issued.statement.fields, **changed})
        sign = one.private.sign
        return sign_envelope(issued.payload_type, raw, one.kid, lambda data: sign(data).signature).to_bytes()

    def hand_in(self, row: Change, envelope: bytes, who: str, **more: Any) -> Change:
        """What somebody's browser posts."""
        return take_word(row.key, envelope, by=self[who].principal(self.now), at=moment(self.now), **more)

    def say(self, row: Change, verb: Verb, who: str, **more: Any) -> Change:
        """Sign and hand in."""
        envelope = self.signed(row, verb, who)
        return take_word(row.key, envelope, by=self[who].principal(self.now), at=moment(self.now), **more)

    def approved(self, row: Change, *who: str) -> Change:
        """Approved by these, or by ben and cyd."""
        for one in who or ("ben", "cyd"):
            row = self.say(row, Verb.APPROVE, one)
        return row


CAST: dict[str, tuple[Role, tuple[str, ...]]] = {
    "ada": (Role.AUTHOR, ()),
    "ben": (Role.APPROVER, ("ops",)),
    "cyd": (Role.APPROVER, ("ops",)),
    "dov": (Role.APPROVER, ("ops", "science")),
    "eva": (Role.EXECUTOR, ()),
    "fay": (Role.EXECUTOR, ()),
}


def world(
    policy: Policy = POLICY, cast: dict[str, tuple[Role, tuple[str, ...]]] | None = None,
    custody: Custody = Custody.OFFLINE,
) -> World:  # fmt: skip
    """Found a deployment past the ceremony; everybody's key is kept as `custody` says."""
    found_streams()
    acme = place("acme")
    for group in ("ops", "science"):
        ApproverGroup.objects.create(id=group, words=group.title(), created=datetime.now(UTC))
    people = {name: _somebody(name, role, groups, custody) for name, (role, groups) in (cast or CAST).items()}
    planted_founding()
    put_in_force(policy)
    return World(people, acme, datetime.now(UTC))


def unfounded(cast: dict[str, tuple[Role, tuple[str, ...]]] | None = None) -> World:
    """The same people before their founding: registered keys that wait, and no groups yet."""
    found_streams()
    acme = place("acme")
    people = {name: _waiting(name, role) for name, (role, _) in (cast or CAST).items()}
    return World(people, acme, datetime.now(UTC))


def genesis_body(it: World, policy: Policy = POLICY, **more: Any) -> dict[str, Any]:
    """The genesis that names them all."""
    listed = [_listed(one, CAST[name][1]) for name, one in it.people.items()]
    made: dict[str, Any] = {
        "name": "Test", "signers": 2, "people": listed,
        "groups": [{"id": one, "words": one.title()} for one in ("ops", "science")],
        "policy": policy.to_json(), "recovery": {"group": "science", "count": 2, "lock_s": 0, "life_s": 86_400},
    }  # fmt: skip
    return {**made, **more}


def _listed(one: Somebody, groups: tuple[str, ...]) -> dict[str, Any]:
    key = PersonKey.objects.get(kid=one.kid)
    return {
        "person": str(one.row.public_id), "roles": [{"role": one.role.value, "tenant": None}], "groups": [*groups],
        "keys": [{"kid": one.kid, "public": bytes(key.public).hex(), "custody": key.custody, "use": key.use}],
    }  # fmt: skip


def _waiting(name: str, role: Role) -> Somebody:
    row = person(f"{name}@gov.test", role, None)
    key, private = planted_key(row, since=None)
    return Somebody(row, key.kid, private, role)


def put_in_force(policy: Policy) -> None:
    """A version of the policy, past the engine."""
    number = PolicyVersion.objects.count() + 1
    PolicyVersion.objects.create(
        number=number, digest=policy.digest, text=policy.to_json(), decision="planted", at=datetime.now(UTC)
    )


def _somebody(name: str, role: Role, groups: tuple[str, ...], custody: Custody) -> Somebody:
    row = person(f"{name}@gov.test", role, None)
    for group in groups:
        GroupMember.objects.create(person=row, group_id=group, created=datetime.now(UTC))
    key, private = planted_key(row, custody=custody)
    return Somebody(row, key.kid, private, role)


@contextmanager
def refused(code: str) -> Iterator[None]:
    """Refused with this code, a reason and a next step, and entered as a denial in `_system/events`."""
    before = denials()
    with pytest.raises(RequestError) as found:
        yield
    assert found.value.code == code, str(found.value)
    assert found.value.next_step
    assert denials()[len(before) :] == [code]


def denials() -> list[str]:
    """The codes of the denials that were recorded of known callers."""
    log = stream("_system", "events")
    rows = events_in(log, None, 500, EventFilter(type="console:request:denied"))
    return [str(payload_of(event(log, row.index).payload)["code"]) for row in rows]


def payload_of(raw: bytes | None) -> Any:
    """An event's payload."""
    return json.loads(raw or b"null")
