"""The effect that a body would have now, and the rule it falls under: what a revision keeps and a statement shows.

Guarantees that a body is exactly of its kind's schema before anything is computed from it, and that save, submit and
execution compute the same way.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, cast, runtime_checkable

from governance.change.core.policy import Direction, Policy, Rule, strictest
from governance.change.core.policy_text import policy_of
from governance.change.core.satisfiable import Staff, unmet
from governance.change.core.states import State
from governance.change.errors import BodyMalformed
from governance.change.models import Revision
from governance.change.selectors.binding import check_policy_sense
from governance.change.selectors.people import staff
from governance.change.selectors.policies import policy_in_force
from governance.change.types.base import ChangeType, Possible
from governance.change.types.genesis import GENESIS, recovery_rule
from governance.identity.core.governed import KEY_ENROL, KEY_ROTATE, POLICY_CHANGE, ROLE_GRANT
from governance.identity.selectors.founding import founding
from ledger.core.fields import check_fields
from ledger.core.types import JSON, JSONObject
from ledger.errors import LeafSchema

RECOVERABLE = frozenset({KEY_ENROL, KEY_ROTATE, ROLE_GRANT})
"""What a recovery may do, and nothing else: let keys count and give roles."""


@runtime_checkable
class JudgedBySeveral(Protocol):
    """A kind whose change falls under more, or other, than the policy in force."""

    def policies(self, in_force: Policy | None, body: JSONObject) -> tuple[Policy, ...]:
        """Every policy under which it is judged; the strictest rule applies."""


@dataclass(frozen=True, slots=True)
class Effect:
    """Old and new document, what it means, and the rule; `policy` is the digest of the policy in force."""

    base: JSONObject
    result: JSONObject
    direction: Direction
    invalidates: list[str]
    way_back: JSONObject | None
    rule: Rule
    policy: str


def effect_of(kind: ChangeType, body: JSONObject, *, index: int, now: int) -> Effect:
    """Compute it as of record `index` and second `now`.

    Raises BodyMalformed, EffectRefused, RuleMissing, CapUnbound, PolicyUpsideDown, PolicyUnsatisfiable, NotFounded.
    """
    check_body(kind, body)
    base = kind.base(body, lock=False)
    result = kind.result(base, body)
    direction = kind.direction(base, result)
    there = staff(datetime.fromtimestamp(now, UTC), index)
    if kind.name in {GENESIS, POLICY_CHANGE}:
        check_policy_sense(policy_of(body["policy"]))
    if isinstance(kind, Possible):
        kind.check(body, there)
    in_force = policy_in_force() if kind.name != GENESIS else None
    return Effect(
        base=base,
        result=result,
        direction=direction,
        invalidates=kind.invalidates(base, body),
        way_back=kind.way_back(base, body),
        rule=_rule(kind, body, direction, there, None if in_force is None else in_force.policy),
        policy=policy_of(body["policy"]).digest if in_force is None else in_force.digest,
    )


def _rule(kind: ChangeType, body: JSONObject, direction: Direction, there: Staff, in_force: Policy | None) -> Rule:
    """The strictest rule that applies; in RECOVERY, for keys and roles alone, the one that the genesis declared."""
    judges: tuple[Policy, ...] = (in_force,) if in_force is not None else ()
    if isinstance(kind, JudgedBySeveral):
        judges = kind.policies(in_force, body)
    rule = strictest([policy.rule_for(kind.name, direction) for policy in judges])
    if kind.name in RECOVERABLE and unmet([rule], there) and (declared := genesis_body()) is not None:
        return recovery_rule(declared)
    return rule


def genesis_body() -> JSONObject | None:
    """The body of the genesis change; None where the deployment was founded by other means, or not yet."""
    found = founding()
    rows = Revision.objects.filter(change__type=GENESIS, change__state=State.APPLIED)
    row = rows.order_by("-number").first() if found is not None else None
    return cast("JSONObject", row.body) if row is not None else None


def check_body(kind: ChangeType, body: JSON) -> None:
    """Exactly the fields of the kind, text in normal form C, no fractions; raises BodyMalformed."""
    if not isinstance(body, dict):
        raise BodyMalformed("A body is an object")
    for path, value in _leaves_of(body, "$.body"):
        if isinstance(value, float):
            raise BodyMalformed("A body holds no fractions; write them as decimal strings", path=path)
        if isinstance(value, str) and ("\0" in value or not unicodedata.is_normalized("NFC", value)):
            raise BodyMalformed("Text must be in Unicode's normal form C, without U+0000", path=path)
    try:
        check_fields(body, kind.schema)
    except LeafSchema as error:
        raise BodyMalformed("The body is not that of its kind", why=str(error), path=f"$.body.{error.path}") from error


def _leaves_of(value: JSON, path: str) -> Iterator[tuple[str, JSON]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield path, name
            yield from _leaves_of(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves_of(inner, f"{path}[{place}]")
    else:
        yield path, value
