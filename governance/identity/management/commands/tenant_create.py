"""`tenant_create SLUG`: a tenant, and the namespace of the same name."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from governance.identity.actions.create_namespace import create_namespace
from governance.identity.actions.create_tenant import create_tenant
from governance.identity.management.command import IdentityCommand


class Command(IdentityCommand):
    """Create a tenant."""

    help = "Create a tenant and its first namespace; both names are used up for ever."
    example = "tenant_create acme --name 'Acme Scoring Ltd'"

    def add_arguments(self, parser: CommandParser) -> None:
        """The name that addresses it, and the name people read."""
        parser.add_argument("slug", metavar="SLUG", help="1 to 63 lower-case letters, digits and hyphens")
        parser.add_argument("--name", help="what people read; the slug unless given")

    def act(self, options: dict[str, Any]) -> dict[str, Any]:
        """Tenant and namespace stand or fall together."""
        self.founded()
        slug = options["slug"]
        with transaction.atomic():
            tenant = create_tenant(options["name"] or slug, slug, by=self.by, at=self.moment())
            namespace = create_namespace(tenant, slug, by=self.by, at=self.moment())
        return {"id": str(tenant.public_id), "slug": tenant.slug, "name": tenant.name, "namespace": namespace.name}

    def words(self, told: dict[str, Any]) -> str:
        """What exists now, and what comes next."""
        return (
            f"Tenant {told['name']} ({told['slug']}) with the namespace {told['namespace']}.\n"
            f"Next: stream_create {told['namespace']}/NAME and key_create {told['namespace']} NAME for programs,\n"
            "person_create and role_grant for people."
        )
