"""Suspend a tenant (read and export only), disable it (as if it were not there), or make it active again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from governance.identity.actions.base import Action, Record
from governance.identity.core.governed import TENANT_STATE
from governance.identity.core.principal import Principal
from governance.identity.events import IdentityEvent
from governance.identity.models.namespace import Namespace
from governance.identity.models.system_key import KeyState, SystemKey
from governance.identity.models.tenant import Tenant, TenantState
from governance.identity.moment import Moment
from ledger.core.types import JSONObject
from ledger.services.restrictions import Place, lift, restrict


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
        """One column, under the row's lock, and what the ledger's own rows say of its namespaces.

        Evidence stays. System keys of a disabled tenant do not come back with it: it makes new ones in their place.
        """
        row = Tenant.objects.select_for_update().get(pk=self.tenant.pk)
        before, row.state = row.state, self.state
        row.save(update_fields=["state"])
        places = [Place(one.name) for one in Namespace.objects.filter(tenant=row).order_by("name")]
        for kind in (TenantState.SUSPENDED, TenantState.DISABLED):
            self._restrict(places, kind)
        if before == TenantState.DISABLED and self.state != before:
            _end_keys(row)
        return row

    def _restrict(self, places: Sequence[Place], kind: TenantState) -> None:
        """The ledger obeys from the next group on, whatever door an event comes through."""
        if self.state == kind:
            restrict(places, kind, reason=self.reason, actor=self.by.actor, decision=self.decision)
        else:
            lift(places, kind, decision=self.decision)

    def record(self, result: Tenant) -> Record:
        """State and reason."""
        facts: JSONObject = {"state": str(result.state), "reason": self.reason}
        return Record(IdentityEvent.TENANT_STATE_CHANGED, str(result.public_id), facts)


def _end_keys(tenant: Tenant) -> None:
    rows = SystemKey.objects.filter(namespace__tenant=tenant).exclude(state=KeyState.DISABLED)
    rows.update(state=KeyState.DISABLED, previous_hash=None, previous_until=None)


def set_tenant_state(
    tenant: Tenant, state: TenantState, reason: str, *, by: Principal, at: Moment, decision: str | None = None
) -> Tenant:
    """Change what may be done with a tenant's streams; raises NotAllowed or DecisionNeeded."""
    return SetTenantState(tenant=tenant, state=state, reason=reason, by=by, at=at, decision=decision).run()
