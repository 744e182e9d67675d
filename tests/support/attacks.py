"""Attackers of governed change at the HTTP doors: what they send, and what has to come of it.

An attack is refused with its code, leaves no effect, and is one denial in `_system/events`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from governance.change.core.policy import Policy
from governance.change.core.verbs import Verb
from governance.change.models import Change, IssuedStatement, PolicyVersion, Word
from governance.identity.models import GroupMember, Membership, Person, PersonKey, Tenant
from ledger.core.dsse import sign_envelope
from ledger.selectors.streams import stream
from tests.support.governed import POLICY, World, denials, world
from tests.support.world import signed_in

JSON = "application/json"
LOCK_S = 3_601


@dataclass
class Answers:
    """What the attacked doors answered, in order."""

    all: list[Any] = field(default_factory=list)

    def keep(self, answer: Any) -> Any:
        """Remember one."""
        self.all.append(answer)
        return answer


@dataclass
class Doors:
    """A founded deployment behind its API, and a clock that tests move."""

    it: World
    patch: pytest.MonkeyPatch
    answers: Answers = field(default_factory=Answers)

    def wait(self, seconds: float = LOCK_S) -> None:
        """Time goes on for the server too; sessions are opened anew afterwards."""
        self.it.pass_time(seconds)
        self.patch.setattr(timezone, "now", lambda: self.it.now)

    def session(self, who: str, **more: Any) -> Client:
        """A browser in which they just gave their second factor."""
        return signed_in(self.it[who].row, **more)

    def post(self, who: str | Client, address: str, body: Any, kind: str = JSON, **more: Any) -> Any:
        """A call of somebody's browser; `body` is JSON, or bytes as they are."""
        client = self.session(who) if isinstance(who, str) else who
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.answers.keep(client.post(f"/api/v1/{address}", data, kind, **more))

    def get(self, who: str | Client, address: str, **more: Any) -> Any:
        """Likewise."""
        client = self.session(who) if isinstance(who, str) else who
        return self.answers.keep(client.get(f"/api/v1/{address}", **more))

    def statement(self, who: str, row: Change, verb: Verb) -> dict[str, Any]:
        """What the API gives them to sign."""
        address = f"changes/{row.key}/statement/?verb={verb.value}&key={self.it[who].kid}"
        answer = self.session(who).get(f"/api/v1/{address}")
        assert answer.status_code == 200, answer.content
        return dict(answer.json())

    def envelope(self, who: str, row: Change, verb: Verb) -> dict[str, Any]:
        """The statement, signed."""
        told, one = self.statement(who, row, verb), self.it[who]
        raw = base64.b64decode(told["statement"])
        made = sign_envelope(told["payload_type"], raw, one.kid, lambda data: one.private.sign(data).signature)
        return dict(json.loads(made.to_bytes()))

    def hand_in(self, who: str | Client, row: Change, envelope: Any, **more: Any) -> Any:
        """Post a word."""
        return self.post(who, f"changes/{row.key}/decisions/", {"envelope": envelope, **more})

    def say(self, who: str, row: Change, verb: Verb) -> Any:
        """Ask, sign and hand in."""
        return self.hand_in(who, row, self.envelope(who, row, verb))

    def done(self, answer: Any) -> Any:
        """Its JSON, where it was taken."""
        assert answer.status_code in {200, 201}, answer.content
        return answer.json()

    def in_review(self, **more: Any) -> Change:
        """A submitted suspension of acme by ada, over HTTP."""
        body = {"type": "tenant.state", "body": {**self.it.suspend, **more}, "reason": "Agreed on Monday."}
        made = self.done(self.post("ada", "changes/", body))
        self.done(self.post("ada", f"changes/{made['id']}/submit/", {"revision": 1}))
        return Change.objects.get(public_id=made["id"])

    def approved(self, row: Change, *who: str) -> Change:
        """Approved by these, or by ben and cyd."""
        for one in who or ("ben", "cyd"):
            self.done(self.say(one, row, Verb.APPROVE))
        row.refresh_from_db()
        return row

    @contextmanager
    def attack(
        self, code: str, status: int, *, times: int = 1, moves: bool = False, summed: bool = False
    ) -> Iterator[None]:
        """The last `times` answers of the block are refusals with this code; nothing else changed.

        `moves`: the refusal found that the change had expired, gone stale or lost its quorum, and recorded that step.
        `summed`: refused before anybody was known; such denials are summed per minute.
        """
        before, said = effects(), len(denials())
        self.answers.all.clear()
        yield
        found = self.answers.all[-times:]
        told = [(one.status_code, one.json()["code"]) for one in found]
        assert told == [(status, code)] * times, [one.content for one in found]
        assert all(one.json()["next"] for one in found)
        assert denials()[said:] == ([] if summed else [code] * times), denials()[said:]
        after = effects()
        unmoved = before.keys() - ({"size", "changes", "answered"} if moves else set())
        assert {name: after[name] for name in unmoved} == {name: before[name] for name in unmoved}, (before, after)


def effects() -> dict[str, Any]:
    """Everything that an attack could have moved."""
    return {
        "size": stream("_governance", "changes").size,
        "changes": list(Change.objects.order_by("pk").values_list("pk", "state", "revision", "ready_at")),
        "words": Word.objects.count(),
        "answered": IssuedStatement.objects.filter(consumed__isnull=False).count(),
        "policies": PolicyVersion.objects.count(),
        "tenants": list(Tenant.objects.order_by("pk").values_list("pk", "state")),
        "keys": list(PersonKey.objects.order_by("pk").values_list("pk", "state", "public")),
        "roles": list(Membership.objects.order_by("pk").values_list("pk", "role", "revoked")),
        "places": list(GroupMember.objects.order_by("pk").values_list("pk", "revoked")),
        "people": list(Person.objects.order_by("pk").values_list("pk", "is_active")),
    }


def doors(patch: pytest.MonkeyPatch, policy: Policy = POLICY) -> Doors:
    """A deployment past its founding."""
    return Doors(world(policy), patch)
