"""`freeze` and `thaw`: nothing is executed on the platform, or for one tenant, until it is thawed.

Guarantees that who froze does not thaw: they are concerned. A freeze does not lapse; it escalates after 72 hours.
"""

from __future__ import annotations

from governance.change.core.policy import Direction
from governance.change.errors import EffectRefused
from governance.change.models import Freeze
from governance.change.types.base import Applying, Plain
from governance.change.types.checks import scope
from ledger.core.fields import Schema, text
from ledger.core.types import JSONObject

FREEZE, THAW = "freeze", "thaw"
_TENANT = "tenant:"


class _OfScope(Plain):
    """What both share: whether a scope is frozen."""

    def subject(self, body: JSONObject) -> str:
        """One document per scope."""
        return f"freeze:{body['scope']}"

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """Whether it is frozen, and by which change."""
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
        return ["Nothing is executed until a thaw, whatever is ready."]

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """One row."""
        Freeze.objects.create(
            scope=str(body["scope"]), by=context.by.actor, reason=str(body["reason"]), decision=context.decision,
            at=context.at.now,
        )  # fmt: skip


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
