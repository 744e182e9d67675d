"""`emergency.apply`: one of a few restricting changes, applied at once by two people and ratified later, or undone.

Guarantees that only what tightens and has a way back may be applied so, and nothing that would leave the policy to
nobody: what the change inside asks of the people there are is asked when it is drafted, declared and applied.
"""

from __future__ import annotations

from typing import ClassVar, cast

from governance.change.core.policy import Direction
from governance.change.core.satisfiable import Staff
from governance.change.errors import EffectRefused, NotForEmergencies
from governance.change.types.base import Applying, ChangeType, Finding, Possible
from governance.change.types.checks import an_object
from governance.change.types.reliance import ReliancePause
from governance.change.types.role_change import RoleRevoke
from governance.change.types.tenant_state import TenantStateChange
from ledger.core.fields import Schema, check_fields, text
from ledger.core.types import JSONObject
from ledger.errors import LeafSchema

EMERGENCY = "emergency.apply"
_KINDS: dict[str, ChangeType] = {one.name: one for one in (TenantStateChange(), RoleRevoke(), ReliancePause())}
"""What may be done without waiting: a closed list."""


class EmergencyApply:
    """The change inside answers for its effect."""

    name = EMERGENCY
    words = "Apply in an emergency"
    schema: Schema = {"incident": text(64), "type": text(64), "body": an_object}
    numbers: ClassVar[frozenset[str]] = frozenset()

    def subject(self, body: JSONObject) -> str:
        """The document of the change inside."""
        return _inner(body).subject(_body(body))

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """The same."""
        return _inner(body).base(_body(body), lock=lock)

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """The same, as long as it only takes power."""
        kind = _inner(body)
        result = kind.result(base, _body(body))
        if kind.direction(base, result) is not Direction.TIGHTENS or kind.way_back(base, _body(body)) is None:
            raise NotForEmergencies("Only what restricts, and can be undone, is applied in an emergency", why=kind.name)
        return result

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """It only restricts."""
        return Direction.TIGHTENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """What the change inside invalidates."""
        return _inner(body).invalidates(base, _body(body))

    def preflight(self, base: JSONObject, body: JSONObject) -> list[Finding]:
        """That of the change inside."""
        return _inner(body).preflight(base, _body(body))

    def concerned(self, body: JSONObject) -> frozenset[str]:
        """Whom the change inside concerns."""
        return _inner(body).concerned(_body(body))

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        """How it is undone where nobody ratifies it."""
        return _inner(body).way_back(base, _body(body))

    def tenant(self, body: JSONObject) -> str | None:
        """That of the change inside."""
        return _inner(body).tenant(_body(body))

    def check(self, body: JSONObject, staff: Staff) -> None:
        """The change inside is possible with the people there are; raises PolicyUnsatisfiable."""
        kind = _inner(body)
        if isinstance(kind, Possible):
            kind.check(_body(body), staff)

    def does(self, body: JSONObject) -> tuple[str, ...]:
        """What the change inside does."""
        return (_inner(body).name,)

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """Apply the change inside."""
        _inner(body).apply(base, _body(body), context=context)


def _inner(body: JSONObject) -> ChangeType:
    kind = _KINDS.get(str(body["type"]))
    if kind is None:
        raise NotForEmergencies("This kind is not applied in an emergency", why=str(body["type"])[:64], path="$.type")
    try:
        check_fields(_body(body), kind.schema)
    except LeafSchema as error:
        raise EffectRefused(
            "The body inside is not that of its kind", why=str(error), path=f"$.body.{error.path}"
        ) from error
    return kind


def _body(body: JSONObject) -> JSONObject:
    return cast("JSONObject", body["body"])
