"""`drill`: nothing changes but the count of drills; everything that a change goes through is gone through (R19).

Guarantees that an exercise is no other way: it has an author, approvers, a lock and an executor as the policy's rule
for it says, and stands in the record like every change.
"""

from __future__ import annotations

from typing import cast

from governance.change.core.policy import Direction
from governance.change.core.states import State
from governance.change.models import Change
from governance.change.types.base import Applying, Plain
from ledger.core.fields import Schema, text
from ledger.core.types import JSONObject

DRILL = "drill"


class Drill(Plain):
    """Who cannot sign any more is found in an exercise, not in an emergency."""

    name = DRILL
    words = "Hold a drill"
    schema: Schema = {"exercise": text(200)}

    def subject(self, body: JSONObject) -> str:
        """There is one."""
        return DRILL

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """How many were held; the count is that of changes, whose steps the record's head puts in order."""
        return {"held": Change.objects.filter(type=DRILL, state=State.APPLIED).count()}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """One more."""
        return {"held": cast("int", base["held"]) + 1}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """It moves no power."""
        return Direction.NEUTRAL

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """Nothing is done: the change itself is what was held."""
