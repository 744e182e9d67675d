"""Tenants and execution: suspend, disable, restore, freeze, thaw."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from console.forms.changes.base import ChangeForm

_STATES = (
    ("suspended", "Suspended: read and export only"),
    ("disabled", "Disabled: as if it were not there"),
    ("active", "Active: everything its people and keys may do"),
)


class TenantStateForm(ChangeForm):
    """Which tenant, and what it becomes."""

    kind: ClassVar[str] = "tenant.state"
    group: ClassVar[str] = "Tenants"
    hint: ClassVar[str] = "Stop a tenant's programs and people, or let them go on. Its evidence stays in every state."

    tenant = forms.ChoiceField(label="Tenant")
    state = forms.ChoiceField(label="It becomes", choices=_STATES, widget=forms.RadioSelect)

    def fill(self) -> None:
        """Offer the tenants there are."""
        self.offer("tenant", self.reader.tenants(), "Choose a tenant")


class _ScopeForm(ChangeForm):
    scope = forms.ChoiceField(label="Where")

    def fill(self) -> None:
        """The platform, or one tenant."""
        rows = [(f"tenant:{tenant}", f"Only {words}") for tenant, words in self.reader.tenants()]
        self.offer("scope", [("platform", "Everywhere"), *rows], "Choose where")


class FreezeForm(_ScopeForm):
    """Stop what waits to be carried out."""

    kind: ClassVar[str] = "freeze"
    group: ClassVar[str] = "Stop and go on"
    hint: ClassVar[str] = "Nothing is carried out until a thaw, whatever is ready. One signed word, at once."

    reason_shown = forms.CharField(label="Shown to everybody", max_length=500)

    @property
    def body(self) -> dict[str, Any]:
        """The words that everybody sees stand in the body."""
        return {"scope": self.cleaned_data["scope"], "reason": self.cleaned_data["reason_shown"]}

    @classmethod
    def initial_of(cls, body: dict[str, Any]) -> dict[str, object]:
        """Back into the form's own names."""
        return {"scope": body["scope"], "reason_shown": body["reason"]}


class ThawForm(_ScopeForm):
    """By others than who froze."""

    kind: ClassVar[str] = "thaw"
    group: ClassVar[str] = "Stop and go on"
    hint: ClassVar[str] = "Let waiting changes be carried out again. Whoever froze cannot approve it."
