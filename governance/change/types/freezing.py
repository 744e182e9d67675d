"""`freeze` and `thaw`: nothing is executed on the platform, or for one tenant, until it is thawed.

Guarantees that who froze does not thaw: they are concerned. A freeze does not lapse; it escalates after 72 hours.
"""

from __future__ import annotations

from governance.change.core.policy import Direction
from governance.change.errors import EffectRefused
from governance.change.models import Freeze
from governance.change.types.base import Applying, Plain
from governance.change.types.checks import scope
from governance.identity.selectors.tenants import namespaces_of
from ledger.core.fields import Schema, text
from ledger.core.types import JSONObject
from ledger.models import RestrictionKind
from ledger.services.restrictions import Place, lift, restrict
from ledger.services.restrictions import lock as lock_heads

FREEZE, THAW = "freeze", "thaw"
_TENANT = "tenant:"


class _OfScope(Plain):
    """What both share: whether a scope is frozen."""

    def subject(self, body: JSONObject) -> str:
        """One document per scope."""
        return f"freeze:{body['scope']}"

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """Whether it is frozen, and by which change."""
        if lock:
            lock_heads(_places(body))
        rows = Freeze.objects.select_for_update() if lock else Freeze.objects.all()
        row = rows.filter(scope=str(body["scope"]), lifted__isnull=True).first()
        return {"frozen": row is not None}

    def tenant(self, body: JSONObject) -> str | None:
        """Whose execution stops."""
        told = str(body["scope"])
        return told.removeprefix(_TENANT) if told.startswith(_TENANT) else None


class FreezeChange(_OfScope):
    """One signed word of somebody who decides, witnesses or runs the platform."""

    name = FREEZE
    words = "Freeze execution"
    schema: Schema = {"scope": scope, "reason": text(500)}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """Frozen."""
        if base["frozen"]:
            raise EffectRefused("It is frozen already", why=str(body["scope"]), path="$.scope")
        return {"frozen": True}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """It only restricts."""
        return Direction.TIGHTENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """What waits goes on waiting."""
        found = ["Nothing is executed until a thaw, whatever is ready."]
        if self.tenant(body) is not None:
            found.append("The tenant's streams take no event, nothing about them changes, and retention rests.")
        return found

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """One row, and what the tenant's streams obey."""
        Freeze.objects.create(
            scope=str(body["scope"]), by=context.whose, reason=str(body["reason"]), decision=context.decision,
            at=context.at.now,
        )  # fmt: skip
        reason, actor = str(body["reason"]), context.whose
        restrict(_places(body), RestrictionKind.FROZEN, reason=reason, actor=actor, decision=context.decision)


class ThawChange(_OfScope):
    """By others than who froze."""

    name = THAW
    words = "End a freeze"
    schema: Schema = {"scope": scope}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """Not frozen."""
        if not base["frozen"]:
            raise EffectRefused("It is not frozen", why=str(body["scope"]), path="$.scope")
        return {"frozen": False}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """It gives back what was stopped."""
        return Direction.LOOSENS

    def concerned(self, body: JSONObject) -> frozenset[str]:
        """Who froze."""
        rows = Freeze.objects.filter(scope=str(body["scope"]), lifted__isnull=True)
        return frozenset(rows.values_list("by", flat=True))

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """The row's end."""
        row = Freeze.objects.get(scope=str(body["scope"]), lifted__isnull=True)
        row.lifted, row.lifted_decision = context.at.now, context.decision
        row.save(update_fields=["lifted", "lifted_decision"])
        lift(_places(body), RestrictionKind.FROZEN, decision=context.decision)


def _places(body: JSONObject) -> list[Place]:
    """The tenant's namespaces; none where the platform is frozen: that stops execution, and evidence goes on."""
    told = str(body["scope"])
    return [Place(name) for name in namespaces_of(told.removeprefix(_TENANT))] if told.startswith(_TENANT) else []
