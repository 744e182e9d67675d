"""Suspend a tenant (read and export only), disable it (as if it were not there), or make it active again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from governance.identity.actions.base import Action, Record
from governance.identity.core.governed import TENANT_STATE
from governance.identity.core.principal import Principal
from governance.identity.events import IdentityEvent
from governance.identity.models.tenant import Tenant, TenantState
from governance.identity.moment import Moment
from ledger.core.types import JSONObject


@dataclass(frozen=True, kw_only=True)
class SetTenantState(Action[Tenant]):
    """`reason` is written down."""

    governed_by: ClassVar[str | None] = TENANT_STATE

    tenant: Tenant
    state: TenantState
    reason: str

    def check(self) -> None:
        """Only the platform's operators."""
        self.require_platform()

    def execute(self) -> Tenant:
        """One column, under the row's lock."""
        row = Tenant.objects.select_for_update().get(pk=self.tenant.pk)
        row.state = self.state
        row.save(update_fields=["state"])
        return row

    def record(self, result: Tenant) -> Record:
        """State and reason."""
        facts: JSONObject = {"state": str(result.state), "reason": self.reason}
        return Record(IdentityEvent.TENANT_STATE_CHANGED, str(result.public_id), facts)


def set_tenant_state(
    tenant: Tenant, state: TenantState, reason: str, *, by: Principal, at: Moment, decision: str | None = None
) -> Tenant:
    """Change what may be done with a tenant's streams; raises NotAllowed or DecisionNeeded."""
    return SetTenantState(tenant=tenant, state=state, reason=reason, by=by, at=at, decision=decision).run()
