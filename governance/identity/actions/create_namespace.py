"""A new namespace: a name that is used up for ever."""

from __future__ import annotations

from dataclasses import dataclass

from governance.identity.actions.base import Action, Record
from governance.identity.core.names import is_platform_name, is_tenant_name
from governance.identity.core.principal import Principal
from governance.identity.errors import NameInvalid, NameTaken, TenantSuspended
from governance.identity.events import IdentityEvent
from governance.identity.models.namespace import Namespace
from governance.identity.models.tenant import Tenant, TenantState
from governance.identity.moment import Moment


@dataclass(frozen=True, kw_only=True)
class CreateNamespace(Action[Namespace]):
    """Without `tenant` it is one of the platform's own, with a leading underscore."""

    tenant: Tenant | None
    name: str

    def check(self) -> None:
        """Form, owner and uniqueness."""
        self.require_platform()
        fits = is_platform_name(self.name) if self.tenant is None else is_tenant_name(self.name)
        if not fits:
            raise NameInvalid("A namespace has another form", why=repr(self.name)[:80], path="$.namespace")
        if Namespace.objects.filter(name=self.name).exists():
            raise NameTaken(f"The namespace {self.name} is taken", path="$.namespace")
        self._check_tenant()

    def _check_tenant(self) -> None:
        """Under the row's lock: what restricts a tenant's namespaces names those that there are."""
        if self.tenant is None:
            return
        row = Tenant.objects.select_for_update().get(pk=self.tenant.pk)
        if row.state != TenantState.ACTIVE:
            raise TenantSuspended("The tenant takes no new namespace", why=f"it is {row.state}")

    def execute(self) -> Namespace:
        """One row that no statement can change any more."""
        return Namespace.objects.create(name=self.name, tenant=self.tenant, created=self.at.now)

    def record(self, result: Namespace) -> Record:
        """Name and owner."""
        owner = str(self.tenant.public_id) if self.tenant else None
        return Record(IdentityEvent.NAMESPACE_CREATED, result.name, {"namespace": result.name, "tenant": owner})


def create_namespace(tenant: Tenant | None, name: str, *, by: Principal, at: Moment) -> Namespace:
    """Give a tenant (or the platform) a namespace; raises NotAllowed, NameInvalid, NameTaken or TenantSuspended."""
    return CreateNamespace(tenant=tenant, name=name, by=by, at=at).run()
