"""A new tenant."""

from __future__ import annotations

from dataclasses import dataclass

from governance.identity.actions.base import Action, Record
from governance.identity.core.names import is_tenant_name
from governance.identity.core.principal import Principal
from governance.identity.errors import NameInvalid, NameTaken
from governance.identity.events import IdentityEvent
from governance.identity.models.tenant import Tenant
from governance.identity.moment import Moment


@dataclass(frozen=True, kw_only=True)
class CreateTenant(Action[Tenant]):
    """`slug` is for addresses, `name` for people."""

    name: str
    slug: str

    def check(self) -> None:
        """Form and uniqueness of the slug."""
        self.require_platform()
        if not is_tenant_name(self.slug):
            raise NameInvalid("A tenant's slug has another form", why=repr(self.slug)[:80], path="$.slug")
        if not self.name.strip():
            raise NameInvalid("A tenant needs a name", path="$.name", next_step="Give it a name that people know.")
        if Tenant.objects.filter(slug=self.slug).exists():
            raise NameTaken(f"There is a tenant {self.slug}", path="$.slug")

    def execute(self) -> Tenant:
        """One row."""
        return Tenant.objects.create(
            public_id=self.at.new_id(), name=self.name.strip(), slug=self.slug, created=self.at.now
        )

    def record(self, result: Tenant) -> Record:
        """The slug is public; the name stays here."""
        return Record(IdentityEvent.TENANT_CREATED, str(result.public_id), {"slug": result.slug})


def create_tenant(name: str, slug: str, *, by: Principal, at: Moment) -> Tenant:
    """Create a tenant; raises NotAllowed, NameInvalid or NameTaken."""
    return CreateTenant(name=name, slug=slug, by=by, at=at).run()
