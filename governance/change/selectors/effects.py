"""The effect that a body would have now, and the rule it falls under: what a revision keeps and a statement shows.

Guarantees that a body is exactly of its kind's schema before anything is computed from it, and that save, submit and
execution compute the same way.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from governance.change.core.policy import Direction, Policy, Rule, strictest
from governance.change.errors import BodyMalformed
from governance.change.selectors.policies import policy_in_force
from governance.change.types.base import ChangeType
from ledger.core.fields import check_fields
from ledger.core.types import JSON, JSONObject
from ledger.errors import LeafSchema


@runtime_checkable
class JudgedBySeveral(Protocol):
    """A kind whose change falls under more than the policy in force."""

    def policies(self, in_force: Policy, body: JSONObject) -> tuple[Policy, ...]:
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


def effect_of(kind: ChangeType, body: JSONObject, *, lock: bool = False) -> Effect:
    """Compute it; raises BodyMalformed, EffectRefused, RuleMissing, NotFounded. `lock` as in `ChangeType.base`."""
    check_body(kind, body)
    base = kind.base(body, lock=lock)
    result = kind.result(base, body)
    direction = kind.direction(base, result)
    in_force = policy_in_force()
    judges = kind.policies(in_force.policy, body) if isinstance(kind, JudgedBySeveral) else (in_force.policy,)
    return Effect(
        base=base,
        result=result,
        direction=direction,
        invalidates=kind.invalidates(base, body),
        way_back=kind.way_back(base, body),
        rule=strictest([policy.rule_for(kind.name, direction) for policy in judges]),
        policy=in_force.digest,
    )


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


def second_of(moment: datetime) -> int:
    """POSIX seconds."""
    return int(moment.timestamp())


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
