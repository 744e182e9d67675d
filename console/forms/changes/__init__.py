"""One form for each kind of change that is proposed by hand."""

from __future__ import annotations

from console.forms.changes.base import ChangeForm
from console.forms.changes.tenant_state import TenantStateForm

FORMS: tuple[type[ChangeForm], ...] = (TenantStateForm,)
"""In the order in which they are offered."""

_BY_KIND = {one.kind: one for one in FORMS}


def form_of(kind: str) -> type[ChangeForm] | None:
    """The form of a kind; None where it is proposed by other means."""
    return _BY_KIND.get(kind)
