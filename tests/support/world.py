"""A small world for tests of the doors: two tenants, their namespaces and keys, and people with second
factors.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.test import Client
from django.utils import timezone

from governance.identity.actions.create_namespace import create_namespace
from governance.identity.actions.create_person import create_person
from governance.identity.actions.create_system_key import create_system_key
from governance.identity.actions.create_tenant import create_tenant
from governance.identity.actions.enrol_totp import enrol_totp
from governance.identity.actions.grant_membership import grant_membership
from governance.identity.core.principal import Scope, machine
from governance.identity.core.roles import Role
from governance.identity.factors import ASSURANCE, VERIFIED_AT, Assurance
from governance.identity.models import Authenticator, Namespace, Person, SystemKey, Tenant
from governance.identity.moment import Moment
from ledger.selectors.streams import StreamView
from ledger.services.governed import carrying_out
from ledger.services.streams import create_stream, ensure_platform

SEED = machine("machine:tests")
BOTH = frozenset({Scope.APPEND, Scope.READ})


def moment(now: datetime | None = None) -> Moment:
    """Now, or the time that a test wants it to be."""
    return Moment(now or datetime.now(UTC), secrets.token_bytes)


def found_platform() -> None:
    """The platform's own streams, which every audited action needs."""
    ensure_platform()
    for namespace in ("_governance", "_platform", "_system"):
        create_namespace(None, namespace, by=SEED, at=moment())


@dataclass
class Place:
    """A tenant with one namespace, one stream and one key that may do everything there."""

    tenant: Tenant
    namespace: Namespace
    stream: StreamView
    key: SystemKey
    token: str

    @property
    def path(self) -> str:
        """The stream's address in the API."""
        return f"/api/v1/streams/{self.stream.namespace}/{self.stream.name}/"

    @property
    def bearer(self) -> dict[str, str]:
        """The header that presents the key."""
        return bearer(self.token)


def bearer(token: str) -> dict[str, str]:
    """An Authorization header."""
    return {"Authorization": f"Bearer {token}"}


def place(slug: str) -> Place:
    """Found a tenant with all that belongs to it."""
    tenant = create_tenant(slug.title(), slug, by=SEED, at=moment())
    namespace = create_namespace(tenant, slug, by=SEED, at=moment())
    stream = create_stream(slug, "decisions", actor=SEED.actor)
    issued = create_system_key(namespace, "pipeline", BOTH, by=SEED, at=moment())
    return Place(tenant, namespace, stream, issued.key, issued.token.reveal())


def key_with(where: Place, *scopes: Scope) -> dict[str, str]:
    """The header of a fresh key with these scopes."""
    name = "-".join(scope.value for scope in scopes)
    return bearer(create_system_key(where.namespace, name, scopes, by=SEED, at=moment()).token.reveal())


def person(email: str, role: Role | None, tenant: Tenant | None, *, decided: bool = False, **more: Any) -> Person:
    """Somebody with a second factor and one role; `decided` gives it by a change, as a founded deployment needs it."""
    found = create_person(email, email.partition("@")[0].title(), "a long pass phrase", by=SEED, at=moment())
    enrol_totp(found, secrets.token_bytes(20), by=SEED, at=moment())
    if role is not None and decided:
        with transaction.atomic(), carrying_out("planted", "role.grant"):
            grant_membership(found, tenant, role, by=SEED, at=moment(), decision="planted", **more)
    elif role is not None:
        grant_membership(found, tenant, role, by=SEED, at=moment(), **more)
    return found


def signed_in(who: Person, *, verified: bool = True, strict: bool = False) -> Client:
    """A browser in which `who` has signed in, with or without the second factor."""
    client = Client(enforce_csrf_checks=strict)
    client.force_login(who)
    if verified:
        session = client.session
        session["otp_device_id"] = Authenticator.objects.get(user=who).persistent_id
        session[VERIFIED_AT] = timezone.now().timestamp()
        session[ASSURANCE] = Assurance.TOTP.value
        session.save()
    return client
