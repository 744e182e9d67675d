"""`policy.change`: other rules, judged under the stricter of those in force and those proposed (R18, I13)."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from governance.change.core.policy import Direction, Policy, proposed_beside
from governance.change.core.policy_text import policy_of
from governance.change.core.satisfiable import Staff, unmet
from governance.change.errors import EffectRefused, PolicyUnsatisfiable
from governance.change.models import PolicyVersion
from governance.change.types.base import Applying, Finding, FindingState, Plain
from governance.change.types.checks import an_object
from governance.identity.core.governed import POLICY_CHANGE
from ledger.core.fields import Schema
from ledger.core.types import JSONObject

_STATEMENT = 24_000
"""Most bytes of a policy's text: it stands in a statement three times."""


class PolicyChange(Plain):
    """The whole text is proposed, never a part of it."""

    name = POLICY_CHANGE
    words = "Change the policy"
    schema: Schema = {"policy": an_object}

    def subject(self, body: JSONObject) -> str:
        """There is one policy."""
        return "policy"

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """The policy in force; versions are appended under the record's head, so nothing needs a lock of its own."""
        row = PolicyVersion.objects.order_by("-number").first()
        if row is None:
            raise EffectRefused("There is no policy yet")
        return cast("JSONObject", row.text)

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """The proposed text in its one form."""
        proposed = policy_of(body["policy"]).to_json()
        if proposed == base:
            raise EffectRefused("This is the policy in force", path="$.policy")
        if len(str(proposed)) > _STATEMENT:
            raise EffectRefused("The policy is too long to be signed", why=f"over {_STATEMENT:,} bytes")
        return proposed

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """Whatever changes the rules is judged as if it loosened them."""
        return Direction.LOOSENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """What is open was signed under the old text."""
        return ["Every open change becomes stale: it was signed under the policy before."]

    def preflight(self, base: JSONObject, body: JSONObject) -> list[Finding]:
        """The form; whether people can meet it is checked when it is saved."""
        count = len(policy_of(body["policy"]).rules)
        return [Finding("policy_form", FindingState.PASS, f"The policy has {count:,} rules.")]

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        """The text before."""
        return {"type": self.name, "body": {"policy": base}}

    def policies(self, in_force: Policy, body: JSONObject) -> tuple[Policy, ...]:
        """Both; rules that differ are named apart."""
        return proposed_beside(in_force, policy_of(body["policy"]))

    def check(self, body: JSONObject, staff: Staff) -> None:
        """Every rule can be met by the people there are; raises PolicyUnsatisfiable."""
        check_policy(policy_of(body["policy"]), staff)

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """One version more."""
        write_version(policy_of(body["policy"]), context.decision, context.at.now)


def check_policy(policy: Policy, staff: Staff) -> None:
    """Raise PolicyUnsatisfiable, naming each rule and what is lacking."""
    found = unmet(policy.rules, staff)
    if found:
        raise PolicyUnsatisfiable(
            "The policy cannot be met by the people there are",
            why="; ".join(f"{one.rule}: {one.lacking}" for one in found),
        )


def check_still_met(after: Staff, before: Staff) -> None:
    """Raise PolicyUnsatisfiable where a rule in force can be met by the people `before` and not by those `after`."""
    row = PolicyVersion.objects.order_by("-number").first()
    rules = policy_of(row.text).rules if row is not None else ()
    lost = [one for one in unmet(rules, after) if one.rule not in {held.rule for held in unmet(rules, before)}]
    if lost:
        why = "; ".join(f"{one.rule}: {one.lacking}" for one in lost)
        raise PolicyUnsatisfiable("The policy could not be met any more", why=why)


def write_version(policy: Policy, decision: str, now: datetime) -> PolicyVersion:
    """The next version, in force from this transaction on."""
    newest = PolicyVersion.objects.order_by("-number").first()
    number = newest.number + 1 if newest is not None else 1
    return PolicyVersion.objects.create(
        number=number, digest=policy.digest, text=policy.to_json(), decision=decision, at=now
    )  # fmt: skip
