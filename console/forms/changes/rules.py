"""The policy itself, and what is done without waiting."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar

from django import forms

from console.forms.changes.base import ChangeForm, json_field
from governance.change.errors import NotFounded
from governance.change.selectors.policies import policy_in_force

if TYPE_CHECKING:
    from ledger.core.types import JSONObject


class PolicyChangeForm(ChangeForm):
    """The whole text; it begins with the one in force."""

    kind: ClassVar[str] = "policy.change"
    group: ClassVar[str] = "Rules"
    hint: ClassVar[str] = "Write other rules. The change is judged under the stricter of the old and the new ones."

    policy = json_field("Policy", "The whole text. docs/governance.md has its form.", rows=24)

    def fill(self) -> None:
        """Begin with what is in force."""
        if not self.is_bound and "policy" not in self.initial:
            self.initial["policy"] = _in_force()


class DrillForm(ChangeForm):
    """An exercise that goes through everything."""

    kind: ClassVar[str] = "drill"
    group: ClassVar[str] = "Rules"
    hint: ClassVar[str] = "Nothing changes, and everybody signs as for a change that counts. Once a quarter is enough."

    exercise = forms.CharField(
        label="What is exercised", max_length=200, help_text="Such as: can two of ops sign from home?"
    )


class EmergencyForm(ChangeForm):
    """Two people at once, ratified within 72 hours or undone."""

    kind: ClassVar[str] = "emergency.apply"
    group: ClassVar[str] = "Stop and go on"
    hint: ClassVar[str] = "Apply a restricting change at once. Two people sign; it is ratified within 72 h, or undone."

    incident = forms.CharField(label="Kind of incident", max_length=64, help_text="Such as `key compromise`.")
    type = forms.ChoiceField(
        label="What is applied",
        choices=(("tenant.state", "Suspend or disable a tenant"), ("role.revoke", "Revoke a role")),
    )
    inner = json_field("Its body", "The same object as for the ordinary change.", rows=6)

    @property
    def body(self) -> JSONObject:
        """The inner body under its own name."""
        held = self.cleaned_data
        return {"incident": held["incident"], "type": held["type"], "body": held["inner"]}

    @classmethod
    def initial_of(cls, body: JSONObject) -> dict[str, object]:
        """Back into the form's own names."""
        return {**body, "inner": body["body"]}


def _in_force() -> object:
    try:
        return json.loads(json.dumps(policy_in_force().policy.to_json()))
    except NotFounded:
        return {"rules": [], "v": "countersign-governance-policy/1"}
