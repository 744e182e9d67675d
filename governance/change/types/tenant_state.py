"""`tenant.state`: suspend a tenant (read and export only), disable it (as if it were not there), or restore it."""

from __future__ import annotations

import uuid

from governance.change.core.policy import Direction
from governance.change.errors import EffectRefused
from governance.change.types.base import Applying, Finding, FindingState, Plain
from governance.change.types.checks import uuid_text
from governance.identity.actions.set_tenant_state import set_tenant_state
from governance.identity.core.governed import TENANT_STATE
from governance.identity.models import Namespace, SystemKey
from governance.identity.models.system_key import KeyState
from governance.identity.models.tenant import Tenant, TenantState
from ledger.core.fields import Schema, one_of
from ledger.core.types import JSONObject
from ledger.services.restrictions import Place
from ledger.services.restrictions import lock as lock_heads

_STRICTNESS = {TenantState.ACTIVE.value: 0, TenantState.SUSPENDED.value: 1, TenantState.DISABLED.value: 2}


class TenantStateChange(Plain):
    """Evidence is kept in every state; a disabled tenant's system keys open nothing until it is restored."""

    name = TENANT_STATE
    words = "Suspend, disable or restore a tenant"
    schema: Schema = {"tenant": uuid_text, "state": one_of(*_STRICTNESS)}

    def subject(self, body: JSONObject) -> str:
        """One document per tenant."""
        return f"tenant:{body['tenant']}/state"

    def base(self, body: JSONObject, *, lock: bool) -> JSONObject:
        """The state now."""
        rows = Tenant.objects.select_for_update() if lock else Tenant.objects.all()
        row = rows.filter(public_id=uuid.UUID(str(body["tenant"]))).first()
        if row is None:
            raise EffectRefused("There is no such tenant", path="$.tenant")
        if lock:
            lock_heads([Place(one.name) for one in Namespace.objects.filter(tenant=row)])
        return {"state": str(row.state)}

    def result(self, base: JSONObject, body: JSONObject) -> JSONObject:
        """The state that is asked for; raises EffectRefused where it is that already."""
        if base["state"] == body["state"]:
            raise EffectRefused("The tenant is in this state already", why=str(body["state"]), path="$.state")
        return {"state": body["state"]}

    def direction(self, base: JSONObject, result: JSONObject) -> Direction:
        """Away from active tightens."""
        before, after = _STRICTNESS[str(base["state"])], _STRICTNESS[str(result["state"])]
        return Direction.TIGHTENS if after > before else Direction.LOOSENS

    def invalidates(self, base: JSONObject, body: JSONObject) -> list[str]:
        """What the tenant's people and programs can no longer do."""
        if body["state"] == TenantState.SUSPENDED:
            return ["Nothing can be appended to the tenant's streams or changed in them."]
        if body["state"] == TenantState.DISABLED:
            return [f"The tenant's {_keys(body):,} system keys and all access of its people."]
        return []

    def preflight(self, base: JSONObject, body: JSONObject) -> list[Finding]:
        """Evidence is kept whatever the state."""
        found = "All leaves, checkpoints and receipts of the tenant stay."
        return [Finding("evidence_kept", FindingState.PASS, found)]

    def way_back(self, base: JSONObject, body: JSONObject) -> JSONObject | None:
        """The state before."""
        return {"type": self.name, "body": {"tenant": body["tenant"], "state": base["state"]}}

    def apply(self, base: JSONObject, body: JSONObject, *, context: Applying) -> None:
        """Identity's own action."""
        row = Tenant.objects.get(public_id=uuid.UUID(str(body["tenant"])))
        state = TenantState(str(body["state"]))
        set_tenant_state(
            row, state, f"change {context.decision}", by=context.by, at=context.at, decision=context.decision
        )


def _keys(body: JSONObject) -> int:
    rows = SystemKey.objects.filter(namespace__tenant__public_id=uuid.UUID(str(body["tenant"])))
    return rows.filter(state=KeyState.ACTIVE.value).count()
