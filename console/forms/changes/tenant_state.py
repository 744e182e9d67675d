"""Suspend, disable or restore a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms

from console.forms.changes.base import ChangeForm, choices_of
from governance.identity.selectors.tenants import all_tenants

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.core.types import JSONObject

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

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the tenants there are."""
        super().__init__(*args, **kwargs)
        field = self.fields["tenant"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (declared above)
        field.choices = choices_of([(str(one.public_id), one.name) for one in all_tenants()], "Choose a tenant")

    def body(self, now: datetime) -> JSONObject:  # noqa: ARG002  (the same for every form)
        """As the type's schema asks."""
        return {"tenant": self.cleaned_data["tenant"], "state": self.cleaned_data["state"]}
